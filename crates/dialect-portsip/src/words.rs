//! The vendor's words for values of which there are only a few, and what they stand for.

use jackfield_domain::{
    AgentRequest, AgentStatus, CallDirection, CallbackMode, ContactAppend, ContactMatch, Delivery, EndReason,
    ForwardAction, HookAuth, HoursMode, InformPosition, Interface, IntroType, MeetingControl, MeetingLayout,
    MeetingMode, MessageDirection, MessageKind, MissedAction, PhoneLanguage, Presence, RerouteReason,
    RuleHours, SeenPresence, SmsPolicy, Strategy, TransferMode, Transport, TrunkAuth, UserStatus,
    VoicemailClock,
};
use jackfield_edge::Input;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A value of the directory that the vendor writes as one of a few words.
pub(crate) trait Worded: Sized + Copy + 'static {
    /// All words, for the answer to a request that has another.
    const WORDS: &'static [&'static str];

    /// What a word stands for.
    fn of(word: &str) -> Option<Self>;
}

/// Reads one of the words of a request.
pub(crate) fn choice<W: Worded>(input: Input<String>) -> Input<W> {
    input.word(W::WORDS, W::of)
}

macro_rules! words {
    ($($(#[$doc:meta])* $wire:ident is $value:ident { $($word:tt $name:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub(crate) enum $wire { $(#[serde(rename = $word)] $name),* }

        impl From<$value> for $wire {
            fn from(value: $value) -> Self {
                match value { $($value::$name => Self::$name),* }
            }
        }

        impl Worded for $value {
            const WORDS: &'static [&'static str] = &[$($word),*];

            fn of(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    )*};
}

words! {
    /// Whether a user may send text messages, and whether under a sender name of his own.
    SmsWord is SmsPolicy { "DISABLE" Disabled, "ALLOW" Allowed, "ALLOW_WITH_SENDER_ID" AllowedWithSenderId }

    /// How a voicemail box says when a message came: not at all, or on one of the two clocks.
    ClockWord is VoicemailClock { "DISABLE" Off, "12_HOUR_CLOCK" Hours12, "24_HOUR_CLOCK" Hours24 }

    /// The address of the installation that a phone is told to use.
    InterfaceWord is Interface {
        "WEB_DOMAIN" WebDomain,
        "PUBLIC_IPV4" PublicIpv4,
        "PUBLIC_IPV6" PublicIpv6,
        "PRIVATE_IPV4" PrivateIpv4,
        "PRIVATE_IPV6" PrivateIpv6,
        "SBC_DOMAIN" SbcDomain,
    }

    /// How SIP messages travel.
    TransportWord is Transport { "UDP" Udp, "TCP" Tcp, "TLS" Tls }

    /// The language of a phone's display.
    LanguageWord is PhoneLanguage {
        "ENGLISH" English,
        "CHINESE" Chinese,
        "DUTCH" Dutch,
        "FRENCH" French,
        "GERMAN" German,
        "GREEK" Greek,
        "ITALIAN" Italian,
        "JAPANESE" Japanese,
        "POLISH" Polish,
        "RUSSIAN" Russian,
        "SPANISH" Spanish,
        "SWEDISH" Swedish,
        "UKRAINIAN" Ukrainian,
        "BULGARIAN" Bulgarian,
    }

    /// What the transfer key of a phone does: hands the call over at once, after a word with the other side, or as a new
    /// call.
    TransferWord is TransferMode { "BLIND" Blind, "ATTENDED" Attended, "NEW_CALL" NewCall }

    /// Whose office hours count: the tenant's, or the user's own.
    HoursModeWord is HoursMode { "GLOBAL" Global, "CUSTOM" Custom }

    /// When a rule of the user's own applies: always, within its hours, or outside of them.
    RuleHoursWord is RuleHours {
        "ALL_HOURS" All,
        "SPECIFIC_HOURS" Inside,
        "OUTSIDE_SPECIFIC_HOURS" Outside,
    }

    /// How a receiver of events is told who calls: not at all, or by one of the schemes of HTTP.
    HookAuthWord is HookAuth { "DISABLE" None, "BASIC" Basic, "DIGEST" Digest, "BEARER" Bearer }

    /// How a caller's number is matched with a contact: not at all, as a whole, or by its last digits.
    ContactMatchWord is ContactMatch { "DISABLE" Disabled, "MATCH_EXACTLY" Exactly, "MATCH_LENGTH" Length }

    /// Where a contact's name goes on a phone's display: nowhere, after the number, or before it.
    ContactAppendWord is ContactAppend { "DISABLE" Disabled, "APPEND" Append, "PREPEND" Prepend }

    /// What a user says of himself.
    PresenceWord is Presence {
        "DO_NOT_DISTURB" DoNotDisturb,
        "AVAILABLE" Available,
        "AWAY" Away,
        "BUSINESS_TRIP" BusinessTrip,
        "LUNCH" Lunch,
    }

    /// What others see of a user.
    SeenPresenceWord is SeenPresence {
        "DO_NOT_DISTURB" DoNotDisturb,
        "AVAILABLE" Available,
        "AWAY" Away,
        "BUSINESS_TRIP" BusinessTrip,
        "LUNCH" Lunch,
        "ON_CALL" OnCall,
        "OFFLINE" Offline,
    }

    /// What a user's phones do.
    StatusWord is UserStatus { "ONLINE" Online, "ON_CALL" OnCall, "OFFLINE" Offline }

    /// From where to where a call went.
    CallWord is CallDirection {
        "INBOUND_CALL" Inbound,
        "OUTBOUND_CALL" Outbound,
        "EXTENSION_CALL" Internal,
        "INBOUND_OUTBOUND_CALL" InboundOutbound,
    }

    /// How a call ended.
    EndWord is EndReason {
        "CALLER_DISCONNECTED" CallerDisconnected,
        "CALLEE_DISCONNECTED" CalleeDisconnected,
        "BLIND_TRANSFER_COMPLETED" BlindTransferCompleted,
        "CONSULT_TRANSFER_COMPLETED" ConsultTransferCompleted,
        "REPLACED" Replaced,
        "REFERRED" Referred,
        "REDIRECTED" Redirected,
        "CANCELLED" Cancelled,
    }

    /// Why a call went elsewhere: somebody handed it over, or nobody was free.
    RerouteWord is RerouteReason { "TRANSFER" Transfer, "OVERFLOW" Overflow }

    /// How a message travelled.
    MessageWord is MessageKind { "UNKNOWN" Unknown, "SMS" Sms, "WHATSAPP" Whatsapp }

    /// To the tenant or from it.
    WayWord is MessageDirection { "IN" In, "OUT" Out }

    /// How far a message came.
    DeliveryWord is Delivery { "ERR" Failed, "SENT" Sent, "RECV" Received, "DELIVERED" Delivered }

    /// Sound only, or picture too.
    MeetingModeWord is MeetingMode { "AUDIO" Audio, "VIDEO" Video }

    /// Who has a say in a meeting: everybody, or the chairman.
    MeetingControlWord is MeetingControl { "FREE" Free, "MASTER" Master }

    /// How the picture of a meeting is divided; the first leaves it to the engine.
    MeetingLayoutWord is MeetingLayout {
        "LAYOUT0" Layout0,
        "LAYOUT1" Layout1,
        "LAYOUT2" Layout2,
        "LAYOUT3" Layout3,
        "LAYOUT4" Layout4,
        "LAYOUT6" Layout6,
        "LAYOUT9" Layout9,
    }

    /// What happens to a call.
    ActionWord is ForwardAction {
        "FORWARD_TO_NUMBER" ToNumber,
        "FORWARD_TO_VOICEMAIL" ToVoicemail,
        "RING_ANYWAY" RingAnyway,
        "HANGUP" HangUp,
    }

    /// In which order the members of a ring group are rung.
    StrategyWord is Strategy {
        "RING_SIMULTANEOUSLY" RingSimultaneously,
        "PRIORITIZED_HUNT" PrioritizedHunt,
        "CYCLIC_HUNT" CyclicHunt,
        "LEAST_WORKED_HUNT" LeastWorkedHunt,
        "PAGING_INTERCOM" PagingIntercom,
        "SKILL_BASED_ROUTING_PRIORITIZED_HUNT" SkillBasedRoutingPrioritizedHunt,
        "SKILL_BASED_ROUTING_CYCLIC_HUNT" SkillBasedRoutingCyclicHunt,
        "SKILL_BASED_ROUTING_LEAST_WORKED_HUNT" SkillBasedRoutingLeastWorkedHunt,
    }

    /// What happens to a call that no member of a ring group takes.
    MissedActionWord is MissedAction {
        "FORWARD_TO_NUMBER" ToNumber,
        "FORWARD_TO_VOICEMAIL" ToVoicemail,
        "REPEAT" Repeat,
        "HANGUP" HangUp,
    }

    /// Which introduction the callers of a queue hear: none, one that ends when an agent is free, or one that is heard to its
    /// end.
    IntroTypeWord is IntroType { "DISABLE" Off, "NORMAL" Normal, "FULL" Full }

    /// When the callers of a queue are told their place: never, again and again, or once.
    InformPositionWord is InformPosition {
        "DISABLE" Off,
        "PERIODICALLY" Periodically,
        "ON_CONNECTED" OnConnected,
    }

    /// When the callers of a queue are offered to be called back: when they ask for it, or after some time.
    CallbackModeWord is CallbackMode { "ACTIVE" Active, "TIMEOUT" Timeout }

    /// What an agent does.
    AgentStatusWord is AgentStatus {
        "READY" Ready,
        "NOT_READY" NotReady,
        "QUEUE_CALL" QueueCall,
        "OTHER_CALL" OtherCall,
        "WRAP_UP" WrapUp,
        "BREAK" Break,
        "LUNCH" Lunch,
        "LOGGED_OUT" LoggedOut,
        "OFFLINE" Offline,
    }

    /// What an agent may be set to: calls and being offline are observed.
    AgentRequestWord is AgentRequest {
        "READY" Ready,
        "NOT_READY" NotReady,
        "WRAP_UP" WrapUp,
        "BREAK" Break,
        "LUNCH" Lunch,
        "LOGGED_IN" LoggedIn,
        "LOGGED_OUT" LoggedOut,
    }

    /// How the two sides of a trunk know each other.
    TrunkAuthWord is TrunkAuth {
        "IP_AUTH" Ip,
        "REGISTER_AUTH" Register,
        "ACCEPT_REGISTER" AcceptRegister,
        "TEAMS" Teams,
        "WHATS_APP" WhatsApp,
    }
}

/// What happens to a call where no phone is left to ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum QuietActionWord {
    ForwardToNumber,
    ForwardToVoicemail,
    Hangup,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_written_as_they_are_read() {
        fn all<T: Worded + PartialEq + std::fmt::Debug, W: From<T> + Serialize>() {
            for (index, word) in T::WORDS.iter().enumerate() {
                let value = T::of(word).unwrap();
                let same = T::WORDS.iter().filter(|other| T::of(other) == Some(value));
                assert_eq!(same.count(), 1, "{word}, number {index}");
                assert_eq!(serde_json::to_value(W::from(value)).unwrap(), *word);
            }
            assert_eq!(T::of("no such word"), None);
            assert_eq!(T::of(&T::WORDS[0].to_lowercase()), None);
        }
        all::<SmsPolicy, SmsWord>();
        all::<VoicemailClock, ClockWord>();
        all::<Interface, InterfaceWord>();
        all::<Transport, TransportWord>();
        all::<PhoneLanguage, LanguageWord>();
        all::<TransferMode, TransferWord>();
        all::<HoursMode, HoursModeWord>();
        all::<RuleHours, RuleHoursWord>();
        all::<ForwardAction, ActionWord>();
        all::<CallDirection, CallWord>();
        all::<EndReason, EndWord>();
        all::<RerouteReason, RerouteWord>();
        all::<MessageKind, MessageWord>();
        all::<MessageDirection, WayWord>();
        all::<Delivery, DeliveryWord>();
        all::<MeetingMode, MeetingModeWord>();
        all::<MeetingControl, MeetingControlWord>();
        all::<MeetingLayout, MeetingLayoutWord>();
        all::<HookAuth, HookAuthWord>();
        all::<ContactMatch, ContactMatchWord>();
        all::<ContactAppend, ContactAppendWord>();
        all::<Presence, PresenceWord>();
        all::<SeenPresence, SeenPresenceWord>();
        all::<UserStatus, StatusWord>();
        all::<Strategy, StrategyWord>();
        all::<MissedAction, MissedActionWord>();
        all::<IntroType, IntroTypeWord>();
        all::<InformPosition, InformPositionWord>();
        all::<CallbackMode, CallbackModeWord>();
        all::<AgentStatus, AgentStatusWord>();
        all::<AgentRequest, AgentRequestWord>();
        all::<TrunkAuth, TrunkAuthWord>();
    }
}
