//! Users: every field, and every operation on one.

use jackfield_testkit::{Draft, PASSWORD, Person, Request, TestServer};
use serde_json::{Value, json};

fn day(enabled: bool, ranges: &[(&str, &str)]) -> Value {
    let ranges: Vec<_> = ranges
        .iter()
        .map(|(from, to)| json!({"from": from, "to": to}))
        .collect();
    json!({"enabled": enabled, "ranges": ranges})
}

fn week() -> Value {
    let mut week = json!({});
    for (index, name) in [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
    .iter()
    .enumerate()
    {
        week[name] = match index {
            0 => day(true, &[("08:00", "12:00"), ("13:30", "17:45")]),
            1 => day(true, &[]),
            6 => day(false, &[("00:00", "24:00")]),
            _ => day(true, &[("09:00", "17:00")]),
        };
    }
    week
}

/// A user with a value that is no default in every field that the contract lets a client set.
fn full(name: &str, number: &str) -> Draft {
    let mut hours = week();
    hours["mode"] = "CUSTOM".into();
    let mut draft = Draft::user(name, number)
        .with("enabled", true)
        .with("display_name", "Älice \"the\" O'Neil ☎")
        .with("mobile_phone", "+49 171 1234567")
        .with("work_phone", "030 1")
        .with("home_phone", "030 2")
        .with("address", "1, High Street\nTown")
        .with("department", "Sales")
        .with("enable_audio_recording", true)
        .with("enable_video_recording", true)
        .with("enable_dnd", true)
        .with("enable_acb", true)
        .with("enable_hot_desking", true)
        .with("anonymous_outbound_calls", true)
        .with("delivery_outbound_cid", false)
        .with("sms", "ALLOW_WITH_SENDER_ID")
        .with(
            "outbound_caller_ids",
            json!([
                {"provider_id": "100000", "caller_id": "+4930111", "preferred": true, "description": "office"},
                {"provider_id": "100001", "caller_id": "+4930112", "preferred": false, "description": ""},
            ]),
        )
        .with("custom_options", "{\"crm\":\"7\"}")
        .with("office_hours", hours)
        .with(
            "custom_forward_rules",
            json!([{"action": "FORWARD_TO_NUMBER", "number": "101", "caller_id": "+4930*", "type": "SPECIFIC_HOURS", "hours": week()}]),
        )
        .with("voicemail_prompt", "de-DE")
        .with("enable_voicemail_pin", false)
        .with("enable_voicemail_notify", true)
        .with("voicemail_play_datetime", "24_HOUR_CLOCK")
        .with("interface", "SBC_DOMAIN")
        .with("preferred_transport", "TLS")
        .with("blfs", json!([{"key": "BLF", "value": "101", "first_name": "Ada", "last_name": "O"}]));
    for (index, case) in [
        "available_office_hours",
        "available_non_office_hours",
        "busy_office_hours",
        "busy_non_office_hours",
    ]
    .iter()
    .enumerate()
    {
        let action = [
            "RING_ANYWAY",
            "HANGUP",
            "FORWARD_TO_NUMBER",
            "FORWARD_TO_VOICEMAIL",
        ][index];
        draft = draft.with(
            &format!("{case}_forward_rule"),
            json!({"action": action, "number": format!("20{index}")}),
        );
    }
    for (index, state) in ["dnd", "away", "lunch", "trip", "offline"].iter().enumerate() {
        for hours in ["office_hours", "non_office_hours"] {
            let action = ["HANGUP", "FORWARD_TO_NUMBER", "FORWARD_TO_VOICEMAIL"][index % 3];
            draft = draft.with(
                &format!("{state}_{hours}_forward_rule"),
                json!({"action": action, "number": format!("30{index}")}),
            );
        }
    }
    for (case, timeout) in [("available", 0), ("busy", 3600)] {
        draft = draft.with(
            &format!("{case}_no_answer_forward_rule"),
            json!({"action": "FORWARD_TO_NUMBER", "number": "400", "timeout": timeout}),
        );
    }
    draft
}

/// The two trunks that caller ids of these tests belong to.
async fn trunks(admin: &Person) {
    for id in ["100000", "100001"] {
        let draft = Draft::provider(&format!("Carrier {id}"));
        assert_eq!(admin.post("/providers", draft).await.created(), id);
    }
}

/// What is sent and never read back.
const WRITE_ONLY: [&str; 2] = ["password", "extension_password"];

#[tokio::test]
async fn every_field_is_read_back_as_it_was_written() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    trunks(&admin).await;
    let draft = full("alice", "3001");
    let id = admin.post("/users", draft.clone()).await.created();
    let read = admin.get(&format!("/users/{id}")).await.is(200);
    let written = draft.json();
    for (member, value) in written.as_object().expect("an object") {
        if WRITE_ONLY.contains(&member.as_str()) {
            assert!(read.json().get(member).is_none(), "{member} is shown");
        } else {
            assert_eq!(&read[member], value, "{member}");
        }
    }
    let mut own: Vec<_> = read
        .json()
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    own.retain(|member| written.get(member).is_none());
    own.sort_unstable();
    assert_eq!(
        own,
        [
            "avatar_file_name",
            "avatar_file_size",
            "avatar_file_url",
            "created_at",
            "id",
            "profile"
        ],
        "what the server adds"
    );
    assert_eq!(read["created_at"], "2026-03-02T08:00:00Z");
    assert!(!read.text().contains(PASSWORD));
}

