use jackfield_domain::{
    Blf, CustomForwardRule, Day, E164, EventHook, Field, ForwardAction, ForwardCase, ForwardRule, HookAuth,
    HoursMode, Interface, NumberRange, ProviderId, RuleHours, SealedSecret, SmsPolicy, TimeOfDay, TimeRange,
    Transport, VoicemailClock, Week,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn week() -> impl Strategy<Value = Week> {
    let time = || (0..=1440_u16).prop_map(|minutes| TimeOfDay::from_minutes(minutes).unwrap());
    let range = (time(), time()).prop_map(|(from, to)| TimeRange { from, to });
    let day = (any::<bool>(), prop::collection::vec(range, 0..3))
        .prop_map(|(enabled, ranges)| Day { enabled, ranges });
    prop::collection::vec(day, 7).prop_map(|days| Week(days.try_into().unwrap()))
}

fn caller_ids() -> impl Strategy<Value = Vec<OutboundCallerId>> {
    let one = (any::<i64>(), ".{0,9}", any::<bool>(), any::<String>()).prop_map(
        |(provider, caller_id, preferred, description)| OutboundCallerId {
            provider: ProviderId::new(provider),
            caller_id,
            preferred,
            description,
        },
    );
    prop::collection::vec(one, 0..4)
}

fn action() -> impl Strategy<Value = ForwardAction> {
    prop::sample::select(vec![
        ForwardAction::ToNumber,
        ForwardAction::ToVoicemail,
        ForwardAction::RingAnyway,
        ForwardAction::HangUp,
    ])
}

fn custom_rules() -> impl Strategy<Value = Vec<CustomForwardRule>> {
    let hours = prop::sample::select(vec![RuleHours::All, RuleHours::Inside, RuleHours::Outside]);
    let one = (action(), any::<String>(), any::<String>(), hours, week()).prop_map(
        |(action, number, caller_id, hours, week)| CustomForwardRule {
            action,
            number,
            caller_id,
            hours,
            week,
        },
    );
    prop::collection::vec(one, 0..3)
}

fn user_settings() -> impl Strategy<Value = UserSettings> {
    let rule =
        (action(), any::<String>(), any::<Option<i64>>()).prop_map(|(action, number, timeout)| ForwardRule {
            action,
            number,
            timeout,
        });
    let choices = (
        prop::sample::select(vec![
            SmsPolicy::Disabled,
            SmsPolicy::Allowed,
            SmsPolicy::AllowedWithSenderId,
        ]),
        prop::sample::select(vec![
            VoicemailClock::Off,
            VoicemailClock::Hours12,
            VoicemailClock::Hours24,
        ]),
        prop::sample::select(vec![
            Interface::WebDomain,
            Interface::PublicIpv4,
            Interface::PublicIpv6,
            Interface::PrivateIpv4,
            Interface::PrivateIpv6,
            Interface::SbcDomain,
        ]),
        prop::sample::select(vec![Transport::Udp, Transport::Tcp, Transport::Tls]),
        prop::sample::select(vec![HoursMode::Global, HoursMode::Custom]),
    );
    let rest = (
        any::<[bool; 7]>(),
        any::<[String; 3]>(),
        week(),
        caller_ids(),
        custom_rules(),
    );
    (prop::collection::vec(rule, 16), choices, rest).prop_map(|(rules, choices, rest)| {
        let (sms, clock, interface, transport, mode) = choices;
        let (flags, [options, prompt, key], week, caller_ids, custom) = rest;
        let mut settings = UserSettings {
            enable_audio_recording: flags[0],
            enable_video_recording: flags[1],
            enable_hot_desking: flags[2],
            anonymous_outbound_calls: flags[3],
            sms,
            delivery_outbound_cid: flags[4],
            outbound_caller_ids: caller_ids,
            custom_options: options,
            custom_forward_rules: custom,
            voicemail_prompt: prompt,
            enable_voicemail_pin: flags[5],
            enable_voicemail_notify: flags[6],
            voicemail_play_datetime: clock,
            interface,
            preferred_transport: transport,
            blfs: vec![Blf {
                key,
                value: "1001".into(),
                first_name: "Ann".into(),
                last_name: String::new(),
            }],
            ..UserSettings::default()
        };
        settings.office_hours.mode = mode;
        settings.office_hours.week = week;
        settings.forward_rules.0 = rules.try_into().unwrap();
        settings
    })
}

fn tenant_settings() -> impl Strategy<Value = TenantSettings> {
    let auth = prop::sample::select(vec![
        HookAuth::None,
        HookAuth::Basic,
        HookAuth::Digest,
        HookAuth::Bearer,
    ]);
    (
        any::<[bool; 4]>(),
        any::<[i64; 2]>(),
        any::<[String; 3]>(),
        any::<Vec<u8>>(),
        auth,
        (week(), caller_ids()),
    )
        .prop_map(
            |(flags, numbers, texts, secret, auth, (week, caller_ids))| TenantSettings {
                enable_billing: flags[0],
                enable_night_mode: flags[1],
                max_ring_groups: numbers[0],
                contact_update_interval: numbers[1],
                disk_quota: texts[0].clone(),
                office_hours: week,
                outbound_caller_ids: caller_ids,
                e164: E164 {
                    enabled: flags[2],
                    prefix: texts[1].clone(),
                    ..E164::default()
                },
                cdr_event: EventHook {
                    enabled: flags[3],
                    auth,
                    url: texts[2].clone(),
                    password: SealedSecret(secret.clone()),
                    ..EventHook::default()
                },
                stir_shaken_key: SealedSecret(secret),
                meeting_numbers: NumberRange::new("0700", if flags[2] { "0700" } else { "0799" }).unwrap(),
                ..TenantSettings::default()
            },
        )
}

proptest! {
    #[test]
    fn user_settings_come_back(settings in user_settings()) {
        let text = encode_user_settings(&settings);
        prop_assert_eq!(decode_user_settings(text.as_str()).unwrap(), settings);
    }

    #[test]
    fn tenant_settings_come_back(settings in tenant_settings()) {
        prop_assert_eq!(decode_tenant_settings(&encode_tenant_settings(&settings)).unwrap(), settings);
    }

    #[test]
    fn caller_ids_come_back(list in caller_ids()) {
        prop_assert_eq!(decode_caller_ids(&encode_caller_ids(&list)).unwrap(), list);
    }

    #[test]
    fn policies_come_back(min in any::<i64>(), max in any::<i64>(), letters in any::<bool>()) {
        let policy = PasswordPolicy {
            min_length: min,
            max_length: max,
            contains_letters: letters,
            ..PasswordPolicy::default()
        };
        prop_assert_eq!(decode_policy(&encode_policy(&policy)).unwrap(), policy);
    }
}

/// Each switch and word of the form that is public. What changes here breaks rows that are stored and clients that read.
#[test]
fn the_form_of_user_settings_is_fixed() {
    let text = encode_user_settings(&UserSettings::default());
    let mut found: Value = serde_json::from_str(text.as_str()).unwrap();
    let object = found.as_object_mut().unwrap();
    for case in ForwardCase::ALL {
        let rule = object.remove(case.field().name()).unwrap();
        let mut expected = json!({ "action": "FORWARD_TO_VOICEMAIL", "number": "" });
        if matches!(
            case,
            ForwardCase::AvailableOffice | ForwardCase::AvailableNonOffice
        ) {
            expected["action"] = json!("RING_ANYWAY");
        }
        if case.waits() {
            expected["timeout"] = json!(60);
        }
        assert_eq!(rule, expected, "{case:?}");
    }
    let closed = json!({ "enabled": false, "ranges": [] });
    let week = json!({
        "mode": "GLOBAL", "monday": closed, "tuesday": closed, "wednesday": closed, "thursday": closed,
        "friday": closed, "saturday": closed, "sunday": closed,
    });
    assert_eq!(
        found,
        json!({
            "enable_audio_recording": false, "enable_video_recording": false, "enable_hot_desking": false,
            "anonymous_outbound_calls": false, "sms": "DISABLE", "delivery_outbound_cid": true,
            "outbound_caller_ids": [], "custom_options": "", "office_hours": week, "custom_forward_rules": [],
            "voicemail_prompt": "", "enable_voicemail_pin": true, "enable_voicemail_notify": false,
            "voicemail_play_datetime": "DISABLE", "interface": "WEB_DOMAIN", "preferred_transport": "UDP",
            "blfs": [],
        })
    );
}

#[test]
fn entries_of_lists_have_their_public_names() {
    let mut settings = UserSettings {
        outbound_caller_ids: vec![OutboundCallerId {
            provider: ProviderId::new(7),
            caller_id: "+49".into(),
            preferred: true,
            description: "d".into(),
        }],
        custom_forward_rules: vec![CustomForwardRule {
            action: ForwardAction::ToNumber,
            number: "1".into(),
            caller_id: "0*".into(),
            hours: RuleHours::Outside,
            week: Week::business(),
        }],
        blfs: vec![Blf::default()],
        ..UserSettings::default()
    };
    settings.office_hours.mode = HoursMode::Custom;
    let found: Value = serde_json::from_str(encode_user_settings(&settings).as_str()).unwrap();
    assert_eq!(
        found["outbound_caller_ids"],
        json!([{ "provider_id": "7", "caller_id": "+49", "preferred": true, "description": "d" }])
    );
    let rule = &found["custom_forward_rules"][0];
    assert_eq!(rule["type"], "OUTSIDE_SPECIFIC_HOURS");
    assert_eq!(
        rule["hours"]["friday"],
        json!({ "enabled": true, "ranges": [{ "from": "09:00", "to": "17:00" }] })
    );
    assert_eq!(
        found["blfs"],
        json!([{ "key": "", "value": "", "first_name": "", "last_name": "" }])
    );
}

#[test]
fn every_name_of_user_settings_is_a_field_of_the_domain() {
    let text = encode_user_settings(&UserSettings::default());
    let found: Value = serde_json::from_str(text.as_str()).unwrap();
    for name in found.as_object().unwrap().keys() {
        assert!(Field::named(name).is_some(), "{name}");
    }
}

#[test]
fn what_is_missing_has_its_default_and_what_is_new_is_passed_over() {
    assert_eq!(decode_user_settings("{}").unwrap(), UserSettings::default());
    assert_eq!(decode_tenant_settings("{}").unwrap(), TenantSettings::default());
    assert_eq!(
        decode_policy(r#"{"of_tomorrow":[1]}"#).unwrap(),
        PasswordPolicy::default()
    );
    let text = r#"{"later":{"a":[]},"available_no_answer_forward_rule":{"action":"HANGUP"},"office_hours":{"mode":"CUSTOM"}}"#;
    let settings = decode_user_settings(text).unwrap();
    let rule = &settings.forward_rules.0[ForwardCase::AvailableNoAnswer.index()];
    assert_eq!((rule.action, rule.timeout), (ForwardAction::HangUp, None));
    assert_eq!(settings.office_hours.mode, HoursMode::Custom);
}

#[test]
fn damage_is_reported_without_quoting() {
    for text in ["", "[]", r#"{"sms":"hunter2"}"#, r#"{"sms":"DISABLE""#] {
        let Err(Error::Internal(cause)) = decode_user_settings(text) else {
            panic!("{text}");
        };
        assert!(!cause.to_string().contains("hunter2"), "{cause}");
    }
}
