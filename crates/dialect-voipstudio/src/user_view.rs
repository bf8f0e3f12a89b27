//! How users look in answers.

use bytes::Bytes;
use jackfield_directory::TenantFacts;
use jackfield_domain::{
    BuiltInRole, Error, Group, GroupMember, Result, TenantId, User, UserSummary, split_name,
};
use jackfield_edge::write_moment;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{audio::Audio, envelope::One, listing};

/// What rows may show of other records.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct WithGroups {
    /// `groups`: each user with the groups that he is in.
    include: Option<String>,
    /// Which fields the groups have: `id`, `name`, `color`, with commas between them. All, when it is left out.
    #[serde(rename = "fields[groups]")]
    #[param(rename = "fields[groups]")]
    fields: Option<String>,
}

impl WithGroups {
    /// Whether groups are asked for.
    pub(crate) fn wanted(&self) -> bool {
        listing::names(self.include.as_deref(), "groups")
    }

    /// A group with those of its fields that are asked for.
    pub(crate) fn narrow(&self, group: &Group) -> GroupOfUser {
        let shown = |name| self.fields.is_none() || listing::names(self.fields.as_deref(), name);
        GroupOfUser {
            id: shown("id").then(|| group.id.get()),
            color: shown("color").then(|| group.color.clone()),
            name: shown("name").then(|| group.name.clone()),
        }
    }
}

/// A group of a user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupOfUser {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    id: Option<i64>,
    /// Its colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    color: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    name: Option<String>,
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserAnswer {
    /// His id.
    #[schema(example = 100_001)]
    pub(crate) id: i64,
    /// Whether he may sign in.
    active: bool,
    /// When he was made, in UTC.
    #[schema(example = "2026-03-02 08:00:00")]
    created_at: String,
    /// The id of his tenant.
    customer: i64,
    /// His address; empty when he has none.
    email: String,
    /// His first name, split off the name that people see.
    first_name: String,
    /// Whether he is the first that the tenant ever had.
    is_initial: bool,
    /// Whether he administers the tenant.
    is_root: bool,
    /// His last name, split off the name that people see.
    last_name: String,
    /// The name of his role.
    roles: String,
    /// 1 when a password alone does not open a session, else 0.
    #[schema(minimum = 0, maximum = 1)]
    two_factor_auth: u8,
    /// Always empty: which pages somebody has looked at is not kept.
    visited_apps: &'static str,
    /// The number of his extension; empty without one.
    ext: String,
    /// Whether he wants not to be disturbed.
    dnd: bool,
    /// Where he works; left out when that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    location_id: Option<i64>,
    /// The groups that he is in, when they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<GroupOfUser>, required = false)]
    pub(crate) groups: Option<Vec<GroupOfUser>>,
    /// The greeting that callers hear, where it is asked for and not the built-in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Audio, required = false)]
    pub(crate) audio: Option<Audio>,
}

impl UserAnswer {
    /// A line of a list as it is answered.
    pub(crate) fn of_line(user: UserSummary, tenant: TenantId, facts: &TenantFacts) -> Self {
        let (first_name, last_name) = split_name(&user.display_name);
        Self {
            id: user.id.get(),
            active: user.enabled,
            created_at: write_moment(user.created_at),
            customer: tenant.get(),
            email: user.email,
            first_name,
            is_initial: user.initial,
            is_root: is_root(&user.role),
            last_name,
            roles: user.role,
            two_factor_auth: u8::from(facts.demands_code),
            visited_apps: "",
            ext: user.extension_number.unwrap_or_default(),
            dnd: user.dnd,
            location_id: user.location,
            groups: None,
            audio: None,
        }
    }

    /// A user as he is answered.
    pub(crate) fn of(user: &User, facts: &TenantFacts) -> Self {
        let (first_name, last_name) = split_name(&user.display_name);
        Self {
            id: user.id.get(),
            active: user.enabled,
            created_at: write_moment(user.created_at),
            customer: user.tenant.get(),
            email: user.email.clone(),
            first_name,
            is_initial: user.initial,
            is_root: is_root(&user.role),
            last_name,
            roles: user.role.clone(),
            two_factor_auth: u8::from(facts.demands_code),
            visited_apps: "",
            ext: user.extension_number.clone().unwrap_or_default(),
            dnd: user.dnd,
            location_id: user.location,
            groups: None,
            audio: None,
        }
    }

    /// The finished answer for one user.
    ///
    /// # Errors
    /// `Internal`, which does not happen.
    pub(crate) fn finished(user: &User, facts: &TenantFacts) -> Result<Bytes> {
        serde_json::to_vec(&One::<Self>::of(Self::of(user, facts)))
            .map(Into::into)
            .map_err(Error::internal)
    }
}

/// Whether a role is that of administrators of everything, as the vendor's root user is.
pub(crate) fn is_root(role: &str) -> bool {
    role == BuiltInRole::Admin.name() || role == BuiltInRole::SystemAdmin.name()
}

/// What groups may show of their members.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct WithUsers {
    /// `users`: each group with its members.
    include: Option<String>,
    /// Which fields the members have: `id`, `first_name`, `last_name`, `ext`, with commas between them. All, when it is
    /// left out.
    #[serde(rename = "fields[users]")]
    #[param(rename = "fields[users]")]
    fields: Option<String>,
}

impl WithUsers {
    /// Whether members are asked for.
    pub(crate) fn wanted(&self) -> bool {
        listing::names(self.include.as_deref(), "users")
    }

    /// A member with those of his fields that are asked for.
    pub(crate) fn narrow(&self, member: GroupMember) -> UserOfGroup {
        let shown = |name| self.fields.is_none() || listing::names(self.fields.as_deref(), name);
        let (first_name, last_name) = split_name(&member.display_name);
        UserOfGroup {
            id: shown("id").then(|| member.id.get()),
            first_name: shown("first_name").then_some(first_name),
            last_name: shown("last_name").then_some(last_name),
            ext: shown("ext").then(|| member.extension_number.unwrap_or_default()),
        }
    }
}

/// A member of a group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserOfGroup {
    /// His id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    id: Option<i64>,
    /// His first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    first_name: Option<String>,
    /// His last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    last_name: Option<String>,
    /// The number of his extension; empty without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    ext: Option<String>,
}
