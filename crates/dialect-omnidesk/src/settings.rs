//! Everything that is set for a user, in one answer.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use jackfield_domain::{DeskSettings, Statistic, Violations, key_right::ReadUsers, split_name};
use jackfield_edge::Input;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Asked, Keyed, Reply, envelope::One, status, who::Who};

/// Whose settings.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfUser {
    /// The user; the owner of the key when it is left out or `UID`.
    #[serde(rename = "userID")]
    #[param(rename = "userID", value_type = i64, required = false)]
    user_id: Input<Who>,
}

/// A statistic on a user's desk.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatisticLine {
    /// Its name.
    statistic: String,
    /// What it is narrowed to; empty for nothing.
    #[serde(rename = "statisticPrimaryOption")]
    primary_option: String,
    /// What it is narrowed to besides.
    #[serde(rename = "statisticSecondaryOption")]
    secondary_option: String,
    /// Whether the user watches it.
    watched: bool,
}

impl StatisticLine {
    fn of((statistic, watched): (Statistic, bool)) -> Self {
        Self {
            statistic: statistic.name,
            primary_option: statistic.option,
            secondary_option: statistic.secondary_option,
            watched,
        }
    }
}

/// A campaign that a user was set active or inactive in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignLine {
    /// Its name.
    campaign: String,
    /// Whether he is active in it.
    state: bool,
}

/// What is set for a user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Settings {
    /// His id.
    #[serde(rename = "userID")]
    #[schema(minimum = 100_000)]
    user_id: i64,
    /// His user name.
    name: String,
    /// His first name.
    firstname: String,
    /// His last name.
    lastname: String,
    /// His e-mail address; empty when he has none.
    email: String,
    /// His mobile number; empty when he has none.
    telephone: String,
    /// The language of his desk.
    language: String,
    /// The form of his dates.
    #[serde(rename = "dateFormat")]
    date_format: String,
    /// Whether he may sign in.
    active: bool,
    /// The ids of his groups.
    groups: Vec<i64>,
    /// The id of his status: what he says of himself.
    #[serde(rename = "statusID")]
    #[schema(minimum = 1, maximum = 5)]
    status_id: i64,
    /// Whether that is locked.
    #[serde(rename = "statusLocked")]
    status_locked: bool,
    /// Whether he wants no calls, set as a switch. It counts for more than his status.
    dnd: bool,
    /// Whether he is reserved for a call now.
    reserved: bool,
    /// How many chats he holds at once, at most.
    #[serde(rename = "maxChats")]
    #[schema(minimum = 0, maximum = 99)]
    max_chats: i64,
    /// Whether a sound announces a message in a chat.
    #[serde(rename = "chatSoundNewMessage")]
    chat_sound: bool,
    /// Whether he is told when a ticket becomes his.
    #[serde(rename = "notifyOnTicketAssignment")]
    ticket_notice: bool,
    /// Whether others do not see him look at a ticket.
    #[serde(rename = "ticketIncognitoMode")]
    incognito: bool,
    /// Whether calls are answered for him as they come.
    #[serde(rename = "callsAutoAnswer")]
    auto_answer: bool,
    /// The numbers of the views that he has selected, ascending.
    views: Vec<i64>,
    /// The statistics on his desk, by name and options.
    statistics: Vec<StatisticLine>,
    /// His campaigns, by name.
    campaigns: Vec<CampaignLine>,
}

/// Read the settings of a user
#[utoipa::path(
    get, path = "/user/settings", tag = "user", params(OfUser), responses((status = 200, body = One<Settings>))
)]
pub(crate) async fn show(
    key: Keyed<ReadUsers>,
    State(directory): State<Directory>,
    asked: Asked<OfUser>,
) -> Reply<Json<One<Settings>>> {
    let mut found = Violations::new();
    let who = Who::read(asked.0.user_id, &mut found);
    found.finish()?;
    let owner = who.owner(&key)?;
    let user = directory.user(&owner).await?;
    let groups = directory.groups_of(&owner).await?;
    let said = directory.said_presence(&owner).await?;
    let reserved = directory.reservation(&owner).await?.is_some();
    let desk: DeskSettings = directory.desk(&owner).await?;
    let (firstname, lastname) = split_name(&user.display_name);
    let campaign = |(campaign, state)| CampaignLine { campaign, state };
    Ok(One::of(Settings {
        user_id: user.id.get(),
        name: user.name,
        firstname,
        lastname,
        email: user.email,
        telephone: user.mobile_phone,
        language: desk.language,
        date_format: desk.date_format,
        active: user.enabled,
        groups: groups.iter().map(|group| group.id.get()).collect(),
        status_id: status::id(said.presence),
        status_locked: said.locked,
        dnd: user.dnd,
        reserved,
        max_chats: desk.max_chats,
        chat_sound: desk.chat_sound,
        ticket_notice: desk.ticket_notice,
        incognito: desk.incognito,
        auto_answer: desk.auto_answer,
        views: desk.views.into_iter().collect(),
        statistics: desk.statistics.into_iter().map(StatisticLine::of).collect(),
        campaigns: desk.campaigns.into_iter().map(campaign).collect(),
    }))
}
