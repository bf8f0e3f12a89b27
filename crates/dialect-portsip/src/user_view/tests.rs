use jackfield_directory::document::settings_of;
use jackfield_domain::{ExtensionId, Money, SettingsText, TenantId, UserId, UserSettings};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::user_answer::{OwnUserAnswer, UserAnswer, UsersAnswer};

/// The settings of a new user, as they are stored.
const SETTINGS: &str = include_str!("default_settings.json");

fn alice() -> User {
    User {
        tenant: TenantId::FIRST,
        id: UserId::FIRST,
        name: "alice".into(),
        email: "alice@example.com".into(),
        display_name: "Alice \"Al\" Smith\\\n".into(),
        enabled: true,
        role: "Admin".into(),
        mobile_phone: "+49 170 1".into(),
        work_phone: String::new(),
        home_phone: String::new(),
        address: "Straße 1\u{0007}".into(),
        department: "R&D".into(),
        extension: Some(ExtensionId::FIRST),
        extension_number: Some("101".into()),
        dnd: true,
        location: None,
        initial: false,
        acb: false,
        balance: Money::ZERO,
        external_identity: Some("alice@tenant.example".into()),
        avatar: None,
        profile: "p".repeat(43),
        must_change_password: false,
        sealed_pin: Vec::new(),
        settings: SettingsText::new(SETTINGS.trim()),
        created_at: Timestamp::from_micros(1_700_000_000_123_456),
        updated_at: Timestamp::from_micros(0),
        version: 1,
    }
}

