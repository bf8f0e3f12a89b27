//! What a user says of himself, its lock, and who is reserved for a call.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use jackfield_domain::{
    Field, Patch, Presence, PresencePatch, RESERVATION, Rule, Violations,
    capability::ManageUsers,
    key_right::{ManageUsers as Cud, ReserveUsers},
};
use jackfield_edge::{Input, Whole};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Fields, Keyed, Reply, at,
    envelope::{Done, One},
    who::{Who, WhoOrAddress},
};

/// The ids of the statuses. The vendor publishes none; `docs/dialects/omnidesk.md` shows this table.
const STATUSES: [(i64, Presence); 5] = [
    (1, Presence::Available),
    (2, Presence::Away),
    (3, Presence::Lunch),
    (4, Presence::BusinessTrip),
    (5, Presence::DoNotDisturb),
];

/// The id of a status.
pub(crate) const fn id(presence: Presence) -> i64 {
    match presence {
        Presence::Available => 1,
        Presence::Away => 2,
        Presence::Lunch => 3,
        Presence::BusinessTrip => 4,
        Presence::DoNotDisturb => 5,
    }
}

/// The status of an id.
fn status(input: Input<Whole>) -> Input<Presence> {
    input.convert(|Whole(id)| {
        let found = STATUSES.iter().find(|(known, _)| *known == id);
        found.map(|(_, presence)| *presence).ok_or(Rule::NotOneOf(&[
            "1 (available)",
            "2 (away)",
            "3 (lunch)",
            "4 (business trip)",
            "5 (do not disturb)",
        ]))
    })
}

/// Another status of a user.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct UpdateStatus {
    /// The user; the owner of the key when neither this nor an address is given.
    #[serde(default, rename = "userID")]
    #[schema(value_type = i64, required = false)]
    user_id: Input<Who>,
    /// His e-mail address, in place of the id. Given together, both have to name one user.
    #[serde(default, rename = "userEmailAddress")]
    #[schema(value_type = String, required = false)]
    user_email_address: Input<String>,
    /// The id of the status.
    #[serde(default, rename = "statusID")]
    #[schema(value_type = i64, required = true, minimum = 1, maximum = 5)]
    status_id: Input<Whole>,
    /// Read and not used.
    #[serde(default, rename = "lastInternalCallID")]
    #[schema(value_type = i64, required = false)]
    last_internal_call_id: Input<Whole>,
    /// Read and not used.
    #[serde(default, rename = "browserRequestTime")]
    #[schema(value_type = i64, required = false)]
    browser_request_time: Input<Whole>,
}

/// Update a user's status
///
/// A status that is locked stays as it is.
#[utoipa::path(
    post, path = "/user/updateStatus", tag = "status", request_body = UpdateStatus,
    responses((status = 200, body = Done))
)]
pub(crate) async fn update(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<UpdateStatus>,
) -> Reply<Json<Done>> {
    let mut found = Violations::new();
    let body = body.0;
    let who = WhoOrAddress::read(body.user_id, body.user_email_address, &mut found);
    let presence = status(body.status_id).required(&mut found, at("statusID"));
    body.last_internal_call_id
        .optional(&mut found, at("lastInternalCallID"));
    body.browser_request_time
        .optional(&mut found, at("browserRequestTime"));
    found.finish()?;
    let owner = who.owner(&key, &directory).await?;
    let patch = PresencePatch {
        presence: presence.into(),
        note: Patch::Keep,
    };
    directory.set_presence(&owner, patch).await?;
    Ok(Done::say("Status updated."))
}

/// A status to be locked.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct LockStatus {
    /// The user; the owner of the key when it is left out.
    #[serde(default, rename = "userID")]
    #[schema(value_type = i64, required = false)]
    user_id: Input<Who>,
    /// The id of the status.
    #[serde(default)]
    #[schema(value_type = i64, required = true, minimum = 1, maximum = 5)]
    status: Input<Whole>,
}

