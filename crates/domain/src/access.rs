//! Who may do what, as values.
//!
//! A use case takes a [`Grant`] or an [`Owner`] instead of a caller. Neither can be made but from a [`Caller`] that has the
//! right, so a use case that forgets to ask does not compile, and a handler shows in its arguments what it needs.

use std::{marker::PhantomData, sync::Arc};

use crate::{
    Actor, ApiKeyId, ApplicationAccess, Denial, Error, Permission, Permissions, Result, SessionId, TenantId,
    Timestamp, UserId,
};

/// Who changes something, and whether he may change anything at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// Whom the journal names.
    pub actor: Actor,
    /// Whether he may only look.
    pub read_only: bool,
}

impl From<Actor> for Author {
    /// One who may change what he is about to.
    fn from(actor: Actor) -> Self {
        Self {
            actor,
            read_only: false,
        }
    }
}

/// The signed-in account behind a request, as the directory knows it at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant of the account; [`TenantId::SYSTEM`] for administrators of the installation.
    pub home: TenantId,
    /// The account; none for the program itself (the command line) and for an engine.
    pub user: Option<UserId>,
    /// The key of the engine that reports call data. Whoever comes with one may report and do nothing else.
    pub engine: Option<ApiKeyId>,
    /// The session that the request came with.
    pub session: Option<SessionId>,
    /// The tenant that an administrator of the installation has switched to.
    pub acting_in: Option<TenantId>,
    /// The name of the account's role.
    pub role: String,
    /// What the role allows.
    pub permissions: Permissions,
    /// Whether the account still has a password that somebody else set; clients ask for a new one.
    pub must_change_password: bool,
    /// Until when the token serves that the request came with; none for the program itself.
    pub ends_at: Option<Timestamp>,
    /// Whether the account may only look, whatever its role.
    pub read_only: bool,
    /// What the program may do that acts for the account; none when it asks itself.
    pub application: Option<ApplicationAccess>,
}

impl Caller {
    /// The program itself, acting in a tenant with every permission: for the command line and for schedules.
    pub fn program(tenant: TenantId) -> Self {
        Self {
            home: TenantId::SYSTEM,
            user: None,
            engine: None,
            session: None,
            acting_in: Some(tenant),
            role: String::new(),
            permissions: Permissions::of(Permission::ALL),
            must_change_password: false,
            ends_at: None,
            read_only: false,
            application: None,
        }
    }

    /// An engine that reports the calls of a tenant, known by its key.
    pub fn engine(tenant: TenantId, key: ApiKeyId) -> Self {
        Self {
            home: tenant,
            engine: Some(key),
            acting_in: None,
            permissions: Permissions::NONE,
            ..Self::program(tenant)
        }
    }

    /// A program that comes with a key of an account, with what the account's role and the key allow.
    pub fn key_of(tenant: TenantId, user: UserId, role: String, permissions: Permissions) -> Self {
        Self {
            home: tenant,
            user: Some(user),
            acting_in: None,
            role,
            permissions,
            ..Self::program(tenant)
        }
    }

    /// The tenant that requests of this caller concern.
    ///
    /// # Errors
    /// [`Denial::NoTenant`] for an administrator of the installation who has not switched to one.
    pub fn tenant(&self) -> Result<TenantId> {
        match (self.acting_in, self.home.is_system()) {
            (Some(tenant), _) => Ok(tenant),
            (None, false) => Ok(self.home),
            (None, true) => Err(Error::Denied(Denial::NoTenant)),
        }
    }

    /// Who changes something when this caller does.
    pub fn actor(&self) -> Author {
        Author {
            actor: Actor {
                tenant: self.home,
                user: self.user,
            },
            read_only: self.read_only,
        }
    }

    /// Whether the caller may change anything at all. The directory asks this of everybody who changes something; a door may ask
    /// it earlier, so that its answer comes before any complaint about the request.
    ///
    /// # Errors
    /// [`Denial::ReadOnly`].
    pub fn may_change(&self) -> Result<()> {
        if self.read_only {
            Err(Error::Denied(Denial::ReadOnly))
        } else {
            Ok(())
        }
    }

    /// Whether this is an administrator of the installation, switched to a tenant or not.
    pub fn is_system(&self) -> bool {
        self.home.is_system()
    }

