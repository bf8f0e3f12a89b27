//! Phones of users.

use jackfield_testkit::{Draft, Person, TestServer, scenarios};
use serde_json::{Value, json};

/// A phone with everything that can be said of one.
fn whole_phone(mac: &str) -> Draft {
    Draft::phone(mac)
        .with("ringtone", "Ring 1")
        .with("queue_ringtone", "Ring 2")
        .with("external_ringtone", "Ring 3")
        .with("date_format", "15 JAN MON")
        .with("time_format", "24-hour clock")
        .with("powerled", "On")
        .with("backlight", "30 s")
        .with("screensaver", "10 min")
        .with("rps", true)
        .with("https", true)
        .with("enable_lldp", true)
        .with("enable_vlan_wan_port", true)
        .with("wan_port_id", 4094)
        .with("wan_port_priority", 0)
        .with("enable_vlan_pc_port", true)
        .with("pc_port_id", 1)
        .with("pc_port_priority", 7)
        .with("serial_number", "SN-1")
        .with("door_password1", "1234")
        .with("door_password2", "56789012")
}

/// The folder of a user's files.
async fn folder(person: &Person) -> String {
    let user = person.get("/user").await.is(200);
    let profile = user["profile"].as_str().expect("a user has a profile");
    format!("https://pbx.example.test/provision/{profile}/")
}

#[tokio::test]
async fn create_read_change_destroy() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let url = folder(&alice).await;
    let of = format!("/users/{}/phones", alice.id);
    for (person, list, mac) in [
        (&alice, "/user/phones", "00:15:65:ab:cd:01"),
        (&admin, of.as_str(), "00:15:65:ab:cd:02"),
    ] {
        let draft = whole_phone(&mac.to_uppercase());
        let id = person.post(list, draft.clone()).await.created();
        let path = format!("{list}/{id}");
        let mut expected = draft.json();
        expected["id"] = id.as_str().into();
        expected["mac"] = mac.into();
        expected["url"] = url.as_str().into();
        assert_eq!(person.get(&path).await.is(200).json(), &expected);
        let lines = person.get(list).await.is(200);
        if list == "/user/phones" {
            // Only one's own list tells the firmware.
            expected["fwver"] = "".into();
        }
        assert_eq!(lines.json(), &json!({"items": [expected]}));

        let change = json!({
            "password": "other", "language": "GREEK", "codecs": [], "ringtone": null, "rps": false,
            "wan_port_id": null, "pc_port_priority": 0, "door_password1": "", "door_password2": "9999",
            "timezone": "GMT+1",
        });
        person.post(&path, change.clone()).await.changed();
        let read = person.get(&path).await.is(200);
        for (member, value) in change.as_object().expect("an object") {
            let expected = match (member.as_str(), value) {
                ("ringtone", _) => &json!(""),
                // What opens nothing is left out.
                ("door_password1", _) => &Value::Null,
                (_, value) => value,
            };
            assert_eq!(&read[member.as_str()], expected, "{member}");
        }
        assert!(read.json().get("wan_port_id").is_none(), "{read}");
        assert_eq!(read["queue_ringtone"], "Ring 2", "what is left out stays");
        person.act(&format!("{path}/destroy")).await.destroyed();
        for answer in [
            person.get(&path).await,
            person.post(&path, json!({})).await,
            person.act(&format!("{path}/destroy")).await,
            person.get(&format!("{list}/nonsense")).await,
        ] {
            let _ = answer.fails(404, "NOT_FOUND");
        }
        assert_eq!(person.get(list).await.is(200).json(), &json!({"items": []}));
    }
}

#[tokio::test]
async fn little_is_needed_and_the_rest_is_empty() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let id = alice
        .post("/user/phones", Draft::phone("001565abcdef"))
        .await
        .created();
    let read = alice.get(&format!("/user/phones/{id}")).await.is(200);
    assert_eq!(read["mac"], "00:15:65:ab:cd:ef");
    for text in [
        "ringtone",
        "queue_ringtone",
        "external_ringtone",
        "date_format",
        "time_format",
        "powerled",
        "backlight",
        "screensaver",
        "serial_number",
    ] {
        assert_eq!(read[text], "", "{text}");
    }
    for secret in ["door_password1", "door_password2"] {
        assert!(read.json().get(secret).is_none(), "{secret}");
    }
    for flag in [
        "rps",
        "https",
        "enable_lldp",
        "enable_vlan_wan_port",
        "enable_vlan_pc_port",
    ] {
        assert_eq!(read[flag], false, "{flag}");
    }
    for number in [
        "wan_port_id",
        "wan_port_priority",
        "pc_port_id",
        "pc_port_priority",
    ] {
        assert!(read.json().get(number).is_none(), "{number}");
    }
}

