//! The journal: one entry for each change of a record, numbered without gaps in each tenant.

use crate::{TenantId, Timestamp, UserId};

macro_rules! words {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant),* }
        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The stored word.
            pub const fn word(self) -> &'static str { match self { $(Self::$variant => $text),* } }
            /// The value of a stored word.
            pub fn from_word(word: &str) -> Option<Self> { match word { $($text => Some(Self::$variant),)* _ => None } }
        }
    };
}
pub(crate) use words;

words! {
    /// The kind of record that changed.
    Kind {
        /// A tenant, its settings or its password policy.
        Tenant = "tenant",
        /// A user or his extension.
        User = "user",
        /// A custom role.
        Role = "role",
        /// A group or its members.
        Group = "group",
        /// A session: created by a sign-in, deleted by a sign-out.
        Session = "session",
        /// A phone of a user.
        Phone = "phone",
        /// A speed dial of a user, of either range.
        SpeedDial = "speed_dial",
        /// A voicemail greeting of a user.
        Greeting = "greeting",
        /// A holiday of a user or of the tenant.
        Holiday = "holiday",
        /// A contact of a user.
        Contact = "contact",
        /// A contact of the tenant.
        BusinessContact = "business_contact",
        /// A user's mark on a contact of the tenant; the record is the contact. Created: marked. Deleted: no longer.
        ContactMark = "contact_mark",
        /// A user's mark on a user; the record is the one who is marked. Created: marked. Deleted: no longer.
        UserMark = "user_mark",
        /// A file.
        Blob = "blob",
        /// A call that took place.
        CallRecord = "call_record",
        /// Something that a person asked of a call. Created: asked. Updated: carried out, or given up.
        CallOrder = "call_order",
        /// The sound or picture of a call.
        Recording = "recording",
        /// A message through an outside channel.
        Message = "message",
        /// A message between users.
        ChatMessage = "chat_message",
        /// A meeting, or the state of its conference.
        Meeting = "meeting",
        /// A call queue, its settings or its agents.
        CallQueue = "call_queue",
        /// A ring group, its settings or its members.
        RingGroup = "ring_group",
        /// A trunk to a provider.
        Provider = "provider",
        /// A route for calls that come in.
        InboundRoute = "inbound_route",
        /// A route for calls that go out.
        OutboundRoute = "outbound_route",
        /// What a user says of himself: his presence and its note.
        Presence = "presence",
        /// A key of a program.
        ApiKey = "api_key",
        /// A program of somebody else that acts for users.
        Application = "application",
        /// What a user allowed such a program. Created: allowed. Deleted: taken back, or found copied.
        Authorization = "authorization",
        /// A policy for groups of users.
        GroupPolicy = "group_policy",
        /// A group of call queues.
        QueueGroup = "queue_group",
        /// The settings of a user's desk; the record is the user.
        Desk = "desk",
        /// The calls of a tenant that are going on, all together: the record is 0. A present state: its changes are announced,
        /// the journal has no entry of them.
        LiveCalls = "live_calls",
        /// The devices that are bound to a user; the record is the user. Announced, not in the journal.
        Registrations = "registrations",
        /// What lies in the voicemail box of a user; the record is the user. Announced, not in the journal.
        Mailbox = "mailbox",
    }
}

words! {
    /// What happened to it.
    ChangeType {
        /// It is new.
        Created = "CREATED",
        /// It has other values.
        Updated = "UPDATED",
        /// It is gone.
        Deleted = "DELETED",
    }
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Actor {
    /// The tenant that the actor's account belongs to.
    pub tenant: TenantId,
    /// His account; none for the program itself: the command line, a schedule, the SIP edge.
    pub user: Option<UserId>,
}

impl Actor {
    /// The program itself.
    pub const SYSTEM: Self = Self {
        tenant: TenantId::SYSTEM,
        user: None,
    };
}

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The tenant whose record changed.
    pub tenant: TenantId,
    /// 1, 2, 3 … in each tenant, in the order of the commits.
    pub sequence: i64,
    /// The kind of record.
    pub kind: Kind,
    /// The record's id.
    pub record: i64,
    /// What happened.
    pub change: ChangeType,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// More about it as JSON text, where the kind of change has more to say: the difference of a balance. Never a secret.
    pub detail: Option<String>,
}