#[tokio::test]
async fn every_field_can_be_changed_by_an_administrator_and_by_oneself() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let other = portsip.user("other").await;
    let alice = portsip.user("alice").await;
    let path = format!("/users/{}", alice.id);
    trunks(&admin).await;
    let change = full("alice", "3001")
        .without("name")
        .without("password")
        .without("extension_number")
        .without("extension_password")
        .without("role");
    let neighbour = admin.get(&format!("/users/{}", other.id)).await.is(200).text();
    admin.post(&path, change.clone()).await.changed();
    let read = admin.get(&path).await.is(200);
    for (member, value) in change.json().as_object().expect("an object") {
        assert_eq!(&read[member], value, "{member}");
    }
    assert_eq!(
        admin.get(&format!("/users/{}", other.id)).await.is(200).text(),
        neighbour
    );
    assert_eq!(
        (&read["name"], &read["role"]),
        (&json!("alice"), &json!("StandardUser"))
    );

    let own = portsip.user("bob").await;
    let change = change
        .without("enabled")
        .without("sms")
        .with("email", "bob@mail.test");
    own.post("/user", change.clone()).await.changed();
    let read = own.get("/user").await.is(200);
    for (member, value) in change.json().as_object().expect("an object") {
        assert_eq!(&read[member], value, "{member}");
    }
    assert_eq!(read["transports"], json!([]));
    let mut same = read.json().clone();
    same.as_object_mut().expect("an object").remove("transports");
    assert_eq!(
        &same,
        admin.get(&format!("/users/{}", own.id)).await.is(200).json(),
        "both doors show the same user"
    );
}

#[tokio::test]
async fn what_is_left_out_has_the_default_of_the_contract() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let id = admin.post("/users", Draft::user("alice", "3001")).await.created();
    let read = admin.get(&format!("/users/{id}")).await.is(200);
    for (member, value) in [
        ("enabled", json!(true)),
        ("enable_audio_recording", json!(false)),
        ("enable_video_recording", json!(false)),
        ("enable_hot_desking", json!(false)),
        ("anonymous_outbound_calls", json!(false)),
        ("delivery_outbound_cid", json!(true)),
        ("sms", json!("DISABLE")),
        ("enable_voicemail_pin", json!(true)),
        ("enable_voicemail_notify", json!(false)),
        ("voicemail_play_datetime", json!("DISABLE")),
        ("interface", json!("WEB_DOMAIN")),
        ("preferred_transport", json!("UDP")),
        ("outbound_caller_ids", json!([])),
        ("custom_forward_rules", json!([])),
        ("blfs", json!([])),
        ("mobile_phone", json!("")),
        ("custom_options", json!("")),
    ] {
        assert_eq!(read[member], value, "{member}");
    }
    assert_eq!(read["office_hours"]["mode"], "GLOBAL");
    for case in ["available", "busy"] {
        assert_eq!(
            read[format!("{case}_no_answer_forward_rule").as_str()]["timeout"],
            60
        );
    }
}