    /// The right to what `C` stands for.
    ///
    /// # Errors
    /// [`Error::Denied`] when the caller lacks it.
    pub fn grant<C: Capability>(self: &Arc<Self>) -> Result<Grant<C>> {
        if C::SCOPE == Scope::System && !self.is_system() {
            return Err(Error::Denied(Denial::SystemOnly));
        }
        if !self.permissions.has_any(C::ANY_OF) {
            return Err(Error::Denied(Denial::Permission));
        }
        let tenant = match C::SCOPE {
            Scope::System => TenantId::SYSTEM,
            Scope::Tenant => self.tenant()?,
        };
        Ok(Grant {
            caller: Arc::clone(self),
            tenant,
            capability: PhantomData,
        })
    }

    /// The right to one's own records.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for the program itself, which owns none.
    pub fn own(self: &Arc<Self>) -> Result<Owner> {
        let user = self.user.ok_or(Error::Unauthenticated)?;
        Ok(Owner {
            caller: Arc::clone(self),
            tenant: self.home,
            user,
            own: true,
        })
    }

    /// The right to what all users of the tenant may see.
    ///
    /// # Errors
    /// [`Denial::NoTenant`] for an administrator of the installation who has not switched to one, and
    /// [`Denial::Permission`] for an engine.
    pub fn member(self: &Arc<Self>) -> Result<Member> {
        if self.engine.is_some() {
            return Err(Error::Denied(Denial::Permission));
        }
        Ok(Member {
            tenant: self.tenant()?,
            caller: Arc::clone(self),
        })
    }

    /// The right to report what happened on the telephone system: an engine's, and the program's own.
    ///
    /// # Errors
    /// [`Denial::NotAnEngine`] for accounts of people, whatever their role: who can sign in must not be able to invent calls.
    pub fn reporter(self: &Arc<Self>) -> Result<Reporter> {
        if self.user.is_some() {
            return Err(Error::Denied(Denial::NotAnEngine));
        }
        Ok(Reporter {
            tenant: self.tenant()?,
            caller: Arc::clone(self),
        })
    }

    /// The right to the records of a user of the caller's tenant: his own, or anyone's for who manages users.
    ///
    /// Whether that user exists is not asked here; the store is asked with tenant and id together, so the id of another
    /// tenant answers as an unknown one.
    ///
    /// # Errors
    /// [`Error::Denied`] when it is another user and the caller does not manage users.
    pub fn owner_of(self: &Arc<Self>, user: UserId) -> Result<Owner> {
        if self.user == Some(user) && self.acting_in.is_none() {
            return self.own();
        }
        let grant = self.grant::<capability::ManageUsers>()?;
        Ok(Owner {
            caller: grant.caller,
            tenant: grant.tenant,
            user,
            own: false,
        })
    }
}

impl Owner {
    /// The right to those of the user's records that take a permission even of himself.
    ///
    /// # Errors
    /// [`Denial::Permission`] when the role of who asks has neither the permission for his own records nor, for another's,
    /// the one for the tenant's.
    pub fn permitted<C: RecordCapability>(self) -> Result<Permitted<C>> {
        let needed = if self.own { C::OWN } else { C::TENANT };
        if !self.caller.permissions.has(needed) {
            return Err(Error::Denied(Denial::Permission));
        }
        Ok(Permitted {
            owner: self,
            capability: PhantomData,
        })
    }
}

/// Something that a role may allow with one's own records, and apart from that with everybody's.
pub trait RecordCapability: Send + Sync + 'static {
    /// The permission for one's own.
    const OWN: Permission;
    /// The permission for those of the whole tenant.
    const TENANT: Permission;
}

/// Proof that a caller may do something with the records of a user for which owning them is not enough.
#[derive(Debug)]
pub struct Permitted<C> {
    owner: Owner,
    capability: PhantomData<C>,
}

impl<C> std::ops::Deref for Permitted<C> {
    type Target = Owner;

    fn deref(&self) -> &Owner {
        &self.owner
    }
}

/// Where a capability applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// To one tenant.
    Tenant,
    /// To the installation.
    System,
}

/// Something that a role may allow. The types of [`capability`] are the list.
pub trait Capability: Send + Sync + 'static {
    /// Any one of these permissions gives it.
    const ANY_OF: &'static [Permission];
    /// Where it applies.
    const SCOPE: Scope;
}

/// The capabilities. Each is a name only; it stands in the signature of the use cases that need it.
pub mod capability {
    use super::{Capability, Permission as P, RecordCapability, Scope};

