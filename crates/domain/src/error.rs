//! What can go wrong, in the directory's own words. Each dialect translates it once, in its `error.rs`.

use std::{fmt, time::Duration};

use crate::{ConferenceRefusal, Field, KeyPermission, Rule, Violation, limits};

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A source error: for the log, never for the answer.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// What happened. The text of [`Display`](fmt::Display) is meant for the person who sent the request; the sources of
/// `Unavailable` and `Internal` are for the operator's log only and are not part of it.
#[derive(Debug)]
pub enum Error {
    /// No such record, or one that the caller may not know of: both answer alike.
    Absent(Thing),
    /// Another record of the tenant already has this value.
    Taken(Thing, Field),
    /// The request breaks rules; all of them are listed, not only the first.
    Invalid(Vec<Violation>),
    /// Wrong user, wrong password, or an account that may not sign in: never says which.
    BadCredentials,
    /// No session, or one that has ended.
    Unauthenticated,
    /// The caller is known and may not do this.
    Denied(Denial),
    /// The record changed since the caller read it.
    Stale(Thing),
    /// The conference of a meeting is not in the state that this needs.
    Conference(ConferenceRefusal),
    /// Something else still refers to the record.
    InUse(Thing, Thing),
    /// The tenant's limit for such records is reached.
    Full(Thing, u64),
    /// The file would have more bytes than this, which is the most that the installation takes.
    TooLarge(u64),
    /// A one-time code, link or refresh token that is unknown, used or too old.
    Spent(Thing),
    /// Asked too often; try again after this long.
    TooMany(Duration),
    /// The installation lacks a setting that this needs; the text says which.
    NotConfigured(&'static str),
    /// A dependency does not answer; the request may be repeated.
    Unavailable(Source),
    /// A defect or a damaged row.
    Internal(Source),
}

/// The kind of record an error speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Thing {
    /// A tenant.
    Tenant,
    /// A user.
    User,
    /// An extension.
    Extension,
    /// A role.
    Role,
    /// A group.
    Group,
    /// The membership of a user in a group.
    Member,
    /// A session.
    Session,
    /// A refresh token.
    RefreshToken,
    /// A one-time code.
    OneTimeCode,
    /// A link to reset a password.
    ResetLink,
    /// A binding to a directory outside.
    Binding,
    /// A phone of a user.
    Phone,
    /// A speed dial of a user.
    SpeedDial,
    /// A voicemail greeting of a user.
    Greeting,
    /// A holiday of a user or of the tenant.
    Holiday,
    /// A contact of a user.
    Contact,
    /// A contact of the tenant.
    BusinessContact,
    /// A file.
    Blob,
    /// An upload that is not complete.
    Upload,
    /// A call that took place.
    CallRecord,
    /// The sound or picture of a call.
    Recording,
    /// A message through an outside channel.
    Message,
    /// A message between users.
    ChatMessage,
    /// A call that is going on.
    LiveCall,
    /// A SIP device that is bound now.
    Registration,
    /// A meeting.
    Meeting,
    /// Somebody in a conference.
    Participant,
    /// A call queue.
    CallQueue,
    /// A ring group.
    RingGroup,
    /// An agent of a queue or a member of a ring group.
    Agent,
    /// A trunk to a provider.
    Provider,
    /// A route for calls that come in.
    InboundRoute,
    /// A route for calls that go out.
    OutboundRoute,
    /// A token for following a collection.
    SyncToken,
    /// A key of a program.
    ApiKey,
    /// A token that a user made for a program of his.
    ApiToken,
    /// A program of somebody else that acts for users.
    Application,
    /// A code by which such a program gets its first tokens.
    AuthorizationCode,
    /// A policy for groups of users.
    GroupPolicy,
    /// A group of call queues.
    QueueGroup,
    /// A view on a user's desk.
    View,
    /// A figure on a user's desk.
    Statistic,
    /// A campaign that a user takes part in.
    Campaign,
}

impl Thing {
    /// The English noun.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::Extension => "extension",
            Self::Role => "role",
            Self::Group => "group",
            Self::Member => "member",
            Self::Session => "session",
            Self::RefreshToken => "refresh token",
            Self::OneTimeCode => "one-time code",
            Self::ResetLink => "reset link",
            Self::SyncToken => "sync token",
            Self::Binding => "binding",
            Self::Phone => "phone",
            Self::SpeedDial => "speed dial",
            Self::Greeting => "greeting",
            Self::Holiday => "holiday",
            Self::Contact => "contact",
            Self::BusinessContact => "business contact",
            Self::Blob => "file",
            Self::Upload => "upload",
            Self::CallRecord => "call record",
            Self::Recording => "recording",
            Self::Message => "message",
            Self::ChatMessage => "chat message",
            Self::LiveCall => "live call",
            Self::Registration => "registration",
            Self::Meeting => "meeting",
            Self::Participant => "participant",
            Self::CallQueue => "call queue",
            Self::RingGroup => "ring group",
            Self::InboundRoute => "inbound route",
            Self::OutboundRoute => "outbound route",
            Self::Agent => "agent",
            Self::Provider => "provider",
            Self::ApiKey => "key",
            Self::ApiToken => "API token",
            Self::Application => "application",
            Self::AuthorizationCode => "authorization code",
            Self::GroupPolicy => "group policy",
            Self::QueueGroup => "queue group",
            Self::View => "view",
            Self::Statistic => "statistic",
            Self::Campaign => "campaign",
        }
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.noun())
    }
}

