//! Record ids: integers, one sequence for each kind of record in the whole system.

/// Where each sequence starts. Six digits and more fit a JSON number exactly and satisfy the one vendor tool that
/// demands a user id of six or seven digits.
const FIRST_ID: i64 = 100_000;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        ///
        /// The same number in every dialect. It may be guessed: nothing relies on an id being secret.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// The first number that the sequence of this kind gives out.
            pub const FIRST: Self = Self(FIRST_ID);

            /// Wraps a number that came from the store or from a request.
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The plain number.
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A tenant: one customer's directory, apart from all others.
    TenantId,
    /// A person or machine that signs in.
    UserId,
    /// A dialled number with its SIP secrets.
    ExtensionId,
    /// A custom role.
    RoleId,
    /// A group of users.
    GroupId,
    /// A trunk or provider that an outbound caller id belongs to.
    ProviderId,
    /// A sign-in and the tokens that came from it.
    SessionId,
    /// A file.
    BlobId,
    /// A call that took place.
    CallRecordId,
    /// The sound or picture of a call.
    RecordingId,
    /// A message through an outside channel.
    MessageId,
    /// A message between users.
    ChatMessageId,
    /// A call that is going on.
    LiveCallId,
    /// A meeting.
    MeetingId,
    /// Somebody in a conference.
    ParticipantId,
    /// A key by which a program is known, in place of a session.
    ApiKeyId,
    /// A program of somebody else that acts for users.
    ApplicationId,
    /// What a user allowed such a program.
    AuthorizationId,
}

impl TenantId {
    /// The installation itself: system administrators live in it, and its journal records what happens to tenants.
    pub const SYSTEM: Self = Self(0);

    /// Whether this is the installation and not a customer.
    pub fn is_system(self) -> bool {
        self == Self::SYSTEM
    }
}
