//! The nouns of a telephone directory and their rules.
//!
//! Nothing here reads a clock, a file or a socket, and nothing knows how a record travels: the same types serve every
//! API dialect, every store and the SIP edge. A rule that all of them must obey belongs here when one record is enough
//! to judge it, and in the crate `directory` when it takes several.
//!
//! To add a noun: one file with the record, its `New…`, its `…Patch` and its checks, in that order; a [`Thing`] for
//! errors; a [`Kind`] when changes of it are journalled; a [`Field`] for each value that a check can name.

mod access;
mod application;
mod blob;
mod call_leg;
mod call_order;
mod call_queue;
mod call_record;
mod call_route;
mod caller_id;
mod change;
mod chat_message;
mod clock;
mod conference;
mod contact;
mod desk;
mod distribution;
mod error;
mod extension_access;
mod field;
mod forward;
mod greeting;
mod group;
mod holiday;
mod holiday_choice;
mod id;
mod key;
mod label;
pub mod limits;
mod live_call;
mod mac;
mod mailbox;
mod meeting;
mod message;
mod money;
mod office_hours;
mod owned;
mod password;
mod patch;
mod permission;
mod person_name;
mod phone;
mod pin;
mod placement;
mod presence;
mod provider;
mod query;
mod recording;
mod registration;
mod reservation;
mod ring_group;
mod role;
pub mod route;
mod schedule;
mod secret;
mod session;
mod speed_dial;
mod team;
mod tenant;
mod tenant_settings;
pub mod text;
mod upload;
mod user;
mod user_settings;

