//! Users and their extensions.

use async_trait::async_trait;
use jackfield_domain::{
    ExtensionId, Listing, Query, TenantId, Timestamp, User, UserField, UserId, UserSummary,
};

use crate::Result;

/// What SIP devices of an extension prove themselves with.
#[derive(Clone, PartialEq, Eq)]
pub struct ExtensionSecrets {
    /// MD5 of `number:domain:password`, 16 bytes, as RFC 2617 has it.
    pub ha1_md5: Vec<u8>,
    /// SHA-256 of the same, 32 bytes, as RFC 8760 has it.
    pub ha1_sha256: Vec<u8>,
    /// The password itself, sealed: a phone's configuration file needs it.
    pub sealed_password: Vec<u8>,
}

impl std::fmt::Debug for ExtensionSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ExtensionSecrets(…)")
    }
}

/// An extension as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionRecord {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: ExtensionId,
    /// Its number, unique among all that can be dialled in the tenant.
    pub number: String,
    /// Its secrets.
    pub secrets: ExtensionSecrets,
}

/// Whose an extension is: what reports of engines need to know of him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionUser {
    /// The number of the extension.
    pub number: String,
    /// The user.
    pub user: UserId,
    /// Whether he may use it.
    pub enabled: bool,
    /// The extension.
    pub extension: ExtensionId,
}

/// Reading users. Names and addresses are asked for in folded form (`jackfield_domain::text::fold`).
#[async_trait]
pub trait UserReads: Send + Sync {
    /// The user of this id in this tenant.
    async fn user(&self, tenant: TenantId, id: UserId) -> Result<Option<User>>;

    /// The user who signs in with this folded name.
    async fn user_by_name(&self, tenant: TenantId, folded: &str) -> Result<Option<User>>;

    /// The users with this folded address in all tenants, by tenant, at most so many. One of the questions that cross
    /// tenants: who signs in with an address does not say to which tenant.
    async fn users_by_email(&self, folded: &str, limit: i64) -> Result<Vec<User>>;

    /// The user whose extension has this number.
    async fn user_by_extension(&self, tenant: TenantId, number: &str) -> Result<Option<User>>;

    /// Users as a query asks for them. A search looks at name, display name, address, extension number, telephone numbers
    /// and department.
    async fn list_users(&self, tenant: TenantId, query: &Query<UserField>) -> Result<Listing<UserSummary>>;

    /// Users with an id above `after`, in the order of their ids: for walking through all of them.
    async fn users_after(&self, tenant: TenantId, after: i64, limit: i64) -> Result<Vec<User>>;

    /// Those of these users that are in the tenant, by their ids.
    async fn users_among(&self, tenant: TenantId, ids: &[i64]) -> Result<Vec<UserSummary>>;

    /// The users whose extensions have these numbers; a number that is nobody's is left out. In no order.
    async fn users_of_extensions(&self, tenant: TenantId, numbers: &[&str]) -> Result<Vec<ExtensionUser>>;

    /// The PHC string of the user's password.
    async fn password_hash(&self, tenant: TenantId, id: UserId) -> Result<Option<String>>;

    /// The secrets of an extension.
    async fn extension_secrets(&self, tenant: TenantId, id: ExtensionId) -> Result<Option<ExtensionSecrets>>;

    /// How many users have the role of this name; only enabled ones if asked, and without one of them if asked.
    async fn count_users_with_role(
        &self,
        tenant: TenantId,
        role: &str,
        only_enabled: bool,
        except: Option<UserId>,
    ) -> Result<i64>;
}

/// Changing users.
#[async_trait]
pub trait UserWrites: UserReads {
    /// Stores a new user; his extension, if he has one, was stored before.
    ///
    /// # Errors
    /// `Taken(User, Name)`, `Taken(User, Email)`.
    async fn insert_user(&mut self, user: &User, password_hash: &str) -> Result<()>;

    /// Stores a changed user: every value of the record. The caller has counted its version up.
    ///
    /// # Errors
    /// `Taken(User, Name)`, `Taken(User, Email)`.
    async fn update_user(&mut self, user: &User) -> Result<()>;

    /// Removes a user, his extension, his memberships and his sessions. Tells whether he was there.
    async fn delete_user(&mut self, tenant: TenantId, id: UserId) -> Result<bool>;

    /// Replaces the PHC string of a password.
    async fn set_password_hash(&mut self, tenant: TenantId, id: UserId, hash: &str) -> Result<()>;

    /// Stores a new extension and takes its number.
    ///
    /// # Errors
    /// `Taken(Extension, ExtensionNumber)` when anything that can be dialled in the tenant has it.
    async fn insert_extension(&mut self, extension: &ExtensionRecord) -> Result<()>;

    /// Replaces the secrets of an extension.
    async fn set_extension_secrets(
        &mut self,
        tenant: TenantId,
        id: ExtensionId,
        secrets: &ExtensionSecrets,
    ) -> Result<()>;

    /// Gives everyone who has one role another, counting their versions up; tells who they are.
    async fn replace_role(
        &mut self,
        tenant: TenantId,
        old: &str,
        new: &str,
        now: Timestamp,
    ) -> Result<Vec<UserId>>;
}
