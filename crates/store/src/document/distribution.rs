//! The settings of call queues, ring groups and trunks.

use jackfield_domain::{
    CallQueueSettings, CallbackMode, InformPosition, IntroType, MissedAction, MissedRule, ProviderSettings,
    RingGroupSettings, Strategy, TeamSettings,
};

use super::wire::{object, words};
use super::{decode, encode};

/// The settings of a kind of team, as a document.
pub trait TeamDocument: TeamSettings {
    /// The JSON object.
    fn encode(&self) -> String;

    /// Reads what [`encode`](Self::encode) wrote, of this version or an earlier one.
    ///
    /// # Errors
    /// `Internal` when the text is damaged.
    fn decode(text: &str) -> crate::Result<Self>;
}

impl TeamDocument for CallQueueSettings {
    fn encode(&self) -> String {
        encode(self)
    }

    fn decode(text: &str) -> crate::Result<Self> {
        decode("the settings of a call queue", text)
    }
}

impl TeamDocument for RingGroupSettings {
    fn encode(&self) -> String {
        encode(self)
    }

    fn decode(text: &str) -> crate::Result<Self> {
        decode("the settings of a ring group", text)
    }
}

/// The settings of a trunk as stored: one JSON object. Its password is not among them.
pub fn encode_provider_settings(settings: &ProviderSettings) -> String {
    encode(settings)
}

/// Reads what [`encode_provider_settings`] wrote.
///
/// # Errors
/// `Internal` when the text is not such a document.
pub fn decode_provider_settings(text: &str) -> crate::Result<ProviderSettings> {
    decode("the settings of a trunk", text)
}

object!(CallQueueSettings = Self::default(); {
    polling_strategy,
    ring_time,
    max_callers,
    moh_prompt_file,
    intro_type,
    intro_prompt_file,
    max_waiting_time,
    wait_when_no_agents_online,
    inform_position,
    inform_position_interval,
    agent_auto_ready,
    agent_auto_not_ready_after_non_acd_call,
    sla_time,
    language,
    no_answer_forward_rule,
    night_mode_forward_rule,
    enable_callback,
    callback_mode,
    callback_timeout,
    callback_outbound_prefix,
    outbound_caller_ids,
    enable_sticky_routing,
    sticky_routing_duration,
    enable_paid,
    enable_prid,
    extension_number_as_to_header,
});

object!(RingGroupSettings = Self::default(); {
    ring_strategy,
    ring_time,
    skip_busy_member,
    enable_paid,
    enable_prid,
    extension_number_as_to_header,
    no_answer_forward_rule,
    night_mode_forward_rule,
    outbound_caller_ids,
});

object!(ProviderSettings = Self::default(); {
    enabled,
    transport,
    port,
    auth_id,
    username,
    registration,
    register_interval,
    outbound_server,
    outbound_server_port,
    inlan,
    single_via_header,
    rewrite_via_ip,
    verify_port,
    keep_alive,
    keep_alive_interval,
    concurrency,
    additional_ips,
    adjust_sdp_direction,
    remove_srtp_info,
    stir_shaken_signature_required,
    did_numbers,
});

object!(MissedRule = Self::default(); { action, number });

words!(Strategy {
    RingSimultaneously = "RING_SIMULTANEOUSLY",
    PrioritizedHunt = "PRIORITIZED_HUNT",
    CyclicHunt = "CYCLIC_HUNT",
    LeastWorkedHunt = "LEAST_WORKED_HUNT",
    PagingIntercom = "PAGING_INTERCOM",
    SkillBasedRoutingPrioritizedHunt = "SKILL_BASED_ROUTING_PRIORITIZED_HUNT",
    SkillBasedRoutingCyclicHunt = "SKILL_BASED_ROUTING_CYCLIC_HUNT",
    SkillBasedRoutingLeastWorkedHunt = "SKILL_BASED_ROUTING_LEAST_WORKED_HUNT",
});
words!(MissedAction {
    ToNumber = "FORWARD_TO_NUMBER",
    ToVoicemail = "FORWARD_TO_VOICEMAIL",
    Repeat = "REPEAT",
    HangUp = "HANGUP",
});
words!(IntroType { Off = "DISABLE", Normal = "NORMAL", Full = "FULL" });
words!(InformPosition {
    Off = "DISABLE",
    Periodically = "PERIODICALLY",
    OnConnected = "ON_CONNECTED",
});
words!(CallbackMode { Active = "ACTIVE", Timeout = "TIMEOUT" });

#[cfg(test)]
mod tests {
    use jackfield_domain::{OutboundCallerId, ProviderId, Transport};

    use super::*;

    fn rule(action: MissedAction) -> MissedRule {
        MissedRule {
            action,
            number: "60\"01".into(),
        }
    }

    #[test]
    fn settings_of_queues_come_back() {
        let mut settings = CallQueueSettings {
            polling_strategy: Strategy::SkillBasedRoutingCyclicHunt,
            ring_time: 7,
            max_callers: 9,
            moh_prompt_file: "m".into(),
            intro_type: IntroType::Full,
            intro_prompt_file: "i".into(),
            inform_position: InformPosition::OnConnected,
            language: "de-DE".into(),
            no_answer_forward_rule: rule(MissedAction::ToNumber),
            night_mode_forward_rule: rule(MissedAction::ToVoicemail),
            callback_mode: CallbackMode::Timeout,
            outbound_caller_ids: vec![OutboundCallerId {
                provider: ProviderId::new(7),
                caller_id: "+49".into(),
                preferred: false,
                description: "Zoë".into(),
            }],
            enable_sticky_routing: false,
            ..CallQueueSettings::default()
        };
        assert_eq!(CallQueueSettings::decode(&settings.encode()).unwrap(), settings);
        for strategy in Strategy::ALL {
            settings.polling_strategy = *strategy;
            let text = settings.encode();
            assert_eq!(CallQueueSettings::decode(&text).unwrap(), settings);
            // Lists compare a column that holds the word in this spelling.
            let word = strategy.word().to_ascii_uppercase();
            assert!(
                text.contains(&format!(r#""polling_strategy":"{word}""#)),
                "{text}"
            );
        }
        let bare = CallQueueSettings::decode(r#"{"of_a_later_version":1}"#).unwrap();
        assert_eq!(bare, CallQueueSettings::default());
        assert!(CallQueueSettings::decode(r#"{"intro_type":"X"}"#).is_err());
    }

    #[test]
    fn settings_of_ring_groups_and_trunks_come_back() {
        let settings = RingGroupSettings {
            ring_strategy: Strategy::PagingIntercom,
            ring_time: 0,
            skip_busy_member: true,
            night_mode_forward_rule: rule(MissedAction::Repeat),
            ..RingGroupSettings::default()
        };
        assert_eq!(RingGroupSettings::decode(&settings.encode()).unwrap(), settings);
        let settings = ProviderSettings {
            enabled: false,
            transport: Transport::Tls,
            port: 0,
            did_numbers: "3000;12000-18000".into(),
            ..ProviderSettings::default()
        };
        let text = encode_provider_settings(&settings);
        assert_eq!(decode_provider_settings(&text).unwrap(), settings);
        assert_eq!(
            decode_provider_settings("{}").unwrap(),
            ProviderSettings::default()
        );
        assert!(decode_provider_settings("[]").is_err());
    }
}
