//! The statistics on a user's desk.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use jackfield_domain::{DeskChange, Field, Rule, Statistic, Violations, key_right::ManageUsers as Cud};
use jackfield_edge::Input;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{Fields, Keyed, Reply, at, envelope::Done, patterns, who::Who};

/// A statistic of a user.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct OneStatistic {
    /// The user; the owner of the key when it is left out or `UID`.
    #[serde(default, rename = "userID")]
    #[schema(value_type = i64, required = false)]
    user_id: Input<Who>,
    /// Its name: letters and `_`.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
    statistic: Input<String>,
    /// What it is narrowed to: letters and digits.
    #[serde(default, rename = "statisticPrimaryOption")]
    #[schema(value_type = String, required = false, max_length = 64)]
    primary_option: Input<String>,
    /// The same by the name that the vendor gives it where a statistic is added.
    #[serde(default, rename = "statisticOption")]
    #[schema(value_type = String, required = false, max_length = 64)]
    option: Input<String>,
    /// What it is narrowed to besides.
    #[serde(default, rename = "statisticSecondaryOption")]
    #[schema(value_type = String, required = false, max_length = 64)]
    secondary_option: Input<String>,
    /// `watch` or `unwatch`; only where that is asked for.
    #[serde(default, rename = "watchToggle")]
    #[schema(value_type = String, required = false, pattern = "^(un)?watch$")]
    watch_toggle: Input<String>,
}

impl OneStatistic {
    /// The user, the statistic, and whether it is to be watched.
    fn read(self, found: &mut Violations) -> (Who, Statistic, Input<bool>) {
        let option = match (self.primary_option, self.option) {
            (option, Input::Absent) | (Input::Absent, option) => option,
            _ => Input::Wrong(Rule::Repeated),
        };
        let who = Who::read(self.user_id, found);
        let name = patterns::STATISTIC.check(self.statistic);
        let option = patterns::STATISTIC_OPTION.check_unless_empty(option);
        let secondary = patterns::STATISTIC_OPTION.check_unless_empty(self.secondary_option);
        let statistic = Statistic {
            name: name.required(found, Field::Statistic).unwrap_or_default(),
            option: option.optional(found, Field::StatisticOption).unwrap_or_default(),
            secondary_option: secondary
                .optional(found, Field::StatisticSecondaryOption)
                .unwrap_or_default(),
        };
        let watched = self.watch_toggle.word(&["watch", "unwatch"], |word| match word {
            "watch" => Some(true),
            "unwatch" => Some(false),
            _ => None,
        });
        (who, statistic, watched)
    }
}

/// Add a statistic to a user's desk
///
/// It is not watched yet. One that is there already stays as it is.
#[utoipa::path(
    post, path = "/user/userStatistic", tag = "statistics", request_body = OneStatistic,
    responses((status = 200, body = Done))
)]
pub(crate) async fn add(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<OneStatistic>,
) -> Reply<Json<Done>> {
    let mut found = Violations::new();
    let (who, statistic, _) = body.0.read(&mut found);
    found.finish()?;
    let change = DeskChange::AddStatistic(statistic);
    directory.change_desk(&who.owner(&key)?, change).await?;
    Ok(Done::say("Statistic added."))
}

/// Delete a statistic from a user's desk
#[utoipa::path(
    delete, path = "/user/userStatistic", tag = "statistics", request_body = OneStatistic,
    responses((status = 200, body = Done))
)]
pub(crate) async fn remove(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<OneStatistic>,
) -> Reply<Json<Done>> {
    let mut found = Violations::new();
    let (who, statistic, _) = body.0.read(&mut found);
    found.finish()?;
    let change = DeskChange::RemoveStatistic(statistic);
    directory.change_desk(&who.owner(&key)?, change).await?;
    Ok(Done::say("Statistic deleted."))
}

/// Watch a statistic on a user's desk, or no longer
#[utoipa::path(
    put, path = "/user/watch", tag = "statistics", request_body = OneStatistic,
    responses((status = 200, body = Done))
)]
pub(crate) async fn watch(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<OneStatistic>,
) -> Reply<Json<Done>> {
    let mut found = Violations::new();
    let (who, statistic, watched) = body.0.read(&mut found);
    let watched = watched.required(&mut found, at("watchToggle"));
    found.finish()?;
    let change = DeskChange::Watch(statistic, watched.unwrap_or_default());
    directory.change_desk(&who.owner(&key)?, change).await?;
    Ok(Done::say("Statistic updated."))
}