/// Why a known caller is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Denial {
    /// His role lacks the permission.
    Permission,
    /// The session acts for the installation; the request concerns a tenant, which has to be chosen first.
    NoTenant,
    /// Only administrators of the installation may.
    SystemOnly,
    /// He would hand out, or take control of, a permission that he lacks himself.
    Escalation,
    /// The tenant would be left without an administrator.
    LastAdministrator,
    /// Built-in roles cannot be changed.
    BuiltIn,
    /// Nobody destroys or disables the account he is signed in with.
    OwnAccount,
    /// The tenant is disabled.
    TenantDisabled,
    /// Whoever is invited to a meeting sees it; who made it changes it.
    NotOrganizer,
    /// Only programs report what happened on the telephone system, with a key made for that.
    NotAnEngine,
    /// His account is disabled.
    UserDisabled,
    /// He may look and not change.
    ReadOnly,
    /// The program that acts for him may only steer calls.
    ApplicationAccess,
    /// The program may not get tokens in this way.
    GrantType,
    /// The tenant demands a one-time code, which this way of signing in has no place for.
    CodeNeeded,
    /// The key that the program came with lacks this permission.
    Key(KeyPermission),
    /// Nobody changes what a user says of himself while his status is locked.
    StatusLocked,
    /// The user is reserved for another call already.
    AlreadyReserved,
    /// The user takes no calls now, or is in one.
    NotAvailable,
}

impl Denial {
    /// What to tell the person.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Permission => "your role does not include the permission for this",
            Self::NoTenant => "this session acts for the whole system; switch to a tenant first",
            Self::SystemOnly => "only a system administrator may do this",
            Self::Escalation => "this needs permissions that your own role does not include",
            Self::LastAdministrator => {
                "the last enabled administrator of a tenant cannot be removed, disabled or given another role; name another administrator first"
            }
            Self::BuiltIn => "built-in roles cannot be changed; create a role of your own instead",
            Self::OwnAccount => "you cannot remove or disable the account that you are signed in with",
            Self::TenantDisabled => "the tenant is disabled",
            Self::NotOrganizer => "only the organizer of the meeting may do this",
            Self::NotAnEngine => {
                "only programs report here, each with a key of its own (`jackfield key create --feed`); a session of a person does not serve"
            }
            Self::UserDisabled => "the account is disabled",
            Self::ReadOnly => "your access is for reading only",
            Self::ApplicationAccess => "the application may only use the call API",
            Self::GrantType => "the type of the application does not allow this way to get tokens",
            Self::CodeNeeded => {
                "the tenant demands a one-time code at sign-in: let the user sign in on the page of /oauth/authorize"
            }
            Self::Key(_) => "the key lacks the permission for this; ask for one that has it",
            Self::StatusLocked => {
                "the status of the user is locked; it stays as it is until the lock is taken off"
            }
            Self::AlreadyReserved => {
                "the user is reserved for another call; try again when that has reached him, or in 30 s"
            }
            Self::NotAvailable => "the user takes no calls now, or is in one",
        }
    }
}

impl Error {
    /// One violation as an error.
    pub fn invalid(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }

    /// A defect, with its cause for the log.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(thing) => write!(f, "there is no such {thing}"),
            Self::Taken(thing, field) => write!(f, "another {thing} already has this {field}"),
            Self::Invalid(violations) => {
                for (index, violation) in violations.iter().enumerate() {
                    if index > 0 {
                        f.write_str("; ")?;
                    }
                    write!(f, "{violation}")?;
                }
                Ok(())
            }
            Self::BadCredentials => f.write_str("the user name, password or domain is not right"),
            Self::Unauthenticated => f.write_str("sign in first: the request has no valid session"),
            Self::Denied(denial) => f.write_str(denial.message()),
            Self::Stale(thing) => write!(f, "the {thing} has changed since you read it; read it again"),
            Self::Conference(refusal) => refusal.fmt(f),
            Self::InUse(thing, by) => write!(f, "the {thing} is still in use by at least one {by}"),
            Self::Full(thing, limit) => {
                write!(f, "the tenant's limit of {limit} for each {thing} is reached")
            }
            Self::TooLarge(limit) => write!(f, "a file must have at most {limit} bytes"),
            Self::Spent(thing) => write!(f, "the {thing} is unknown, already used or too old"),
            Self::TooMany(wait) => {
                write!(f, "too many attempts; try again in {} s", wait.as_secs().max(1))
            }
            Self::NotConfigured(what) => f.write_str(what),
            Self::Unavailable(_) => f.write_str("a service that this needs does not answer; try again"),
            Self::Internal(_) => f.write_str("internal error; the log of the server has the details"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unavailable(source) | Self::Internal(source) => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl From<ConferenceRefusal> for Error {
    /// Somebody who is not there is an absent record, and what no conference could do is a wrong request; everything else is a
    /// wrong state.
    fn from(refusal: ConferenceRefusal) -> Self {
        let wrong = |field, rule| Self::invalid(Violation::new(field, rule));
        match refusal {
            ConferenceRefusal::NoSuchPosition(_) => {
                let (first, last) = limits::POSITION.into_inner();
                wrong(Field::Position, Rule::OutOfRange(first, last))
            }
            ConferenceRefusal::LayoutTooLong(places) => wrong(Field::Participants, Rule::TooMany(places)),
            ConferenceRefusal::LayoutRepeats(_) => wrong(Field::Participants, Rule::Repeated),
            ConferenceRefusal::NotDialable => {
                wrong(Field::Number, Rule::Form("a number that can be dialled"))
            }
            ConferenceRefusal::NoSuchParticipant(_) => Self::Absent(Thing::Participant),
            refusal => Self::Conference(refusal),
        }
    }
}