#[tokio::test]
async fn a_device_is_one_phone_of_one_user_of_one_tenant() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let other = portsip.company("other.test").await;
    let id = alice
        .post("/user/phones", Draft::phone("00:15:65:ab:cd:ef"))
        .await
        .created();
    for (person, path) in [
        (&alice, "/user/phones"),
        (&bob, "/user/phones"),
        (&other.admin, "/user/phones"),
    ] {
        let answer = person
            .post(path, Draft::phone("00-15-65-AB-CD-EF"))
            .await
            .fails(409, "ALREADY_EXISTS")
            .says("mac");
        let text = answer.text();
        assert!(!text.contains(&alice.id) && !text.contains("alice"), "{answer}");
        assert!(!text.contains("home.test"), "{answer}");
    }
    alice.act(&format!("/user/phones/{id}/destroy")).await.destroyed();
    bob.post("/user/phones", Draft::phone("00:15:65:ab:cd:ef"))
        .await
        .created();
    // A user takes his phones along.
    admin.act(&format!("/users/{}/destroy", bob.id)).await.destroyed();
    other
        .admin
        .post("/user/phones", Draft::phone("00:15:65:ab:cd:ef"))
        .await
        .created();
}

#[tokio::test]
async fn two_who_want_a_device_at_once_do_not_both_get_it() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let alice = portsip.user("alice").await;
    let other = portsip.company("other.test").await;
    for round in 0..8 {
        let draft = Draft::phone(&format!("00:15:65:ab:cd:{round:02x}"));
        let (mine, theirs) = tokio::join!(
            alice.post("/user/phones", draft.clone()),
            other.admin.post("/user/phones", draft.clone())
        );
        let mut statuses = [mine.status, theirs.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{mine} {theirs}");
    }
}

#[tokio::test]
async fn passwords_are_for_the_user_and_who_may_control_him() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let (alice, manager) = (
        portsip.user("alice").await,
        portsip.user_as("manager", "QueueManager").await,
    );
    let passwords = |read: &Value| {
        ["password", "door_password1", "door_password2"]
            .map(|member| read[member].as_str().unwrap_or_default().to_owned())
    };
    let secrets = ["w3b-Page", "1234", "56789012"].map(str::to_owned);
    let none = ["", "", ""].map(str::to_owned);
    let hers = alice
        .post("/user/phones", whole_phone("00:15:65:ab:cd:01"))
        .await
        .created();
    let his = admin
        .post("/user/phones", whole_phone("00:15:65:ab:cd:02"))
        .await
        .created();
    for (person, owner, id, expected) in [
        (&manager, &alice, &hers, &secrets),
        (&admin, &alice, &hers, &secrets),
        (&admin, &admin, &his, &secrets),
        (&manager, &admin, &his, &none),
    ] {
        let list = format!("/users/{}/phones", owner.id);
        let read = person.get(&format!("{list}/{id}")).await.is(200);
        assert_eq!(
            &passwords(read.json()),
            expected,
            "{} of {}",
            person.name,
            owner.name
        );
        let lines = person.get(&list).await.is(200);
        assert_eq!(&passwords(&lines["items"][0]), expected);
    }
    // A phone registers as its user, so who may not control him gives him none and learns no password by setting it.
    let list = format!("/users/{}/phones", admin.id);
    let path = format!("{list}/{his}");
    for answer in [
        manager.post(&list, Draft::phone("00:15:65:ab:cd:03")).await,
        manager.post(&path, json!({"password": "mine"})).await,
        manager.post(&path, json!({"door_password1": "4321"})).await,
    ] {
        let _ = answer.fails(403, "FORBIDDEN");
    }
    manager.post(&path, json!({"ringtone": "Bell"})).await.changed();
    let read = admin.get(&path).await.is(200);
    assert_eq!(
        (&read["ringtone"], &passwords(read.json())),
        (&json!("Bell"), &secrets)
    );
    for answer in [
        alice.get(&list).await,
        alice.post(&list, Draft::phone("00:15:65:ab:cd:03")).await,
    ] {
        let _ = answer.fails(403, "FORBIDDEN");
    }
}