    macro_rules! capabilities {
        ($($(#[$doc:meta])* $name:ident: $scope:ident [$($permission:ident),*];)*) => {$(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name;
            impl Capability for $name {
                const ANY_OF: &'static [P] = &[$(P::$permission),*];
                const SCOPE: Scope = Scope::$scope;
            }
        )*};
    }

    macro_rules! record_capabilities {
        ($($(#[$doc:meta])* $name:ident: own $own:ident, tenant $tenant:ident;)*) => {$(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name;
            impl RecordCapability for $name {
                const OWN: P = P::$own;
                const TENANT: P = P::$tenant;
            }
        )*};
    }

    record_capabilities! {
        /// See a user's call records.
        ReadCalls: own UserCallLogView, tenant CompanyCallLogView;
        /// See and hear a user's recordings.
        ReadRecordings: own UserRecordingView, tenant CompanyRecordingView;
        /// Remove a user's recordings.
        RemoveRecordings: own UserRecordingFull, tenant CompanyRecordingFull;
    }

    capabilities! {
        /// Create, read, change and destroy users and groups.
        ManageUsers: Tenant [Users];
        /// See which roles there are: for who manages them and for who hands them out.
        ViewRoles: Tenant [Roles, Users];
        /// Create, change and destroy custom roles.
        ManageRoles: Tenant [Roles];
        /// Read the tenant's settings.
        ViewCompany: Tenant [CompanyView, CompanyFull];
        /// Change the tenant's settings.
        ManageCompany: Tenant [CompanyFull];
        /// Read balances.
        ViewBilling: Tenant [BillingView, BillingFull];
        /// Set balances.
        ManageBilling: Tenant [BillingFull];
        /// Hold meetings, and take part in what is done in those of others.
        HoldMeetings: Tenant [Meeting];
        /// See the call queues and ring groups of the tenant.
        ViewPhoneSystem: Tenant [PhoneSystemView];
        /// Create, change and destroy the call queues and ring groups of the tenant.
        ManagePhoneSystem: Tenant [PhoneSystemFull];
        /// See the trunks to providers.
        ViewTrunks: Tenant [TrunkView];
        /// Create, change and destroy trunks to providers.
        ManageTrunks: Tenant [TrunkFull];
        /// See the call records of the whole tenant.
        ViewCallLog: Tenant [CompanyCallLogView];
        /// See and hear the recordings of the whole tenant.
        ViewRecordings: Tenant [CompanyRecordingView];
        /// Also delete them.
        ManageRecordings: Tenant [CompanyRecordingFull];
        /// List, create, change, destroy and enter tenants.
        ManageTenants: System [SystemTenant];
    }
}

/// Proof that a caller has a capability, and where it applies.
#[derive(Debug)]
pub struct Grant<C> {
    caller: Arc<Caller>,
    tenant: TenantId,
    capability: PhantomData<C>,
}

impl<C> Clone for Grant<C> {
    fn clone(&self) -> Self {
        Self {
            caller: Arc::clone(&self.caller),
            tenant: self.tenant,
            capability: PhantomData,
        }
    }
}

impl<C> Grant<C> {
    /// The tenant it applies to; [`TenantId::SYSTEM`] for a capability of the installation.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who holds it.
    pub fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }

    /// Whether the holder's own role allows all of this: nobody hands out what he lacks.
    ///
    /// # Errors
    /// [`Denial::Escalation`] otherwise.
    pub fn may_hand_out(&self, permissions: Permissions) -> Result<()> {
        if self.caller.permissions.covers(permissions) {
            Ok(())
        } else {
            Err(Error::Denied(Denial::Escalation))
        }
    }
}

/// Proof that a caller may see what all users of a tenant may see.
#[derive(Debug, Clone)]
pub struct Member {
    caller: Arc<Caller>,
    tenant: TenantId,
}

impl Member {
    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who asks.
    pub fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }
}

/// Proof that a caller may report what happened on the telephone system of a tenant.
#[derive(Debug, Clone)]
pub struct Reporter {
    caller: Arc<Caller>,
    tenant: TenantId,
}

impl Reporter {
    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who reports.
    pub fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }
}

/// Proof that a caller may use the records of a user.
#[derive(Debug, Clone)]
pub struct Owner {
    caller: Arc<Caller>,
    tenant: TenantId,
    user: UserId,
    own: bool,
}

impl Owner {
    /// The tenant of the user.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The user.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Whether the caller is that user; otherwise he administers him.
    pub fn is_own(&self) -> bool {
        self.own
    }

    /// Who asks.
    pub fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }
}

#[cfg(test)]
mod tests {
    use super::{capability::*, *};
    use crate::BuiltInRole;

    fn caller(home: i64, role: BuiltInRole) -> Arc<Caller> {
        Arc::new(Caller {
            home: TenantId::new(home),
            user: Some(UserId::new(7)),
            engine: None,
            session: None,
            acting_in: None,
            role: role.name().into(),
            permissions: role.permissions(),
            must_change_password: false,
            ends_at: None,
            read_only: false,
            application: None,
        })
    }

