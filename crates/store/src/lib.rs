//! What the directory asks of a store.
//!
//! A [`Store`] answers reads and opens a [`Transaction`] for one tenant; everything that a transaction writes becomes
//! visible, and durable, together at its commit. The traits speak of whole records and of questions that rules ask; they
//! know neither SQL nor a driver.
//!
//! To add an aggregate: a file with its `…Reads` and `…Writes` traits; a line in [`Reads`] and [`Transaction`]; the bodies
//! in `store-sql`, a migration in both folders; a file of cases in `contract`, which every engine must pass.

mod applications;
mod blobs;
mod call_orders;
mod contents;
#[cfg(feature = "contract")]
pub mod contract;
mod desks;
mod document;
mod error;
mod extension_access;
mod favorites;
mod groups;
mod journal;
mod keys;
mod live_calls;
mod mailboxes;
mod meetings;
mod numbers;
mod owned;
mod presence;
mod providers;
mod reports;
mod roles;
mod sessions;
mod teams;
mod tenants;
mod users;

pub use applications::{ApplicationReads, ApplicationWrites};
use async_trait::async_trait;
pub use blobs::{BlobReads, BlobUse, BlobWrites, Piece, StoredBlob};
pub use call_orders::{CallOrderReads, CallOrderWrites};
pub use contents::{BlobContents, ContentReader, ContentWriter, FoundContent};
pub use desks::{DeskReads, DeskWrites};
pub use document::{
    OwnedDocument, TeamDocument, decode_caller_ids, decode_desk, decode_meeting_settings, decode_policy,
    decode_provider_settings, decode_room, decode_tenant_settings, decode_user_settings, encode_caller_ids,
    encode_desk, encode_meeting_settings, encode_policy, encode_provider_settings, encode_room,
    encode_tenant_settings, encode_user_settings,
};
pub use error::{Error, Result};
pub use extension_access::{ExtensionAccessReads, ExtensionAccessWrites};
pub use favorites::{FavoriteReads, FavoriteWrites, Marks};
pub use groups::{GroupReads, GroupWrites};
use jackfield_domain::TenantId;
pub use journal::{JournalReads, JournalWrites, NewChange};
pub use keys::{KeyReads, KeyWrites};
pub use live_calls::{LiveCallReads, LiveCallWrites};
pub use mailboxes::{MailboxReads, MailboxWrites};
pub use meetings::{MeetingReads, MeetingRecord, MeetingWrites};
pub use numbers::{NumberKind, NumberReads, NumberWrites};
pub use owned::{OwnedReads, OwnedRecord, OwnedWrites, Shelf};
pub use presence::{PresenceReads, PresenceWrites};
pub use providers::{ProviderReads, ProviderWrites, TrunkHold};
pub use reports::{History, ReportKind, ReportReads, ReportWrites};
pub use roles::{RoleReads, RoleWrites};
pub use sessions::{SessionReads, SessionWrites};
pub use teams::{AgentRecord, TeamKey, TeamReads, TeamRecord, TeamWrites};
pub use tenants::{TenantReads, TenantWrites};
pub use users::{ExtensionRecord, ExtensionSecrets, ExtensionUser, UserReads, UserWrites};

/// Everything that can be read, in a transaction or without one.
pub trait Reads:
    TenantReads
    + UserReads
    + RoleReads
    + GroupReads
    + SessionReads
    + JournalReads
    + OwnedReads
    + FavoriteReads
    + NumberReads
    + PresenceReads
    + ReportReads
    + LiveCallReads
    + CallOrderReads
    + MailboxReads
    + TeamReads
    + ProviderReads
    + KeyReads
    + ApplicationReads
    + ExtensionAccessReads
    + BlobReads
    + MeetingReads
    + DeskReads
{
    /// The same as a bare reader: for rules that do not care whether they are judged inside of a transaction.
    fn as_reads(&self) -> &dyn Reads;
}

impl<
    T: TenantReads
        + UserReads
        + RoleReads
        + GroupReads
        + SessionReads
        + JournalReads
        + OwnedReads
        + FavoriteReads
        + NumberReads
        + PresenceReads
        + ReportReads
        + LiveCallReads
        + CallOrderReads
        + MailboxReads
        + TeamReads
        + ProviderReads
        + KeyReads
        + ApplicationReads
        + ExtensionAccessReads
        + BlobReads
        + MeetingReads
        + DeskReads,