#[tokio::test]
async fn a_change_says_nothing_of_what_it_leaves_out() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    trunks(&admin).await;
    let id = admin.post("/users", full("alice", "3001")).await.created();
    let path = format!("/users/{id}");
    let before = admin.get(&path).await.is(200);
    for body in [
        json!({}),
        json!({"unknown_field": [1, 2]}),
        json!({"display_name": before["display_name"]}),
    ] {
        admin.post(&path, body).await.changed();
        assert_eq!(admin.get(&path).await.is(200).text(), before.text());
    }
    // One day of the week and one rule; the others stay.
    let change = json!({
        "office_hours": {"tuesday": {"enabled": false, "ranges": []}},
        "busy_office_hours_forward_rule": {"action": "HANGUP"},
        "mobile_phone": null,
    });
    admin.post(&path, change).await.changed();
    let after = admin.get(&path).await.is(200);
    assert_eq!(after["office_hours"]["monday"], before["office_hours"]["monday"]);
    assert_eq!(after["office_hours"]["mode"], "CUSTOM");
    assert_eq!(after["office_hours"]["tuesday"]["enabled"], false);
    assert_eq!(
        after["busy_office_hours_forward_rule"],
        json!({"action": "HANGUP", "number": ""})
    );
    assert_eq!(
        after["busy_non_office_hours_forward_rule"],
        before["busy_non_office_hours_forward_rule"]
    );
    assert_eq!(after["mobile_phone"], "");
}

#[tokio::test]
async fn ids_are_read_in_both_of_the_vendors_forms() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let admin = server.portsip().admin().await;
    let plain = admin.get(&format!("/users/{}", alice.id)).await.is(200);
    assert_eq!(plain["id"], alice.id.as_str());
    // The base64 form of the same digits, as the vendor's reference shows ids.
    let groups: Vec<_> = alice.id.bytes().collect();
    let encoded = base64(&groups);
    assert_eq!(
        admin.get(&format!("/users/{encoded}")).await.is(200).text(),
        plain.text()
    );
    for unknown in [
        "999999",
        "0",
        "-1",
        "x",
        "1e5",
        "%00",
        "99999999999999999999999",
        "100000.0",
    ] {
        let _ = admin
            .get(&format!("/users/{unknown}"))
            .await
            .fails(404, "NOT_FOUND");
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(LETTERS[(word >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}

#[tokio::test]
async fn destroying_a_user_frees_his_name_and_number() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let id = admin.post("/users", Draft::user("alice", "3001")).await.created();
    let group = admin.post("/groups", Draft::group("Sales")).await.created();
    admin
        .act(&format!("/groups/{group}/members/3001"))
        .await
        .changed();
    admin.act(&format!("/users/{id}/destroy")).await.destroyed();
    for answer in [
        admin.get(&format!("/users/{id}")).await,
        admin
            .post(&format!("/users/{id}"), json!({"department": "x"}))
            .await,
        admin.act(&format!("/users/{id}/destroy")).await,
        admin.get(&format!("/users/{id}/balance")).await,
    ] {
        let _ = answer.fails(404, "NOT_FOUND");
    }
    assert_eq!(
        admin.get(&format!("/groups/{group}/members")).await.is(200)["items"],
        json!([])
    );
    let again = admin.post("/users", Draft::user("alice", "3001")).await.created();
    assert_ne!(again, id, "ids are not given twice");
}

#[tokio::test]
async fn nobody_removes_himself() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    server.portsip().user_as("second", "Admin").await;
    let own = format!("/users/{}", admin.id);
    let _ = admin.act(&format!("{own}/destroy")).await.fails(403, "FORBIDDEN");
    let _ = admin
        .post(&own, json!({"enabled": false}))
        .await
        .fails(403, "FORBIDDEN");
    let _ = admin.get("/user").await.is(200);
}

#[tokio::test]
async fn profiles_get_new_names() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let (alice, bob, off) = (
        portsip.user("alice").await,
        portsip.user("bob").await,
        portsip.user("off").await,
    );
    admin
        .post(&format!("/users/{}", off.id), json!({"enabled": false}))
        .await
        .changed();
    let profiles = async || {
        let mut all = Vec::new();
        for user in [&alice, &bob, &off] {
            let read = admin.get(&format!("/users/{}", user.id)).await.is(200);
            all.push(read["profile"].as_str().expect("a name").to_owned());
        }
        all
    };
    let first = profiles().await;
    assert!(first.iter().all(|name| name.len() >= 32), "{first:?}");
    alice.act("/user/profile").await.changed();
    let second = profiles().await;
    assert_ne!(first[0], second[0]);
    assert_eq!(first[1..], second[1..]);
    admin.act(&format!("/users/{}/profile", bob.id)).await.changed();
    let third = profiles().await;
    assert_ne!(second[1], third[1]);
    admin.act("/users/profile").await.changed();
    let fourth = profiles().await;
    assert!(third[0] != fourth[0] && third[1] != fourth[1] && third[2] == fourth[2]);
    admin
        .act(&format!("/users/profile?id={}", alice.id))
        .await
        .changed();
    let fifth = profiles().await;
    assert!(fourth[0] != fifth[0] && fourth[1] == fifth[1]);
    let _ = admin
        .act("/users/profile?id=999999")
        .await
        .fails(404, "NOT_FOUND");
}

