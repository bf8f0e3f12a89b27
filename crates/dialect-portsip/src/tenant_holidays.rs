//! The holidays of the tenant. Every user reads them, because each chooses from them; who changes the tenant's settings
//! changes them.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::{Directory, Keeper};
use jackfield_domain::{Holiday, HolidayField, capability::ManageCompany};

use crate::{
    Body, Granted, Params, PathOf, Reply, Session,
    holidays::{CreateHoliday, HolidayAnswer, UpdateHoliday},
    id::{Created, PathId},
    page::{List, ListParams},
};

/// The fields by which the list can be filtered and ordered.
fn names(name: &str) -> Option<HolidayField> {
    Some(match name {
        "id" => HolidayField::Id,
        "name" => HolidayField::Name,
        "region" => HolidayField::Region,
        "consecutive" => HolidayField::Consecutive,
        "every_year" => HolidayField::EveryYear,
        "year_start" => HolidayField::YearStart,
        "year_end" => HolidayField::YearEnd,
        "month_start" => HolidayField::MonthStart,
        "month_end" => HolidayField::MonthEnd,
        "day_start" => HolidayField::DayStart,
        "day_end" => HolidayField::DayEnd,
        "hour_start" => HolidayField::HourStart,
        "hour_end" => HolidayField::HourEnd,
        "minute_start" => HolidayField::MinuteStart,
        "minute_end" => HolidayField::MinuteEnd,
        _ => return None,
    })
}

/// List the tenant's holidays
///
/// For every user of the tenant. A search looks at name and region.
#[utoipa::path(
    get, path = "/holidays", tag = "holidays", params(ListParams),
    responses((status = 200, body = List<HolidayAnswer>))
)]
pub(crate) async fn list(
    session: Session,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<List<HolidayAnswer>>> {
    let listing = directory
        .tenant_holidays(&session, &params.0.query(names)?)
        .await?;
    Ok(Json(List::of(listing)))
}

/// Add a holiday of the tenant
#[utoipa::path(
    post, path = "/holidays", tag = "holidays",
    request_body = CreateHoliday, responses((status = 201, body = Created))
)]
pub(crate) async fn create(
    grant: Granted<ManageCompany>,
    State(directory): State<Directory>,
    body: Body<CreateHoliday>,
) -> Reply<(StatusCode, Json<Created>)> {
    let keeper = Keeper::of_tenant(&grant);
    let id = directory.create_item::<Holiday>(&keeper, body.0.read()?).await?;
    Ok(Created::answer(id))
}

/// Read a holiday of the tenant
#[utoipa::path(
    get, path = "/holidays/{id}", tag = "holidays",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 200, body = HolidayAnswer))
)]
pub(crate) async fn show(
    session: Session,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<HolidayAnswer>> {
    Ok(Json(directory.tenant_holiday(&session, id.0.get()).await?.into()))
}

/// Change a holiday of the tenant
///
/// Fields that are left out stay as they are. It changes for every user who keeps it.
#[utoipa::path(
    post, path = "/holidays/{id}", tag = "holidays",
    params(("id" = String, Path, description = "Its id.")),
    request_body = UpdateHoliday, responses((status = 200))
)]
pub(crate) async fn update(
    grant: Granted<ManageCompany>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<UpdateHoliday>,
) -> Reply<()> {
    let keeper = Keeper::of_tenant(&grant);
    Ok(directory
        .update_item::<Holiday>(&keeper, id.0.get(), body.0.read()?)
        .await?)
}

/// Remove a holiday of the tenant
///
/// Nobody keeps it any more.
#[utoipa::path(
    post, path = "/holidays/{id}/destroy", tag = "holidays",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 204))
)]
pub(crate) async fn destroy(
    grant: Granted<ManageCompany>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    let keeper = Keeper::of_tenant(&grant);
    directory.remove_item::<Holiday>(&keeper, id.0.get()).await?;
    Ok(StatusCode::NO_CONTENT)
}
