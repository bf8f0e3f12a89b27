use jackfield_domain::{
    Blf, Error, ForwardAction, HoursMode, Interface, NewExtension, NewPassword, NewUser, ProviderId,
    RuleHours, SmsPolicy, TenantId, Transport, VoicemailClock, limits,
};
use serde_json::{Value, json};
use utoipa::PartialSchema;

use super::*;

/// What a new user has to have.
fn least() -> Value {
    json!({
        "name": "alice", "password": "Zebra77", "email": "", "display_name": "", "role": "Admin",
        "extension_number": "101", "extension_password": "Tr0ub4dor", "voicemail_pin": "135792",
    })
}

fn with(mut body: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn create(body: &Value) -> Result<NewUser> {
    let body: CreateUser = serde_json::from_str(&body.to_string()).unwrap();
    // As the directory does it, but for what only it knows.
    let (new, mut found) = body.into_new_user();
    found.merge(new.check(TenantId::FIRST));
    found.finish()?;
    Ok(new)
}

fn update(body: &Value) -> Result<UserPatch> {
    serde_json::from_str::<UpdateUser>(&body.to_string())
        .unwrap()
        .into_patch()
}

fn update_own(body: &Value) -> Result<UserPatch> {
    serde_json::from_str::<UpdateOwnUser>(&body.to_string())
        .unwrap()
        .into_patch()
}

fn messages<T>(result: Result<T>) -> Vec<String> {
    match result {
        Ok(_) => Vec::new(),
        Err(Error::Invalid(all)) => all.iter().map(ToString::to_string).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn the_least_user_has_the_defaults() {
    let new = create(&least()).unwrap();
    let mut expected = NewUser::named("alice", NewPassword::Plain("Zebra77".into()));
    expected.role = "Admin".into();
    expected.extension = Some(NewExtension {
        number: "101".into(),
        password: NewPassword::Plain("Tr0ub4dor".into()),
    });
    expected.voicemail_pin = Some(VoicemailPin::new("135792"));
    assert_eq!(new, expected);
}

#[test]
fn a_user_with_everything() {
    let rule = json!({"action": "FORWARD_TO_NUMBER", "number": "102", "timeout": 5});
    let mut body = with(
        least(),
        &json!({
            "email": "alice@example.com", "display_name": "Alice", "enabled": false, "mobile_phone": "1",
            "work_phone": "2", "home_phone": "3", "address": "4", "department": "5",
            "enable_audio_recording": true, "enable_video_recording": true, "enable_dnd": true, "enable_acb": true,
            "enable_hot_desking": true, "anonymous_outbound_calls": true, "sms": "ALLOW_WITH_SENDER_ID",
            "delivery_outbound_cid": false,
            "outbound_caller_ids": [{"provider_id": "7", "caller_id": "+49", "preferred": true, "description": "d"}],
            "custom_options": "{}",
            "office_hours": {"mode": "CUSTOM", "sunday": {"enabled": true, "ranges": []}},
            "custom_forward_rules": [{"action": "HANGUP", "caller_id": "1*", "type": "OUTSIDE_SPECIFIC_HOURS"}],
            "voicemail_prompt": "de-DE", "enable_voicemail_pin": false, "enable_voicemail_notify": true,
            "voicemail_play_datetime": "24_HOUR_CLOCK", "interface": "SBC_DOMAIN", "preferred_transport": "TLS",
            "blfs": [{"key": "BLF", "value": "102", "first_name": "B"}],
            "a field of a later version": [1],
        }),
    );
    for case in ForwardCase::ALL {
        body[case.field().name()] = rule.clone();
    }
    let new = create(&body).unwrap();
    assert_eq!(
        [
            &new.email,
            &new.display_name,
            &new.mobile_phone,
            &new.work_phone,
            &new.home_phone
        ],
        ["alice@example.com", "Alice", "1", "2", "3"]
    );
    assert_eq!([&new.address, &new.department], ["4", "5"]);
    assert_eq!((new.enabled, new.dnd, new.acb), (false, true, true));
    let settings = new.settings;
    assert!(
        settings.enable_audio_recording && settings.enable_video_recording && settings.enable_hot_desking
    );
    assert!(settings.anonymous_outbound_calls && settings.enable_voicemail_notify);
    assert!(!settings.delivery_outbound_cid && !settings.enable_voicemail_pin);
    assert_eq!(settings.sms, SmsPolicy::AllowedWithSenderId);
    assert_eq!(settings.outbound_caller_ids[0].provider, ProviderId::new(7));
    assert_eq!(settings.custom_options, "{}");
    assert_eq!(settings.office_hours.mode, HoursMode::Custom);
    assert!(settings.office_hours.week.0[6].enabled);
    assert_eq!(settings.custom_forward_rules[0].hours, RuleHours::Outside);
    assert_eq!(settings.voicemail_prompt, "de-DE");
    assert_eq!(settings.voicemail_play_datetime, VoicemailClock::Hours24);
    assert_eq!(settings.interface, Interface::SbcDomain);
    assert_eq!(settings.preferred_transport, Transport::Tls);
    let blf = Blf {
        key: "BLF".into(),
        value: "102".into(),
        first_name: "B".into(),
        last_name: String::new(),
    };
    assert_eq!(settings.blfs, [blf]);
    for (case, rule) in settings.forward_rules.cases() {
        assert_eq!(
            (rule.action, rule.number.as_str()),
            (ForwardAction::ToNumber, "102")
        );
        assert_eq!(rule.timeout, case.waits().then_some(5));
    }
}

#[test]
fn what_a_new_user_must_have() {
    let mut expected: Vec<String> = [
        "name",
        "password",
        "email",
        "display_name",
        "role",
        "extension_number",
        "extension_password",
        "voicemail_pin",
    ]
    .map(|name| format!("{name} is required"))
    .into();
    expected.sort();
    let nulls: Value = least()
        .as_object()
        .unwrap()
        .keys()
        .map(|name| (name.clone(), Value::Null))
        .collect();
    for body in [json!({}), nulls] {
        let mut found = messages(create(&body));
        found.sort();
        assert_eq!(found, expected, "{body}");
    }
    let schema = schema::<CreateUser>();
    let mut required: Vec<String> = schema["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| format!("{} is required", name.as_str().unwrap()))
        .collect();
    required.sort();
    assert_eq!(required, expected, "the document says the same");
}

#[test]
fn a_password_comes_in_clear_or_hashed() {
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA";
    let mut body = with(least(), &json!({"password_hash": hash}));
    assert_eq!(
        messages(create(&body)),
        ["password_hash cannot be given together with password"]
    );
    body["password"] = Value::Null;
    assert_eq!(create(&body).unwrap().password, NewPassword::Hashed(hash.into()));
    body["password_hash"] = json!(1);
    assert_eq!(messages(create(&body)), ["password_hash must be text"]);
}

#[test]
fn wrong_types_and_broken_rules_come_in_one_answer() {
    let found = messages(create(&json!({
        "name": "a b", "password": 1, "email": "nobody", "display_name": "Alice", "role": "Admin",
        "extension_number": 101, "extension_password": "x", "voicemail_pin": "111222", "enable_dnd": "yes",
        "office_hours": {"monday": {"enabled": true, "ranges": [{"from": "9", "to": "10:00"}]}},
        "blfs": [{"key": "x".repeat(257)}],
    })));
    assert_eq!(
        found,
        [
            "password must be text",
            "extension_number must be text",
            "enable_dnd must be true or false",
            "office_hours.monday.ranges[0].from must be a time like 09:30",
            "name must be letters, digits and _ - ' . without a dot at either end",
            "email must be an address like name@example.com",
            "voicemail_pin must be digits without a run of three that are equal, ascending or descending",
            "blfs[0].key must have at most 256 characters",
        ]
    );
}

fn schema<T: PartialSchema>() -> Value {
    serde_json::to_value(T::schema()).unwrap()
}

/// The fields of a request and what the document says of them.
fn properties<T: PartialSchema>() -> serde_json::Map<String, Value> {
    schema::<T>()["properties"].as_object().unwrap().clone()
}

#[test]
fn every_field_of_a_wrong_type_is_named() {
    fn check(names: impl Iterator<Item = String>, read: impl Fn(&Value) -> Vec<String>) -> usize {
        let mut count = 0;
        for name in names {
            let own_name = if name == "avatar_file_id" {
                "avatar_file"
            } else {
                &name
            };
            // No field is a fraction.
            let found = read(&json!({ name.as_str(): 7.5 }));
            assert!(
                found
                    .iter()
                    .any(|text| text.starts_with(&format!("{own_name} must be "))),
                "{name}: {found:?}"
            );
            count += 1;
        }
        count
    }
    let names = |map: serde_json::Map<String, Value>| map.into_iter().map(|(name, _)| name);
    // The contract's fields; creating also takes a hash, and the others what never changes, to be repeated, and an `enabled`
    // that the contract gives one of them.
    let count = check(names(properties::<CreateUser>()), |more| {
        messages(create(&with(least(), more)))
    });
    assert_eq!(count, 49 + 1);
    let count = check(names(properties::<UpdateUser>()), |body| messages(update(body)));
    assert_eq!(count, 44 + 2);
    let count = check(names(properties::<UpdateOwnUser>()), |body| {
        messages(update_own(body))
    });
    assert_eq!(count, 44 + 1 + 2);
}

#[test]
fn null_empties_what_can_be_empty() {
    let empty = update(&json!({
        "email": null, "display_name": null, "mobile_phone": null, "custom_options": null, "blfs": null,
        "outbound_caller_ids": null, "custom_forward_rules": null, "voicemail_prompt": null,
        "name": null, "extension_number": null,
    }))
    .unwrap();
    assert_eq!(empty.email, Patch::Set(String::new()));
    assert_eq!(empty.settings.blfs, Patch::Set(Vec::new()));
    assert_eq!(empty.settings.custom_forward_rules, Patch::Set(Vec::new()));
    for name in [
        "enabled",
        "enable_dnd",
        "sms",
        "interface",
        "voicemail_pin",
        "office_hours",
        "dnd_office_hours_forward_rule",
    ] {
        assert_eq!(
            messages(update(&json!({ name: null }))),
            [format!("{name} is required")]
        );
    }
}

#[test]
fn what_is_not_mentioned_stays() {
    assert_eq!(update(&json!({})).unwrap(), UserPatch::default());
    for (value, picture) in [("", None), ("100007", Some(BlobId::new(100_007)))] {
        let expected = UserPatch {
            avatar: Patch::Set(picture),
            ..UserPatch::default()
        };
        assert_eq!(update_own(&json!({"avatar_file_id": value})).unwrap(), expected);
    }
    let patch =
        update(&json!({"enabled": false, "available_no_answer_forward_rule": {"action": "HANGUP"}})).unwrap();
    assert_eq!(patch.enabled, Patch::Set(false));
    assert_eq!(
        patch
            .settings
            .forward_rules
            .iter()
            .filter(|rule| !rule.is_keep())
            .count(),
        1
    );
}

#[test]
fn what_cannot_change_is_refused() {
    let body = json!({"name": "bob", "extension_number": "102"});
    for patch in [update(&body).unwrap(), update_own(&body).unwrap()] {
        // Whether they are the present ones only the directory knows.
        assert_eq!(patch.name, Patch::Set("bob".into()));
        assert_eq!(patch.extension_number, Patch::Set("102".into()));
    }
    let body = json!({"name": 1, "extension_number": {}});
    let expected = ["name must be text", "extension_number must be text"];
    assert_eq!(messages(update(&body)), expected);
    assert_eq!(messages(update_own(&body)), expected);
    assert_eq!(
        messages(update_own(&json!({"avatar_file_id": "x"}))),
        ["avatar_file names something that does not exist"]
    );
}

#[test]
fn the_document_repeats_the_limits() {
    let number = |value: &Value| value.as_u64().map(|number| usize::try_from(number).unwrap());
    let create = properties::<CreateUser>();
    for (name, least, most) in [
        (
            "name",
            Some(*limits::USER_NAME.start()),
            Some(*limits::USER_NAME.end()),
        ),
        ("email", None, Some(limits::EMAIL)),
        ("display_name", None, Some(limits::DISPLAY_NAME)),
        (
            "role",
            Some(*limits::ROLE_NAME.start()),
            Some(*limits::ROLE_NAME.end()),
        ),
        ("mobile_phone", None, Some(limits::PERSONAL_PHONE)),
        ("work_phone", None, Some(limits::PERSONAL_PHONE)),
        ("home_phone", None, Some(limits::PERSONAL_PHONE)),
        ("address", None, Some(limits::ADDRESS)),
        ("department", None, Some(limits::DEPARTMENT)),
        (
            "extension_number",
            Some(*limits::EXTENSION_NUMBER.start()),
            Some(*limits::EXTENSION_NUMBER.end()),
        ),
        ("custom_options", None, Some(limits::CUSTOM_OPTIONS)),
        ("voicemail_prompt", None, Some(limits::LANGUAGE_TAG)),
        (
            "voicemail_pin",
            Some(*limits::VOICEMAIL_PIN.start()),
            Some(*limits::VOICEMAIL_PIN.end()),
        ),
    ] {
        let property = &create[name];
        assert_eq!(number(&property["minLength"]), least, "{name}");
        assert_eq!(number(&property["maxLength"]), most, "{name}");
        let update = properties::<UpdateUser>();
        if let Some(changed) = update.get(name) {
            assert_eq!(changed["maxLength"], property["maxLength"], "{name}");
        }
    }
    for (name, most) in [
        ("outbound_caller_ids", limits::CALLER_IDS),
        ("custom_forward_rules", limits::CUSTOM_FORWARD_RULES),
        ("blfs", limits::BLFS),
    ] {
        assert_eq!(number(&create[name]["maxItems"]), Some(most), "{name}");
    }
    let rule = properties::<NoAnswerRuleWire>();
    assert_eq!(number(&rule["number"]["maxLength"]), Some(limits::FORWARD_NUMBER));
    assert_eq!(rule["timeout"]["minimum"], *limits::NO_ANSWER_SECONDS.start());
    assert_eq!(rule["timeout"]["maximum"], *limits::NO_ANSWER_SECONDS.end());
    let caller_id = properties::<CallerIdWire>();
    assert_eq!(
        number(&caller_id["caller_id"]["maxLength"]),
        Some(*limits::CALLER_ID.end())
    );
    assert_eq!(
        number(&caller_id["description"]["maxLength"]),
        Some(limits::DESCRIPTION)
    );
    let blf = properties::<BlfWire>();
    for part in ["key", "value", "first_name", "last_name"] {
        assert_eq!(number(&blf[part]["maxLength"]), Some(limits::BLF_TEXT));
    }
}
