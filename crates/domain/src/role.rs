//! Roles: built-in ones that every installation has, and custom ones of a tenant.

use crate::{
    Field, Patch, Permission, Permissions, Queried, RoleId, Rule, TenantId, Timestamp, ValueKind, Violations,
    limits, text::fold,
};

/// A role that exists everywhere and cannot be changed. Its name is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BuiltInRole {
    /// Runs the installation.
    SystemAdmin,
    /// A machine that replicates applications; never offered to people.
    Replicator,
    /// Sells to and manages the tenants that are assigned to him.
    Dealer,
    /// Runs a tenant.
    Admin,
    /// A telephone user who may call within the country.
    StandardUser,
    /// A telephone user who may also call abroad.
    StandardInternationalUser,
    /// Runs the call queues of a tenant and manages its users.
    QueueManager,
}

use Permission as P;

const STANDARD: Permissions = Permissions::of(&[
    P::VoicemailView,
    P::VoicemailFull,
    P::Meeting,
    P::UserCallLogView,
    P::UserCallLogFull,
    P::UserRecordingView,
    P::UserRecordingFull,
    P::DomesticCalls,
    P::InternalCalls,
]);
const INTERNATIONAL: Permissions = STANDARD.and(Permissions::of(&[P::InternationalCalls]));
const QUEUE_MANAGER: Permissions = INTERNATIONAL.and(Permissions::of(&[
    P::TrunkView,
    P::CompanyView,
    P::CompanyCallLogView,
    P::CompanyCallLogFull,
    P::CompanyRecordingView,
    P::CompanyRecordingFull,
    P::PhoneSystemView,
    P::PhoneSystemFull,
    P::Users,
    P::ReportView,
    P::ReportFull,
]));
const ADMIN: Permissions = QUEUE_MANAGER.and(Permissions::of(&[
    P::TrunkFull,
    P::CompanyFull,
    P::Roles,
    P::BillingView,
    P::BillingFull,
]));
const DEALER: Permissions = ADMIN.and(Permissions::of(&[P::SystemDealer, P::SystemTenant]));
const SYSTEM_ADMIN: Permissions = DEALER.and(Permissions::of(&[P::SystemInformation]));

impl BuiltInRole {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::SystemAdmin,
        Self::Replicator,
        Self::Dealer,
        Self::Admin,
        Self::StandardUser,
        Self::StandardInternationalUser,
        Self::QueueManager,
    ];

    /// Its name, as written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SystemAdmin => "SystemAdmin",
            Self::Replicator => "Replicator",
            Self::Dealer => "Dealer",
            Self::Admin => "Admin",
            Self::StandardUser => "StandardUser",
            Self::StandardInternationalUser => "StandardInternationalUser",
            Self::QueueManager => "QueueManager",
        }
    }

    /// One sentence for people.
    pub const fn description(self) -> &'static str {
        match self {
            Self::SystemAdmin => "Runs the whole installation and every tenant in it.",
            Self::Replicator => "For machines that replicate applications; not for people.",
            Self::Dealer => "Manages the tenants assigned to him.",
            Self::Admin => "Runs one tenant: its settings, users, telephony, reports and billing.",
            Self::StandardUser => "Uses the telephone within the country, and his own data.",
            Self::StandardInternationalUser => "Uses the telephone, abroad too, and his own data.",
            Self::QueueManager => "Runs call queues, manages users and reads the tenant's call records.",
        }
    }

    /// What it allows.
    pub const fn permissions(self) -> Permissions {
        match self {
            Self::SystemAdmin => SYSTEM_ADMIN,
            Self::Replicator => Permissions::NONE,
            Self::Dealer => DEALER,
            Self::Admin => ADMIN,
            Self::StandardUser => STANDARD,
            Self::StandardInternationalUser => INTERNATIONAL,
            Self::QueueManager => QUEUE_MANAGER,
        }
    }

    /// Whether a user of a tenant can have it; the others belong to the installation.
    pub const fn for_tenants(self) -> bool {
        !matches!(self, Self::SystemAdmin | Self::Replicator | Self::Dealer)
    }

    /// The built-in role of this exact name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }

    /// Whether a custom role of this name could be taken for a built-in one.
    pub fn reserves(name: &str) -> bool {
        let folded = fold(name);
        Self::ALL.iter().any(|role| fold(role.name()) == folded)
    }
}