> Reads for T
{
    fn as_reads(&self) -> &dyn Reads {
        self
    }
}

/// Kinds of records that have a sequence of ids. Sequences are of the whole system and may have gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the kinds of records")]
pub enum Sequence {
    Tenant,
    User,
    Extension,
    Role,
    Group,
    Session,
    Item,
    CallRecord,
    Recording,
    Message,
    ChatMessage,
    LiveCall,
    CallQueue,
    RingGroup,
    Provider,
    ApiKey,
    Application,
    Authorization,
    Blob,
}

impl Sequence {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Tenant,
        Self::User,
        Self::Extension,
        Self::Role,
        Self::Group,
        Self::Session,
        Self::Item,
        Self::CallRecord,
        Self::Recording,
        Self::Message,
        Self::ChatMessage,
        Self::LiveCall,
        Self::CallQueue,
        Self::RingGroup,
        Self::Provider,
        Self::ApiKey,
        Self::Application,
        Self::Authorization,
        Self::Blob,
    ];

    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::Extension => "extension",
            Self::Role => "role",
            Self::Group => "group",
            Self::Session => "session",
            Self::Item => "item",
            Self::CallRecord => "call_record",
            Self::Recording => "recording",
            Self::Message => "message",
            Self::ChatMessage => "chat_message",
            Self::LiveCall => "live_call",
            Self::CallQueue => "call_queue",
            Self::RingGroup => "ring_group",
            Self::Provider => "provider",
            Self::ApiKey => "api_key",
            Self::Application => "application",
            Self::Authorization => "authorization",
            Self::Blob => "blob",
        }
    }
}

/// A store of the directory. Reads outside of a transaction each see what was committed before they began.
#[async_trait]
pub trait Store: Reads {
    /// Opens a transaction for changes of one tenant and waits until it is alone in changing that tenant, so that a rule
    /// judged in it still holds at its commit. [`TenantId::SYSTEM`] is for changes of the installation itself.
    ///
    /// Await nothing but the transaction's own methods until it ends: others wait for it.
    async fn begin(&self, tenant: TenantId) -> Result<Box<dyn Transaction>>;

    /// Asks the database for a sign of life.
    async fn ping(&self) -> Result<()>;

    /// Keeps a proof of the master key, unless one is kept already, and gives the one that is kept: what one process
    /// sealed, every other has to be able to open.
    async fn master_key_proof(&self, proposed: &[u8]) -> Result<Vec<u8>>;

    /// Waits until a change was committed that another process made, and tells which records it concerns; an empty list
    /// means that it cannot be told, and anything may have changed.
    async fn foreign_changes(&self) -> Result<Vec<(TenantId, jackfield_domain::Kind, i64)>>;
}

/// A transaction. It ends with [`commit`](Transaction::commit), or is dropped and leaves no trace. After one of its methods
/// has failed it can only be dropped.
#[async_trait]
pub trait Transaction:
    Reads
    + TenantWrites
    + UserWrites
    + RoleWrites
    + GroupWrites
    + SessionWrites
    + JournalWrites
    + OwnedWrites
    + FavoriteWrites
    + NumberWrites
    + PresenceWrites
    + ReportWrites
    + LiveCallWrites
    + CallOrderWrites
    + MailboxWrites
    + TeamWrites
    + ProviderWrites
    + KeyWrites
    + ApplicationWrites
    + ExtensionAccessWrites
    + BlobWrites
    + MeetingWrites
    + DeskWrites
{
    /// The tenant it was opened for.
    fn scope(&self) -> TenantId;

    /// The next id of a sequence.
    async fn next_id(&mut self, sequence: Sequence) -> Result<i64>;

    /// The next ids of a sequence, ascending. What one tenant gets is in the order of its commits, because its transactions
    /// wait for each other.
    async fn next_ids(&mut self, sequence: Sequence, count: usize) -> Result<Vec<i64>>;

    /// Makes everything visible and returns when it is on disk.
    async fn commit(self: Box<Self>) -> Result<()>;
}