/// The answer, read back through its type, which refuses any field that it does not know and misses any that it does.
fn parsed<T: serde::de::DeserializeOwned + serde::Serialize>(bytes: &Bytes) -> Value {
    let typed: T = serde_json::from_slice(bytes).unwrap();
    let value: Value = serde_json::from_slice(bytes).unwrap();
    assert_eq!(serde_json::to_value(typed).unwrap(), value);
    value
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_fixture_is_what_the_directory_stores() {
    assert_eq!(settings_of(&alice()).unwrap(), UserSettings::default());
}

#[test]
fn a_user_has_the_fields_of_the_contract() {
    let pin = VoicemailPin::new("135792");
    let value = parsed::<UserAnswer>(&user(&alice(), Some(&pin)).unwrap());
    let mut got = names(&value);
    got.sort_unstable();
    let mut expected = Vec::from(CONTRACT);
    expected.sort_unstable();
    assert_eq!(got, expected);
    assert_eq!(got.len(), 54);

    assert_eq!(value["id"], "100000");
    assert_eq!(value["display_name"], "Alice \"Al\" Smith\\\n");
    assert_eq!(value["address"], "Straße 1\u{0007}");
    assert_eq!(value["enable_dnd"], true);
    assert_eq!(value["enable_acb"], false);
    assert_eq!(value["voicemail_pin"], "135792");
    assert_eq!(value["created_at"], "2023-11-14T22:13:20.123456Z");
    assert_eq!(value["sync_type"], SYNC_TYPE);
    assert_eq!(value["avatar_file_size"], 0);
}

#[test]
fn what_a_user_lacks_is_empty() {
    let mut user_without = alice();
    user_without.extension = None;
    user_without.extension_number = None;
    user_without.external_identity = None;
    let value = parsed::<UserAnswer>(&user(&user_without, None).unwrap());
    assert_eq!(value["extension_number"], "");
    assert_eq!(value["voicemail_pin"], "");
    assert!(value.get("sync_type").is_none());
}

#[test]
fn oneself_is_told_the_transports_too() {
    let other = parsed::<UserAnswer>(&user(&alice(), None).unwrap());
    let mut own = parsed::<OwnUserAnswer>(&own_user(&alice(), None).unwrap());
    let transports = own.as_object_mut().unwrap().remove("transports");
    assert_eq!(transports, Some(serde_json::json!([])));
    assert_eq!(own, other);
}

fn line_of(user: &User) -> UserSummary {
    UserSummary {
        id: user.id,
        name: user.name.clone(),
        email: user.email.clone(),
        display_name: user.display_name.clone(),
        enabled: user.enabled,
        role: user.role.clone(),
        mobile_phone: user.mobile_phone.clone(),
        work_phone: user.work_phone.clone(),
        home_phone: user.home_phone.clone(),
        address: user.address.clone(),
        department: user.department.clone(),
        extension_number: user.extension_number.clone(),
        external_identity: user.external_identity.clone(),
        created_at: user.created_at,
        dnd: user.dnd,
        location: user.location,
        initial: user.initial,
        avatar: user.avatar.clone(),
    }
}

#[test]
fn a_picture_is_shown_with_its_address() {
    let mut with = alice();
    with.avatar = Some(jackfield_domain::Avatar {
        file: jackfield_domain::BlobId::FIRST,
        key: jackfield_domain::BlobKey::parse(&"k".repeat(32)).unwrap(),
        name: "me \"1\".png".into(),
        size: 1234,
    });
    let detail = parsed::<UserAnswer>(&user(&with, None).unwrap());
    assert_eq!(detail["avatar_file_name"], "me \"1\".png");
    assert_eq!(detail["avatar_file_size"], 1234);
    assert_eq!(
        detail["avatar_file_url"],
        format!("/api/blobs/{}", "k".repeat(32))
    );
}

#[test]
fn a_page_of_users() {
    let mut bob = alice();
    bob.external_identity = None;
    let listing = Listing {
        items: vec![line_of(&alice()), line_of(&bob)],
        total: 205,
    };
    let value = parsed::<UsersAnswer>(&users(&listing).unwrap());
    assert_eq!(value["count"], 205);
    let detail = parsed::<UserAnswer>(&user(&alice(), None).unwrap());
    let line = &value["items"][0];
    assert_eq!(names(line).len(), 17);
    for (name, field) in line.as_object().unwrap() {
        assert_eq!(field, &detail[name], "{name}: the list and the user say the same");
    }
    assert_eq!(names(&value["items"][1]).len(), 16);

    let nobody = Listing {
        items: Vec::new(),
        total: 0,
    };
    assert_eq!(&users(&nobody).unwrap()[..], br#"{"count":0,"items":[]}"#);
}

#[test]
fn every_field_of_a_line_can_be_asked_for() {
    let listing = Listing {
        items: vec![line_of(&alice())],
        total: 1,
    };
    let value = parsed::<UsersAnswer>(&users(&listing).unwrap());
    for name in names(&value["items"][0]) {
        assert!(crate::user_columns::named(name).is_some(), "{name}");
    }
}

proptest! {
    #[test]
    fn any_text_survives(name in any::<String>(), role in any::<String>()) {
        let mut odd = alice();
        odd.display_name.clone_from(&name);
        odd.role.clone_from(&role);
        let value: Value = serde_json::from_slice(&user(&odd, None).unwrap()).unwrap();
        prop_assert_eq!(value["display_name"].as_str(), Some(name.as_str()));
        prop_assert_eq!(value["role"].as_str(), Some(role.as_str()));
    }
}

/// The fields of the vendor's contract for `GET /users/{id}`.
const CONTRACT: [&str; 54] = [
    "id",
    "name",
    "email",
    "display_name",
    "role",
    "enabled",
    "mobile_phone",
    "work_phone",
    "home_phone",
    "address",
    "department",
    "extension_number",
    "enable_audio_recording",
    "enable_video_recording",
    "enable_dnd",
    "enable_acb",
    "enable_hot_desking",
    "anonymous_outbound_calls",
    "delivery_outbound_cid",
    "sms",
    "outbound_caller_ids",
    "custom_options",
    "office_hours",
    "available_office_hours_forward_rule",
    "available_non_office_hours_forward_rule",
    "available_no_answer_forward_rule",
    "busy_office_hours_forward_rule",
    "busy_non_office_hours_forward_rule",
    "busy_no_answer_forward_rule",
    "dnd_office_hours_forward_rule",
    "dnd_non_office_hours_forward_rule",
    "away_office_hours_forward_rule",
    "away_non_office_hours_forward_rule",
    "lunch_office_hours_forward_rule",
    "lunch_non_office_hours_forward_rule",
    "trip_office_hours_forward_rule",
    "trip_non_office_hours_forward_rule",
    "offline_office_hours_forward_rule",
    "offline_non_office_hours_forward_rule",
    "custom_forward_rules",
    "voicemail_prompt",
    "enable_voicemail_pin",
    "voicemail_pin",
    "enable_voicemail_notify",
    "voicemail_play_datetime",
    "interface",
    "preferred_transport",
    "blfs",
    "profile",
    "created_at",
    "avatar_file_name",
    "avatar_file_size",
    "avatar_file_url",
    "sync_type",
];
