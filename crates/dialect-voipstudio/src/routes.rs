//! The table of paths, and nothing else.

use axum::{Router, middleware};
use jackfield_edge::{Edge, Operation};
use jackfield_edge::{Table, routes};
use utoipa::openapi::OpenApi;

use crate::{
    VoipStudio, api_tokens, audio, calls, cdrs, chat_messages, contacts, cors, customers, me, openapi,
    queue_groups, sessions, sms_threads, user_group_policies, user_groups, users,
};

/// A version of the vendor's interface. They answer alike but for `/me`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// That of the vendor's old manual.
    V1,
    /// That of the vendor's reference.
    V1_1,
    /// That of the vendor's clients.
    V1_2,
}

impl Version {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::V1, Self::V1_1, Self::V1_2];

    /// The path under which it is mounted.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::V1 => "/v1/voipstudio",
            Self::V1_1 => "/v1.1/voipstudio",
            Self::V1_2 => "/v1.2/voipstudio",
        }
    }
}

fn table(version: Version) -> Table {
    let table = Table::within(move || openapi::frame(version))
        .routes(routes!(sessions::login))
        .routes(routes!(sessions::login_with_code))
        .routes(routes!(sessions::logout))
        .routes(routes!(sessions::ping))
        .routes(routes!(api_tokens::list, api_tokens::create))
        .routes(routes!(api_tokens::destroy))
        .routes(routes!(users::list, users::place))
        .routes(routes!(users::show, users::destroy))
        .routes(routes!(audio::show, audio::reset))
        .routes(routes!(contacts::list))
        .routes(routes!(cdrs::list))
        .routes(routes!(chat_messages::list))
        .routes(routes!(calls::list))
        .routes(routes!(calls::list_all, calls::place))
        .routes(routes!(calls::hang_up))
        .routes(routes!(sms_threads::list))
        .routes(routes!(sms_threads::list_spelt_apart))
        .routes(routes!(user_groups::list, user_groups::create))
        .routes(routes!(
            user_groups::show,
            user_groups::update,
            user_groups::destroy
        ))
        .routes(routes!(user_group_policies::list, user_group_policies::create))
        .routes(routes!(
            user_group_policies::show,
            user_group_policies::update,
            user_group_policies::destroy
        ))
        .routes(routes!(queue_groups::list, queue_groups::create))
        .routes(routes!(
            queue_groups::show,
            queue_groups::update,
            queue_groups::destroy
        ))
        .routes(routes!(customers::destroy));
    match version {
        Version::V1 | Version::V1_1 => table.routes(routes!(me::list)),
        Version::V1_2 => table.routes(routes!(me::show)),
    }
}

/// A version's router, to be mounted under its [prefix](Version::prefix).
pub fn router(version: Version, edge: Edge) -> Router {
    // Outermost: what a browser asks beforehand has no token, and it reads no answer without our leave, an error no more
    // than another.
    jackfield_edge::serve::<VoipStudio>(table(version).router(), edge).layer(middleware::from_fn(cors::layer))
}

/// A version's OpenAPI document.
pub fn document(version: Version) -> OpenApi {
    let mut document = table(version).document();
    openapi::finish(&mut document);
    document
}

/// Every operation, for tests that want each of them covered. They are the same in all versions.
pub fn operations() -> Vec<Operation> {
    jackfield_edge::operations(&document(Version::V1_2))
}