    #[test]
    fn capabilities_follow_the_role() {
        let table = [
            (BuiltInRole::StandardUser, [false, false, false]),
            (BuiltInRole::QueueManager, [true, false, false]),
            (BuiltInRole::Admin, [true, true, true]),
        ];
        for (role, expected) in table {
            let caller = caller(5, role);
            let got = [
                caller.grant::<ManageUsers>().is_ok(),
                caller.grant::<ManageRoles>().is_ok(),
                caller.grant::<ManageCompany>().is_ok(),
            ];
            assert_eq!(got, expected, "{role:?}");
            assert!(caller.grant::<ManageTenants>().is_err());
        }
    }

    #[test]
    fn a_system_administrator_needs_a_tenant_first() {
        let mut root = caller(0, BuiltInRole::SystemAdmin);
        assert!(root.grant::<ManageTenants>().is_ok());
        assert!(matches!(
            root.grant::<ManageUsers>(),
            Err(Error::Denied(Denial::NoTenant))
        ));
        Arc::make_mut(&mut root).acting_in = Some(TenantId::new(9));
        assert_eq!(
            root.grant::<ManageUsers>().map(|grant| grant.tenant()).unwrap(),
            TenantId::new(9)
        );
    }

    #[test]
    fn own_records_need_no_permission_and_others_do() {
        let plain = caller(5, BuiltInRole::StandardUser);
        assert!(plain.owner_of(UserId::new(7)).unwrap().is_own());
        assert!(plain.owner_of(UserId::new(8)).is_err());
        let admin = caller(5, BuiltInRole::Admin);
        assert!(!admin.owner_of(UserId::new(8)).unwrap().is_own());
        // An administrator of the installation who acts in a tenant has no records of his own there.
        let mut root = caller(0, BuiltInRole::SystemAdmin);
        Arc::make_mut(&mut root).acting_in = Some(TenantId::new(9));
        let owner = root.owner_of(UserId::new(7)).unwrap();
        assert!(!owner.is_own());
        assert_eq!(owner.tenant(), TenantId::new(9));
    }

    #[test]
    fn call_logs_take_a_permission_of_ones_own_or_the_tenants() {
        let plain = caller(5, BuiltInRole::StandardUser);
        assert!(plain.own().unwrap().permitted::<ReadCalls>().is_ok());
        let mut bare = caller(5, BuiltInRole::StandardUser);
        Arc::make_mut(&mut bare).permissions = Permissions::of(&[Permission::UserRecordingView]);
        assert!(bare.own().unwrap().permitted::<ReadCalls>().is_err());
        assert!(bare.own().unwrap().permitted::<ReadRecordings>().is_ok());
        assert!(bare.own().unwrap().permitted::<RemoveRecordings>().is_err());
        // Managing users is not enough to read their calls.
        Arc::make_mut(&mut bare).permissions =
            Permissions::of(&[Permission::Users, Permission::UserCallLogFull]);
        let other = bare.owner_of(UserId::new(8)).unwrap();
        assert!(other.permitted::<ReadCalls>().is_err());
        let admin = caller(5, BuiltInRole::Admin);
        let other = admin.owner_of(UserId::new(8)).unwrap();
        assert_eq!(other.permitted::<ReadCalls>().unwrap().user(), UserId::new(8));
    }

    #[test]
    fn engines_report_and_do_nothing_else() {
        let engine = Arc::new(Caller::engine(TenantId::new(5), ApiKeyId::new(1)));
        assert_eq!(
            engine.reporter().map(|reporter| reporter.tenant()).unwrap(),
            TenantId::new(5)
        );
        assert!(engine.own().is_err() && engine.member().is_err());
        assert!(engine.owner_of(UserId::new(7)).is_err());
        assert!(engine.grant::<ManageUsers>().is_err() && engine.grant::<ViewCallLog>().is_err());
        // However mighty a person is, reporting is not for people.
        for role in [BuiltInRole::StandardUser, BuiltInRole::Admin] {
            assert!(caller(5, role).reporter().is_err());
        }
        assert!(Arc::new(Caller::program(TenantId::new(5))).reporter().is_ok());
    }

    #[test]
    fn nobody_hands_out_what_he_lacks() {
        let queue = caller(5, BuiltInRole::QueueManager)
            .grant::<ManageUsers>()
            .unwrap();
        assert!(
            queue
                .may_hand_out(BuiltInRole::StandardUser.permissions())
                .is_ok()
        );
        assert!(matches!(
            queue.may_hand_out(BuiltInRole::Admin.permissions()),
            Err(Error::Denied(Denial::Escalation))
        ));
    }
}