/// A custom role of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The tenant that it belongs to.
    pub tenant: TenantId,
    /// Its id.
    pub id: RoleId,
    /// Its name, unique in the tenant without regard to case.
    pub name: String,
    /// A note for people.
    pub description: String,
    /// What it allows.
    pub permissions: Permissions,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// A line of the list of roles: built-in and custom ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSummary {
    /// Its name.
    pub name: String,
    /// A note for people.
    pub description: String,
    /// What it allows.
    pub permissions: Permissions,
    /// Whether it is built in.
    pub built_in: bool,
}

/// A value of [`RoleSummary`] that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `RoleSummary`")]
pub enum RoleField {
    Name,
    Description,
}

impl Queried for RoleField {
    fn kind(self) -> ValueKind {
        ValueKind::Text
    }
}

/// A role to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRole {
    /// Its name.
    pub name: String,
    /// A note for people.
    pub description: String,
    /// What it allows.
    pub permissions: Permissions,
}

/// A change to a custom role.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RolePatch {
    /// Another name; users who have the role keep it.
    pub name: Patch<String>,
    /// Another note.
    pub description: Patch<String>,
    /// Other permissions, all of them.
    pub permissions: Patch<Permissions>,
}

fn check_name(found: &mut Violations, name: &str) {
    found.length(Field::Name, name, limits::ROLE_NAME);
    if name.chars().any(|c| c.is_control() || c == '/') || name.trim() != name {
        found.add(
            Field::Name,
            Rule::Form("a name without slashes, control characters or spaces at its ends"),
        );
    }
    if BuiltInRole::reserves(name) {
        found.add(Field::Name, Rule::Reserved);
    }
}

impl NewRole {
    /// Every rule that the role breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        check_name(&mut found, &self.name);
        found.text(Field::Description, &self.description, limits::DESCRIPTION);
        found
    }
}

impl RolePatch {
    /// Every rule that the change breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(name) = &self.name {
            check_name(&mut found, name);
        }
        if let Patch::Set(description) = &self.description {
            found.text(Field::Description, description, limits::DESCRIPTION);
        }
        found
    }

    /// Carries the change out; tells whether anything changed.
    pub fn apply(self, role: &mut Role) -> bool {
        let mut changed = self.name.apply(&mut role.name);
        changed |= self.description.apply(&mut role.description);
        changed | self.permissions.apply(&mut role.permissions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_roles_widen_step_by_step() {
        let steps = [
            BuiltInRole::StandardUser,
            BuiltInRole::StandardInternationalUser,
            BuiltInRole::QueueManager,
            BuiltInRole::Admin,
            BuiltInRole::Dealer,
            BuiltInRole::SystemAdmin,
        ];
        for pair in steps.windows(2) {
            assert!(pair[1].permissions().covers(pair[0].permissions()), "{pair:?}");
            assert!(!pair[0].permissions().covers(pair[1].permissions()), "{pair:?}");
        }
    }

    #[test]
    fn standard_users_call_at_home_and_manage_nothing() {
        let standard = BuiltInRole::StandardUser.permissions();
        assert!(standard.has(P::DomesticCalls) && !standard.has(P::InternationalCalls));
        assert!(!standard.has_any(&[
            P::Users,
            P::Roles,
            P::CompanyView,
            P::BillingView,
            P::SystemTenant
        ]));
        let queue = BuiltInRole::QueueManager.permissions();
        assert!(queue.has(P::Users) && !queue.has(P::Roles) && !queue.has(P::CompanyFull));
    }

    #[test]
    fn names_of_built_in_roles_are_reserved_in_any_case() {
        let mut role = NewRole {
            name: "standarduser".into(),
            description: String::new(),
            permissions: Permissions::NONE,
        };
        assert!(role.check().concerns(Field::Name));
        role.name = "Front desk".into();
        assert!(role.check().is_empty());
        role.name = "a/b".into();
        assert!(!role.check().is_empty());
    }
}
