//! The holidays of the tenant that a user keeps.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{Field, Result, Rule, Violations};
use jackfield_edge::Input;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    Body, Reply, Target,
    holidays::HolidayAnswer,
    id::{self, Created},
    page::Items,
};

/// Which holidays of the tenant a user keeps, all of them: others are kept no more.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct ChooseHolidays {
    /// Their ids. None, or no list, for none at all.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, max_items = 366)]
    items: Input<Vec<Input<String>>>,
}

impl ChooseHolidays {
    fn read(self) -> Result<Vec<i64>> {
        let mut found = Violations::new();
        let ids = self
            .items
            .entries(&mut found, Field::GlobalHolidays, |text, found, place| {
                let id = id::read(&text);
                if id.is_none() {
                    place.report(found, Rule::Form("the id of a holiday of the tenant"));
                }
                id.unwrap_or_default()
            })
            .optional(&mut found, Field::GlobalHolidays)
            .unwrap_or_default();
        found.finish()?;
        Ok(ids)
    }
}

async fn listed(directory: &Directory, target: &Target) -> Reply<Json<Items<HolidayAnswer>>> {
    let holidays = directory.chosen_holidays(target).await?;
    Ok(Json(Items {
        items: holidays.into_iter().map(Into::into).collect(),
    }))
}

async fn chosen(
    directory: &Directory,
    target: &Target,
    body: ChooseHolidays,
) -> Reply<(StatusCode, Json<Created>)> {
    let id = directory.choose_holidays(target, &body.read()?).await?;
    Ok(Created::answer(id))
}

/// List the tenant's holidays that you keep
#[utoipa::path(
    get, path = "/user/global_holidays", tag = "holidays",
    responses((status = 200, body = Items<HolidayAnswer>))
)]
pub(crate) async fn list_own(
    target: Target,
    State(directory): State<Directory>,
) -> Reply<Json<Items<HolidayAnswer>>> {
    listed(&directory, &target).await
}

/// Choose from the tenant's holidays
///
/// The list takes the place of the one before. The answer names your choice; the id stays the same.
#[utoipa::path(
    post, path = "/user/global_holidays", tag = "holidays",
    request_body = ChooseHolidays, responses((status = 201, body = Created))
)]
pub(crate) async fn choose_own(
    target: Target,
    State(directory): State<Directory>,
    body: Body<ChooseHolidays>,
) -> Reply<(StatusCode, Json<Created>)> {
    chosen(&directory, &target, body.0).await
}

/// List the tenant's holidays that a user keeps
#[utoipa::path(
    get, path = "/users/{user_id}/global_holidays", tag = "holidays",
    params(("user_id" = String, Path, description = "The user's id.")),
    responses((status = 200, body = Items<HolidayAnswer>))
)]
pub(crate) async fn list_of(
    target: Target,
    State(directory): State<Directory>,
) -> Reply<Json<Items<HolidayAnswer>>> {
    listed(&directory, &target).await
}

/// Choose from the tenant's holidays for a user
///
/// The list takes the place of the one before. The answer names the user's choice; the id stays the same.
#[utoipa::path(
    post, path = "/users/{user_id}/global_holidays", tag = "holidays",
    params(("user_id" = String, Path, description = "The user's id.")),
    request_body = ChooseHolidays, responses((status = 201, body = Created))
)]
pub(crate) async fn choose_of(
    target: Target,
    State(directory): State<Directory>,
    body: Body<ChooseHolidays>,
) -> Reply<(StatusCode, Json<Created>)> {
    chosen(&directory, &target, body.0).await
}
