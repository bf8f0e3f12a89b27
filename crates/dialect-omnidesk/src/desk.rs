//! How a user's desk is set up, one setting at a time.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use jackfield_domain::{
    DeskChange, Field, Result, Violations,
    key_right::{ManageUsers as Cud, SetIncognito},
};
use jackfield_edge::{Flag, Input, Whole};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    Asked, Fields, Keyed, Reply, at,
    envelope::{Done, Many},
    patterns,
    users::page,
    who::Who,
};

/// The most views of one answer.
const MOST: i64 = 9999;

/// Which views of which user.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ViewsOfUser {
    /// The user; the owner of the key when it is left out or `UID`.
    #[serde(rename = "userID")]
    #[param(rename = "userID", value_type = i64, required = false)]
    user_id: Input<Who>,
    /// Part of the number of a view. All views, when it is left out or empty.
    #[param(value_type = String, required = false)]
    query: Input<String>,
    /// How many views to leave out at the start; 0 when it is left out.
    #[serde(rename = "itemStart")]
    #[param(rename = "itemStart", value_type = i64, required = false, minimum = 0)]
    item_start: Input<Whole>,
    /// How many to give at most; 15 when it is left out.
    #[serde(rename = "itemLimit")]
    #[param(rename = "itemLimit", value_type = i64, required = false, minimum = 1, maximum = 9999)]
    item_limit: Input<Whole>,
}

/// A view that a user has selected.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ViewLine {
    /// Its number.
    #[serde(rename = "viewID")]
    #[schema(minimum = 0)]
    view_id: i64,
}

/// List the views that a user has selected
///
/// By their numbers: which views there are and what they are called is known to the programs that select them.
#[utoipa::path(
    get, path = "/user/getUserViews", tag = "desk", params(ViewsOfUser),
    responses((status = 200, body = Many<ViewLine>))
)]
pub(crate) async fn views(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    asked: Asked<ViewsOfUser>,
) -> Reply<Json<Many<ViewLine>>> {
    let mut found = Violations::new();
    let who = Who::read(asked.0.user_id, &mut found);
    let query = patterns::VIEW_QUERY
        .check_unless_empty(asked.0.query)
        .optional(&mut found, Field::Search)
        .unwrap_or_default();
    let page = page(asked.0.item_start, asked.0.item_limit, MOST, &mut found);
    found.finish()?;
    let desk = directory.desk(&who.owner(&key)?).await?;
    let words = query.trim();
    let matching: Vec<i64> = desk
        .views
        .into_iter()
        .filter(|view| view.to_string().contains(words))
        .collect();
    let total = i64::try_from(matching.len()).unwrap_or(i64::MAX);
    let (skip, take) = (
        usize::try_from(page.skip).unwrap_or(usize::MAX),
        usize::try_from(page.take).unwrap_or(usize::MAX),
    );
    let lines = matching.into_iter().skip(skip).take(take);
    Ok(Many::of(
        lines.map(|view_id| ViewLine { view_id }).collect(),
        total,
    ))
}

/// A view to be selected, or no longer.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct SelectView {
    /// The user; the owner of the key when it is left out or `UID`.
    #[serde(default, rename = "userID")]
    #[schema(value_type = i64, required = false)]
    user_id: Input<Who>,
    /// The number of the view.
    #[serde(default, rename = "viewID")]
    #[schema(value_type = i64, required = true, minimum = 0)]
    view_id: Input<Whole>,
    /// 1 selects it, 0 no longer.
    #[serde(default, rename = "newValue")]
    #[schema(value_type = i64, required = true, minimum = 0, maximum = 1)]
    new_value: Input<Flag>,
}

/// Update the selected views of a user
#[utoipa::path(
    put, path = "/user/updateUserView", tag = "desk", request_body = SelectView,
    responses((status = 200, body = Done))
)]
pub(crate) async fn select_view(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<SelectView>,
) -> Reply<Json<Done>> {
    let mut found = Violations::new();
    let who = Who::read(body.0.user_id, &mut found);
    let view = body.0.view_id.required(&mut found, Field::View);
    let selected = body.0.new_value.required(&mut found, at("newValue"));
    found.finish()?;
    if let (Some(Whole(view)), Some(Flag(selected))) = (view, selected) {
        let change = DeskChange::View(view, selected);
        directory.change_desk(&who.owner(&key)?, change).await?;
    }
    Ok(Done::say("User view updated."))
}

/// How many chats a user holds at once.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct MaxChats {
    /// The user; the owner of the key when it is left out or `UID`.
    #[serde(default, rename = "userID")]
    #[schema(value_type = i64, required = false)]
    user_id: Input<Who>,
    /// As many at most.
    #[serde(default, rename = "maxChats")]
    #[schema(value_type = i64, required = true, minimum = 0, maximum = 99)]
    max_chats: Input<Whole>,
}

