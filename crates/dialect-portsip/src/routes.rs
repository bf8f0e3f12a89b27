//! The table of paths, and nothing else.

use axum::Router;
use jackfield_edge::{Edge, Operation};
use jackfield_edge::{Table, routes};
use utoipa::openapi::OpenApi;

use crate::{
    PortSip, agents, auth, blobs, business_contacts, call_records, contacts, extension_contacts,
    external_messages, global_holidays, greetings, groups, holidays, info, login, meeting_participants,
    meetings, openapi, phones, providers, recordings, roles, speed_dials, status, teams, tenant_holidays,
    tenants, user, users,
};

fn table() -> Table {
    Table::within(openapi::frame)
        .merge(session())
        .merge(tenancy())
        .merge(people())
        .merge(belongings())
        .merge(address_books())
        .merge(calls())
        .merge(conferences())
        .merge(distribution())
}

/// Signing in and out.
fn session() -> Table {
    Table::new()
        .routes(routes!(auth::sign_in))
        .routes(routes!(auth::refresh_token))
        .routes(routes!(auth::sign_out))
        .routes(routes!(auth::user))
        .routes(routes!(auth::forget_password))
        .routes(routes!(auth::reset_password))
        .routes(routes!(auth::send_otp))
        .routes(routes!(auth::verify_otp))
        .routes(routes!(info::show))
        .routes(routes!(login::current, login::login))
        .routes(routes!(login::logout))
        .routes(routes!(login::token))
        .routes(routes!(login::revoke))
}

/// Tenants, and one's own.
fn tenancy() -> Table {
    Table::new()
        .routes(routes!(tenants::list, tenants::create))
        .routes(routes!(tenants::switch))
        .routes(routes!(tenants::show, tenants::update))
        .routes(routes!(tenants::destroy))
        .routes(routes!(tenants::own, tenants::update_own))
        .routes(routes!(tenants::password_policy, tenants::update_password_policy))
}

/// Users, what they say of themselves, their roles and groups.
fn people() -> Table {
    Table::new()
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::reset_profiles))
        .routes(routes!(users::read, users::update))
        .routes(routes!(users::destroy))
        .routes(routes!(users::set_password))
        .routes(routes!(users::set_extension_password))
        .routes(routes!(users::set_role))
        .routes(routes!(users::reset_profile))
        .routes(routes!(users::bind))
        .routes(routes!(users::unbind))
        .routes(routes!(users::balance, users::set_balance))
        .routes(routes!(user::read, user::update))
        .routes(routes!(user::change_password))
        .routes(routes!(user::change_extension_password))
        .routes(routes!(user::reset_profile))
        .routes(routes!(user::balance))
        .routes(routes!(user::outbound_caller_ids))
        .routes(routes!(status::own))
        .routes(routes!(status::of))
        .routes(routes!(status::end_registration))
        .routes(routes!(status::set_presence))
        .routes(routes!(roles::list, roles::create))
        .routes(routes!(roles::show, roles::update))
        .routes(routes!(roles::destroy))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::show, groups::update))
        .routes(routes!(groups::destroy))
        .routes(routes!(groups::members))
        .routes(routes!(groups::member, groups::add_member))
        .routes(routes!(groups::remove_member))
}

/// What users have: speed dials, phones, holidays, files and greetings.
fn belongings() -> Table {
    Table::new()
        .merge(speed_dials::own_8::routes())
        .merge(speed_dials::of_8::routes())
        .merge(speed_dials::own_100::routes())
        .merge(speed_dials::of_100::routes())
        .routes(routes!(blobs::begin))
        .routes(routes!(blobs::append))
        .routes(routes!(blobs::complete))
        .routes(routes!(blobs::status))
        .routes(routes!(blobs::destroy))
        .routes(routes!(blobs::download))
        .merge(greetings::own::routes())
        .merge(greetings::of::routes())
        .merge(phones::routes())
        .merge(holidays::own::routes())
        .merge(holidays::of::routes())
        .routes(routes!(tenant_holidays::list, tenant_holidays::create))
        .routes(routes!(tenant_holidays::show, tenant_holidays::update))
        .routes(routes!(tenant_holidays::destroy))
        .routes(routes!(global_holidays::list_own, global_holidays::choose_own))
        .routes(routes!(global_holidays::list_of, global_holidays::choose_of))
}

/// Contacts of a user, of the tenant, and the users as contacts.
fn address_books() -> Table {
    Table::new()
        .routes(routes!(contacts::list, contacts::create))
        .routes(routes!(contacts::show, contacts::update))
        .routes(routes!(contacts::destroy))
        .routes(routes!(contacts::favorite))
        .routes(routes!(contacts::unfavorite))
        .routes(routes!(contacts::follow))
        .routes(routes!(contacts::changes))
        .routes(routes!(business_contacts::list, business_contacts::create))
        .routes(routes!(business_contacts::show, business_contacts::update))
        .routes(routes!(business_contacts::destroy))
        .routes(routes!(business_contacts::favorite))
        .routes(routes!(business_contacts::unfavorite))
        .routes(routes!(business_contacts::follow))
        .routes(routes!(business_contacts::changes))
        .routes(routes!(extension_contacts::favorite))
        .routes(routes!(extension_contacts::unfavorite))
        .routes(routes!(extension_contacts::follow))
        .routes(routes!(extension_contacts::changes))
}

/// What engines have reported.
fn calls() -> Table {
    Table::new()
        .routes(routes!(call_records::list))
        .routes(routes!(call_records::show))
        .routes(routes!(call_records::follow))
        .routes(routes!(call_records::changes))
        .routes(routes!(recordings::list))
        .routes(routes!(recordings::show))
        .routes(routes!(recordings::destroy))
        .routes(routes!(external_messages::list))
        .routes(routes!(external_messages::show))
}

/// Meetings and who takes part.
fn conferences() -> Table {
    Table::new()
        .merge(meetings::routes())
        .merge(meeting_participants::routes())
}

/// Call queues, ring groups and trunks.
fn distribution() -> Table {
    Table::new()
        .merge(teams::call_queues::routes())
        .merge(teams::ring_groups::routes())
        .merge(agents::routes())
        .routes(routes!(providers::list, providers::create))
        .routes(routes!(providers::show, providers::update))
        .routes(routes!(providers::destroy))
        .routes(routes!(providers::status))
}

/// The dialect's router, to be mounted under [`PREFIX`](crate::PREFIX).
pub fn router(edge: Edge) -> Router {
    jackfield_edge::serve::<PortSip>(table().router(), edge)
}

/// The dialect's OpenAPI document.
pub fn document() -> OpenApi {
    let mut document = table().document();
    openapi::finish(&mut document);
    document
}

/// Every operation, for tests that want each of them covered.
pub fn operations() -> Vec<Operation> {
    jackfield_edge::operations(&document())
}