#[tokio::test]
async fn binding_to_the_directory_outside() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let admin = server.portsip().admin().await;
    let path = format!("/users/{}", alice.id);
    let binding = format!("{path}/ms365_binding");
    assert!(admin.get(&path).await.is(200).json().get("sync_type").is_none());
    admin
        .post(&binding, json!({"id": "alice@example.com"}))
        .await
        .changed();
    assert_eq!(admin.get(&path).await.is(200)["sync_type"], "Microsoft 365");
    let listed = admin
        .find("/users", &[("filter", "sync_type eq 'Microsoft 365'")])
        .await
        .is(200);
    assert_eq!(listed.column("id"), [alice.id.as_str()]);
    for body in [
        json!({}),
        json!({"id": ""}),
        json!({"id": "a b"}),
        json!({"id": "x".repeat(257)}),
        json!({"id": 7}),
    ] {
        let _ = admin
            .post(&binding, body)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("id");
    }
    admin.act(&format!("{binding}/destroy")).await.destroyed();
    let _ = admin
        .act(&format!("{binding}/destroy"))
        .await
        .fails(404, "NOT_FOUND");
    assert!(admin.get(&path).await.is(200).json().get("sync_type").is_none());
}

#[tokio::test]
async fn caller_ids_of_the_user_his_groups_and_the_tenant() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let alice = portsip.user("alice").await;
    let entry = |provider: &str, number: &str| json!({"provider_id": provider, "caller_id": number, "description": "d"});
    trunks(&admin).await;
    let mut own = entry("100000", "+491");
    own["preferred"] = true.into();
    alice
        .post("/user", json!({"outbound_caller_ids": [own]}))
        .await
        .changed();
    for (name, number) in [("Sales", "+492"), ("Support", "+491")] {
        let draft = Draft::group(name).with("outbound_caller_ids", json!([entry("100000", number)]));
        let group = admin.post("/groups", draft).await.created();
        admin
            .act(&format!("/groups/{group}/members/{}", alice.number))
            .await
            .changed();
    }
    admin
        .post(
            "/tenant",
            json!({"outbound_caller_ids": [entry("100000", "+493"), entry("100001", "+491")]}),
        )
        .await
        .changed();
    let list = alice.get("/user/outbound_caller_ids").await.is(200);
    let pairs: Vec<_> = list
        .column("provider_id")
        .into_iter()
        .zip(list.column("caller_id"))
        .collect();
    let expected = [
        ("100000", "+491"),
        ("100000", "+492"),
        ("100000", "+493"),
        ("100001", "+491"),
    ];
    assert_eq!(
        pairs,
        expected.map(|(provider, number)| (provider.to_owned(), number.to_owned()))
    );
}

#[tokio::test]
async fn a_client_that_knows_the_user_is_told_so() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let admin = server.portsip().admin().await;
    for (person, path) in [
        (&admin, format!("/users/{}", alice.id)),
        (&alice, "/user".to_owned()),
    ] {
        let read = person.get(&path).await.is(200);
        let tag = read.header("etag").expect("a tag").to_owned();
        let known = |tag: &str| Request::new("GET", path.as_str()).header("If-None-Match", tag);
        let same = person.send(known(&tag)).await.is(304);
        assert_eq!((same.bytes().len(), same.header("etag")), (0, Some(tag.as_str())));
        alice
            .post("/user", json!({"department": format!("of {path}")}))
            .await
            .changed();
        let changed = person.send(known(&tag)).await.is(200);
        assert_ne!(changed.header("etag"), Some(tag.as_str()));
        assert_eq!(changed["department"], format!("of {path}"));
    }
}