/// Update how many chats a user holds at once
#[utoipa::path(
    put, path = "/user/maxChats", tag = "desk", request_body = MaxChats, responses((status = 200, body = Done))
)]
pub(crate) async fn max_chats(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<MaxChats>,
) -> Reply<Json<Done>> {
    let mut found = Violations::new();
    let who = Who::read(body.0.user_id, &mut found);
    let chats = body.0.max_chats.required(&mut found, Field::MaxChats);
    found.finish()?;
    if let Some(Whole(chats)) = chats {
        let change = DeskChange::MaxChats(chats);
        directory.change_desk(&who.owner(&key)?, change).await?;
    }
    Ok(Done::say("Maximum chats updated."))
}

/// A switch of a user.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct Switch {
    /// The user; the owner of the key when it is left out or `UID`.
    #[serde(default, rename = "userID")]
    #[schema(value_type = i64, required = false)]
    user_id: Input<Who>,
    /// 1 turns it on, 0 off.
    #[serde(default)]
    #[schema(value_type = i64, required = true, minimum = 0, maximum = 1)]
    state: Input<Flag>,
}

impl Switch {
    fn read(self) -> Result<(Who, bool)> {
        let mut found = Violations::new();
        let who = Who::read(self.user_id, &mut found);
        let state = self.state.required(&mut found, Field::State);
        found.finish()?;
        Ok((who, state.is_some_and(|Flag(on)| on)))
    }
}

/// The operation that turns one switch of a desk on or off: its path, who may, what changes, and what is answered.
macro_rules! switch {
    ($(#[doc = $doc:literal])+ $name:ident at $path:literal by $permission:ty: $change:ident, $said:literal) => {
        $(#[doc = $doc])+
        #[utoipa::path(
            put, path = $path, tag = "desk", request_body = Switch,
            responses((status = 200, body = Done))
        )]
        pub(crate) async fn $name(
            key: Keyed<$permission>,
            State(directory): State<Directory>,
            body: Fields<Switch>,
        ) -> Reply<Json<Done>> {
            let (who, on) = body.0.read()?;
            let owner = who.owner(&key)?;
            directory.change_desk(&owner, DeskChange::$change(on)).await?;
            Ok(Done::say($said))
        }
    };
}

switch! {
    /// Turn the sound of new chat messages on or off
    chat_sound at "/user/chatSoundNewMessage" by Cud: ChatSound, "Chat sound updated."
}

switch! {
    /// Turn the notice of an assigned ticket on or off
    ticket_notice at "/user/notifyOnTicketAssignment" by Cud: TicketNotice, "Ticket assignment notification updated."
}

switch! {
    /// Turn the incognito mode on tickets on or off
    incognito at "/user/ticketIncognitoMode" by SetIncognito: Incognito, "Ticket incognito mode updated."
}

switch! {
    /// Turn the automatic answering of calls on or off
    auto_answer at "/user/callsAutoAnswer" by Cud: AutoAnswer, "Automatic answering updated."
}

/// The state of a user in a campaign.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CampaignState {
    /// The user; the owner of the key when it is left out or `UID`.
    #[serde(default, rename = "userID")]
    #[schema(value_type = i64, required = false)]
    user_id: Input<Who>,
    /// The name of the campaign.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
    campaign: Input<String>,
    /// 1 makes him active, 0 inactive.
    #[serde(default)]
    #[schema(value_type = i64, required = true, minimum = 0, maximum = 1)]
    state: Input<Flag>,
}

/// Make a user active or inactive in a campaign
#[utoipa::path(
    post, path = "/user/userCampaignState", tag = "desk", request_body = CampaignState,
    responses((status = 200, body = Done))
)]
pub(crate) async fn campaign_state(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<CampaignState>,
) -> Reply<Json<Done>> {
    let mut found = Violations::new();
    let who = Who::read(body.0.user_id, &mut found);
    let campaign = patterns::CAMPAIGN
        .check(body.0.campaign)
        .required(&mut found, Field::Campaign);
    let state = body.0.state.required(&mut found, Field::State);
    found.finish()?;
    if let (Some(campaign), Some(Flag(active))) = (campaign, state) {
        let change = DeskChange::Campaign(campaign, active);
        directory.change_desk(&who.owner(&key)?, change).await?;
    }
    Ok(Done::say("Campaign state updated."))
}

/// A tab to be shown anew.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct RefreshTab {
    /// The name of the tab.
    #[serde(default, rename = "tabID")]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
    tab_id: Input<String>,
}

/// Have a tab shown anew
///
/// In the consoles that the owner of the key has open now. Nothing is kept for those that he opens later.
#[utoipa::path(
    post, path = "/user/refreshTab", tag = "desk", request_body = RefreshTab, responses((status = 200, body = Done))
)]
pub(crate) async fn refresh_tab(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<RefreshTab>,
) -> Reply<Json<Done>> {
    let mut found = Violations::new();
    let tab = patterns::TAB
        .check(body.0.tab_id)
        .required(&mut found, Field::Tab);
    found.finish()?;
    directory
        .refresh_tab(&key.own()?, &tab.unwrap_or_default())
        .await?;
    Ok(Done::say("Tab refresh sent."))
}