#[tokio::test]
async fn another_folder_is_another_address() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let id = alice
        .post("/user/phones", Draft::phone("00:15:65:ab:cd:ef"))
        .await
        .created();
    let path = format!("/user/phones/{id}");
    let before = alice.get(&path).await.is(200)["url"].clone();
    alice.act("/user/profile").await.changed();
    let after = alice.get(&path).await.is(200)["url"].clone();
    assert_ne!(before, after);
    assert_eq!(after, folder(&alice).await);
}

#[tokio::test]
async fn wrong_phones_are_named() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let draft = whole_phone("00:15:65:ab:cd:ef");
    let long = "x".repeat(257);
    for (member, value) in [
        ("mac", json!("00:15:65:ab:cd")),
        ("mac", json!("")),
        ("filename", json!("../passwd")),
        ("vendor", json!("")),
        ("model", json!(long)),
        ("password", json!("")),
        ("language", json!("german")),
        ("transfer", json!("WARM")),
        ("timezone", json!("")),
        ("ringtone", json!(long)),
        ("codecs", json!(["PCMU", "PCMU"])),
        ("wan_port_id", json!(0)),
        ("pc_port_id", json!(4095)),
        ("pc_port_priority", json!(8)),
        ("interface", json!("LAN")),
        ("preferred_transport", json!("SCTP")),
        ("door_password1", json!("123")),
        ("door_password2", json!("123456789")),
    ] {
        let _ = alice
            .post("/user/phones", draft.clone().with(member, value))
            .await
            .fails(400, "VALIDATE_FAILED")
            .says(member);
    }
    let answer = alice
        .post("/user/phones", json!({}))
        .await
        .fails(400, "VALIDATE_FAILED");
    for member in Draft::phone("x").json().as_object().expect("an object").keys() {
        assert!(
            answer.text().contains(&format!("{member} is required")),
            "{member}: {answer}"
        );
    }
    for wrong in [
        json!("PCMU"),
        json!(1),
        json!({"x": 1}),
        json!([1]),
        json!([["x"]]),
    ] {
        let _ = alice
            .post("/user/phones", draft.clone().with("codecs", wrong))
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("codecs");
    }
    let others = draft.clone().without("codecs");
    scenarios::wrong_types(&alice, "/user/phones", &others, "/user/phones").await;
    let id = alice.post("/user/phones", draft).await.created();
    let path = format!("/user/phones/{id}");
    let before = alice.get(&path).await.is(200);
    for (body, word) in [
        (json!({"password": ""}), "password"),
        (json!({"password": null}), "password"),
        (json!({"language": null}), "language"),
        (json!({"timezone": ""}), "timezone"),
        (json!({"rps": null}), "rps"),
        (json!({"wan_port_priority": 8}), "wan_port_priority"),
        (json!({"codecs": ["a", 7]}), "codecs[1]"),
        (json!({"door_password2": "1"}), "door_password2"),
    ] {
        let _ = alice
            .post(&path, body)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says(word);
    }
    // Neither the device nor its template changes: as fields that an update does not have, they are ignored.
    alice
        .post(&path, json!({"mac": "00:15:65:00:00:00", "model": "X5"}))
        .await
        .changed();
    assert_eq!(alice.get(&path).await.is(200).text(), before.text());
}

#[tokio::test]
async fn no_more_than_fifty() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    for number in 0..50 {
        let draft = Draft::phone(&format!("00:15:65:ab:cd:{number:02x}"));
        alice.post("/user/phones", draft).await.created();
    }
    let _ = alice
        .post("/user/phones", Draft::phone("00:15:65:ff:ff:ff"))
        .await
        .fails(409, "LIMIT_REACHED");
    assert_eq!(alice.get("/user/phones").await.is(200).column("id").len(), 50);
}

#[tokio::test]
async fn what_happens_is_written_down_without_secrets() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let alice = portsip.user("alice").await;
    let tenant: i64 = portsip.home().await.id.parse().expect("an id is a number");
    let id = alice
        .post("/user/phones", whole_phone("00:15:65:ab:cd:ef"))
        .await
        .created();
    let path = format!("/user/phones/{id}");
    alice.post(&path, json!({"ringtone": "Bell"})).await.changed();
    alice.post(&path, json!({"ringtone": "Bell"})).await.changed();
    alice.act(&format!("{path}/destroy")).await.destroyed();
    let journal = server.journal(tenant).await;
    let lines: Vec<_> = journal.iter().filter(|line| line.kind == "phone").collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(!format!("{lines:?}").contains("w3b-Page"));
}