pub use access::{
    Author, Caller, Capability, Grant, Member, Owner, Permitted, RecordCapability, Reporter, Scope,
    capability,
};
pub use application::{
    ACCESS_LASTS, Application, ApplicationAccess, ApplicationKind, Authorization, AuthorizationToken,
    AuthorizationTokenKind, CODE_LASTS, NewApplication, REFRESH_LASTS, origin_of,
};
pub use blob::{
    Blob, BlobKey, MediaType, WavFormat, check_file_name, check_prompt, recognise, sound_begins_at,
};
pub use call_leg::{CallLeg, LegResult};
pub use call_order::{CallDeed, CallOrder, OrderOutcome};
pub use call_queue::{
    CallQueue, CallQueueSettings, CallQueueSettingsPatch, CallbackMode, InformPosition, IntroType,
};
pub use call_record::{CallDirection, CallRecord, CallRecordField, EndReason, NewCallRecord, RerouteReason};
pub use call_route::{InboundRoute, InboundRoutePatch, OutboundRoute, OutboundRoutePatch};
pub use caller_id::OutboundCallerId;
pub use change::{Actor, Change, ChangeType, Kind};
pub use chat_message::{ChatMessage, ChatMessageField, NewChatMessage};
pub use clock::{Clock, Entropy, Timestamp};
pub use conference::{
    Attendance, Conference, ConferenceCommand, ConferenceEvent, ConferenceRefusal, ConferenceState,
    NOT_SHOWN, NewParticipant, Participant, ParticipantReport, Room,
};
pub use contact::{BusinessContact, Contact, ContactCard, ContactCardPatch, ContactPatch};
pub use desk::{DeskChange, DeskLocale, DeskSettings, Statistic};
pub use distribution::{
    Agent, AgentRequest, AgentStatus, MissedAction, MissedRule, NewAgent, SKILL_LEVEL, Strategy,
};
pub use error::{Denial, Error, Result, Source, Thing};
pub use extension_access::{
    AccessLevel, Extension, ExtensionAccess, ExtensionAccessPatch, ExtensionField, ExtensionMember,
    ExtensionMemberField,
};
pub use field::{Field, Rule, Violation, Violations};
pub use forward::{
    CustomForwardRule, ForwardAction, ForwardCase, ForwardRule, ForwardRules, NO_ANSWER_TIMEOUT, RuleHours,
};
pub use greeting::{Greeting, GreetingPatch, NewGreeting};
pub use group::{Group, GroupField, GroupMember, GroupPatch, NewGroup};
pub use holiday::{Holiday, HolidayMoment, HolidayParts, HolidayPatch, NewHoliday};
pub use holiday_choice::{HolidayChoice, HolidayField};
pub use id::{
    ApiKeyId, ApplicationId, AuthorizationId, BlobId, CallRecordId, ChatMessageId, ExtensionId, GroupId,
    LiveCallId, MeetingId, MessageId, ParticipantId, ProviderId, RecordingId, RoleId, SessionId, TenantId,
    UserId,
};
pub use key::{ApiKey, KeyOwner, KeyPermission, KeyPurpose, KeyRight, NewApiKey, key_right};
pub use label::{
    GroupPolicy, GroupPolicyPatch, LabelField, NewGroupPolicy, NewQueueGroup, QueueGroup, QueueGroupPatch,
};
pub use live_call::{LiveCall, LiveCallState, NewLiveCall, OngoingCall};
pub use mac::MacAddress;
pub use mailbox::{Mailbox, MessageCounts};
pub use meeting::{
    Meeting, MeetingControl, MeetingField, MeetingLayout, MeetingMode, MeetingPatch, MeetingPin,
    MeetingSettings, MeetingSettingsPatch, NewMeeting, NumberRange,
};
pub use message::{Delivery, Message, MessageDirection, MessageField, MessageKind, NewMessage};
pub use money::{Money, MoneyError};
pub use office_hours::{Day, HoursMode, OfficeHours, OfficeHoursPatch, TimeOfDay, TimeRange, Week, Weekday};
pub use owned::{Item, Owned};
pub use password::{NewPassword, PasswordPolicy, PasswordPolicyPatch};
pub use patch::Patch;
pub use permission::{Permission, Permissions};
pub use person_name::{PersonNamePatch, join_name, split_name};
pub use phone::{
    NewPhone, Phone, PhoneLanguage, PhonePatch, PhoneSettings, PhoneSettingsPatch, TransferMode,
};
pub use pin::VoicemailPin;
pub use placement::UserPlacement;
pub use presence::{Presence, PresencePatch, PublishedPresence, SeenPresence, UserPresence, UserStatus};
pub use provider::{
    NewProvider, Provider, ProviderField, ProviderPatch, ProviderSettings, ProviderSettingsPatch, TrunkAuth,
    TrunkBinding,
};
pub use query::{
    Comparison, Filter, Listing, Literal, Order, Page, Queried, Query, Search, TextMatch, ValueKind,
};
pub use recording::{NewRecording, Recording, RecordingField};
pub use registration::{NewRegistration, Registration, Renewal, SipRoute};
pub use reservation::{RESERVATION, Readiness, Reservation};
pub use ring_group::{RingGroup, RingGroupSettings, RingGroupSettingsPatch};
pub use role::{BuiltInRole, NewRole, Role, RoleField, RolePatch, RoleSummary};
pub use schedule::{
    CivilMinute, Decision, Moment, Reason, TenantSchedule, UserSchedule, Whose, Zone, office_hours_at,
};
pub use secret::Secret;
pub use session::{
    ApiToken, ApiTokenField, IDLE_SESSION, NewApiToken, Session, SessionKind, Token, TokenHash, TokenPurpose,
    renewal_slack,
};
pub use speed_dial::{NewSpeedDial, SpeedDial, SpeedDial8, SpeedDial100, SpeedDialPatch, SpeedDialRange};
pub use team::{NewTeam, Team, TeamField, TeamKind, TeamName, TeamPatch, TeamSettings};
pub use tenant::{NewTenant, Tenant, TenantField, TenantPatch, TenantSummary};
pub use tenant_settings::{
    ContactAppend, ContactMatch, E164, EventHook, EventHookPatch, HookAuth, SealedSecret, TenantSettings,
    TenantSettingsPatch,
};
pub use upload::{Upload, UploadId};
pub use user::{
    Avatar, NewExtension, NewUser, SettingsText, User, UserField, UserPatch, UserSummary,
    check_extension_number, check_user_name,
};
pub use user_settings::{
    Blf, Interface, SmsPolicy, Transport, UserSettings, UserSettingsPatch, VoicemailClock,
};
