//! What a role may allow.

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $bit:literal $text:literal),* $(,)?) => {
        /// One switch of a role. The numbers are stored: never renumber, only add.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Permission { $($(#[$doc])* $name = $bit),* }

        impl Permission {
            /// All of them, in their order in a role's tree.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// `area.switch`, as shown to people and written in exports.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

permissions! {
    /// Read and play own voicemail.
    VoicemailView = 0 "general.voicemail_view_only",
    /// Also delete and configure it.
    VoicemailFull = 1 "general.voicemail_full_access",
    /// Hold meetings.
    Meeting = 2 "general.meeting",
    /// See the state of the installation.
    SystemInformation = 3 "system.information",
    /// Manage dealers.
    SystemDealer = 4 "system.dealer",
    /// Manage tenants, and act in them.
    SystemTenant = 5 "system.tenant",
    /// See trunks.
    TrunkView = 6 "trunk.view_only",
    /// Manage trunks.
    TrunkFull = 7 "trunk.full_access",
    /// See the tenant's settings.
    CompanyView = 8 "company.view_only",
    /// Change the tenant's settings.
    CompanyFull = 9 "company.full_access",
    /// See call records of the whole tenant.
    CompanyCallLogView = 10 "company_call_log.call_log_view_only",
    /// Also delete them.
    CompanyCallLogFull = 11 "company_call_log.call_log_full_access",
    /// Hear recordings of the whole tenant.
    CompanyRecordingView = 12 "company_call_log.call_recording_view_only",
    /// Also delete them.
    CompanyRecordingFull = 13 "company_call_log.call_recording_full_access",
    /// See queues, ring groups, rules and the like.
    PhoneSystemView = 14 "phone_system.view_only",
    /// Change them.
    PhoneSystemFull = 15 "phone_system.full_access",
    /// Manage custom roles.
    Roles = 16 "user_management.roles",
    /// Manage users and groups.
    Users = 17 "user_management.users",
    /// See one's own call records.
    UserCallLogView = 18 "user_call_log.call_log_view_only",
    /// Also delete them.
    UserCallLogFull = 19 "user_call_log.call_log_full_access",
    /// Hear one's own recordings.
    UserRecordingView = 20 "user_call_log.call_recording_view_only",
    /// Also delete them.
    UserRecordingFull = 21 "user_call_log.call_recording_full_access",
    /// Call numbers of the tenant's own country.
    DomesticCalls = 22 "policies.domestic_calls",
    /// Call other extensions.
    InternalCalls = 23 "policies.internal_calls",
    /// Call numbers abroad.
    InternationalCalls = 24 "policies.international_calls",
    /// Read call reports.
    ReportView = 25 "analytics.call_report_view_only",
    /// Also make them.
    ReportFull = 26 "analytics.call_report_full_access",
    /// See billing and balances.
    BillingView = 27 "billing.view_only",
    /// Change billing and balances.
    BillingFull = 28 "billing.full_access",
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Permissions(i64);

impl Permissions {
    /// None at all.
    pub const NONE: Self = Self(0);

    /// The stored form: bit `n` stands for the permission numbered `n`.
    pub const fn bits(self) -> i64 {
        self.0
    }

    /// From the stored form; bits without a meaning are dropped.
    pub fn from_bits(bits: i64) -> Self {
        Self(
            Permission::ALL
                .iter()
                .fold(0, |known, permission| known | (1 << *permission as i64))
                & bits,
        )
    }

    /// The set of these.
    pub const fn of(list: &[Permission]) -> Self {
        let mut bits = 0;
        let mut rest = list;
        while let [first, tail @ ..] = rest {
            bits |= 1 << *first as i64;
            rest = tail;
        }
        Self(bits)
    }

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The permissions of this set that `other` lacks.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the set has this permission, itself or because a wider one includes it.
    pub fn has(self, permission: Permission) -> bool {
        self.complete().0 & (1 << permission as i64) != 0
    }

    /// Whether the set has one of these.
    pub fn has_any(self, list: &[Permission]) -> bool {
        list.iter().any(|permission| self.has(*permission))
    }

    /// Whether everything in `other` is allowed by this set too.
    pub fn covers(self, other: Self) -> bool {
        other.complete().without(self.complete()) == Self::NONE
    }

    /// The set with what wider permissions include: full access includes viewing.
    #[must_use]
    pub fn complete(self) -> Self {
        INCLUDES.iter().fold(self, |set, (wide, narrow)| {
            if self.0 & (1 << *wide as i64) != 0 {
                Self(set.0 | (1 << *narrow as i64))
            } else {
                set
            }
        })
    }

    /// The permissions in the set.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(move |permission| self.0 & (1 << *permission as i64) != 0)
    }
}

/// Which permission includes which.
const INCLUDES: &[(Permission, Permission)] = &[
    (Permission::VoicemailFull, Permission::VoicemailView),
    (Permission::TrunkFull, Permission::TrunkView),
    (Permission::CompanyFull, Permission::CompanyView),
    (Permission::CompanyCallLogFull, Permission::CompanyCallLogView),
    (Permission::CompanyRecordingFull, Permission::CompanyRecordingView),
    (Permission::PhoneSystemFull, Permission::PhoneSystemView),
    (Permission::UserCallLogFull, Permission::UserCallLogView),
    (Permission::UserRecordingFull, Permission::UserRecordingView),
    (Permission::ReportFull, Permission::ReportView),
    (Permission::BillingFull, Permission::BillingView),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_distinct_and_full_includes_view() {
        let all = Permissions::of(Permission::ALL);
        assert_eq!(all.iter().count(), Permission::ALL.len());
        for (wide, narrow) in INCLUDES {
            assert!(Permissions::of(&[*wide]).has(*narrow));
            assert!(!Permissions::of(&[*narrow]).has(*wide));
            assert!(Permissions::of(&[*wide]).covers(Permissions::of(&[*narrow])));
            assert!(!Permissions::of(&[*narrow]).covers(Permissions::of(&[*wide])));
        }
    }

    #[test]
    fn unknown_bits_are_dropped() {
        assert_eq!(Permissions::from_bits(-1), Permissions::of(Permission::ALL));
    }
}