/// Set a user's status and lock it
///
/// From then on nobody changes it, through whatever dialect, but by locking another one or taking the lock off.
#[utoipa::path(
    post, path = "/user/statusLock", tag = "status", request_body = LockStatus,
    responses((status = 200, body = Done))
)]
pub(crate) async fn lock(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<LockStatus>,
) -> Reply<Json<Done>> {
    let mut found = Violations::new();
    let who = Who::read(body.0.user_id, &mut found);
    let presence = status(body.0.status).required(&mut found, Field::Status);
    found.finish()?;
    let grant = key.grant::<ManageUsers>()?;
    directory
        .lock_presence(&grant, who.id(&key)?, presence.unwrap_or_default())
        .await?;
    Ok(Done::say("Status locked."))
}

/// A lock to be taken off.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct UnlockStatus {
    /// The user; the owner of the key when it is left out.
    #[serde(default, rename = "userID")]
    #[schema(value_type = i64, required = false)]
    user_id: Input<Who>,
}

/// Take the lock off a user's status
///
/// The status stays until somebody changes it.
#[utoipa::path(
    post, path = "/user/statusLockDelete", tag = "status", request_body = UnlockStatus,
    responses((status = 200, body = Done))
)]
pub(crate) async fn unlock(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<UnlockStatus>,
) -> Reply<Json<Done>> {
    let mut found = Violations::new();
    let who = Who::read(body.0.user_id, &mut found);
    found.finish()?;
    let grant = key.grant::<ManageUsers>()?;
    directory.unlock_presence(&grant, who.id(&key)?).await?;
    Ok(Done::say("Status lock deleted."))
}

/// Who is wanted for a call or chat.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct ReserveUser {
    /// The user; the owner of the key when neither this nor an address is given.
    #[serde(default, rename = "userID")]
    #[schema(value_type = i64, required = false)]
    user_id: Input<Who>,
    /// His e-mail address, in place of the id.
    #[serde(default, rename = "userEmailAddress")]
    #[schema(value_type = String, required = false)]
    user_email_address: Input<String>,
    /// The channel that he is reserved for: 8 is the vendor's live chat.
    #[serde(default, rename = "channelID")]
    #[schema(value_type = i64, required = false, minimum = 0)]
    channel_id: Input<Whole>,
}

/// A user who is reserved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reserved {
    /// His id.
    #[serde(rename = "userID")]
    #[schema(minimum = 100_000)]
    user_id: i64,
    /// For which channel, when one was named.
    #[serde(rename = "channelID", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    channel_id: Option<i64>,
    /// For how many seconds, unless a call reaches him before.
    #[schema(minimum = 1)]
    seconds: u64,
}

/// Reserve a user for a live channel
///
/// Who is available and in no call is kept free for 30 seconds, or until the telephone system reports a call that reaches him.
/// Nobody else can reserve him meanwhile.
#[utoipa::path(
    post, path = "/user/reserveUserForLiveChannel", tag = "status", request_body = ReserveUser,
    responses((status = 200, body = One<Reserved>))
)]
pub(crate) async fn reserve(
    key: Keyed<ReserveUsers>,
    State(directory): State<Directory>,
    body: Fields<ReserveUser>,
) -> Reply<Json<One<Reserved>>> {
    let mut found = Violations::new();
    let body = body.0;
    let who = WhoOrAddress::read(body.user_id, body.user_email_address, &mut found);
    let channel = body.channel_id.optional(&mut found, Field::Channel);
    found.finish()?;
    let owner = who.owner(&key, &directory).await?;
    let reserved = directory
        .reserve(&owner, channel.map(|Whole(channel)| channel))
        .await?;
    Ok(One::of(Reserved {
        user_id: reserved.user.get(),
        channel_id: reserved.channel,
        seconds: RESERVATION.as_secs(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_one_id() {
        for presence in Presence::ALL {
            assert_eq!(
                status(Input::Value(Whole(id(*presence)))),
                Input::Value(*presence)
            );
        }
        assert_eq!(STATUSES.len(), Presence::ALL.len());
        for other in [0, 6, -1] {
            assert!(
                matches!(status(Input::Value(Whole(other))), Input::Wrong(_)),
                "{other}"
            );
        }
    }

    #[test]
    fn the_page_shows_the_table() {
        const PAGE: &str = include_str!("../../../docs/dialects/omnidesk.md");
        for (id, presence) in STATUSES {
            let row = format!("| {id} | {} |", presence.word().replace('_', " "));
            assert!(PAGE.contains(&row), "{row}");
        }
    }
}
