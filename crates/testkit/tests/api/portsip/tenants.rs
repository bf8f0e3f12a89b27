//! Tenants: the installation's, and one's own.

use jackfield_testkit::{Draft, PASSWORD, TestServer, scenarios};
use serde_json::{Value, json};

/// Every setting that both a tenant's creation and its reading know, with values that are no defaults.
fn full(domain: &str) -> Draft {
    let mut draft = Draft::tenant(domain)
        .with("website", "https://www.example.test")
        .with("enabled", true)
        .with("max_extensions", 17)
        .with("max_concurrent_calls", 5)
        .with("recording_retention", 30)
        .with("custom_options", "{\"a\":1}");
    for flag in [
        "enable_video_recording",
        "enable_audio_recording",
        "enable_dual_track_recording",
        "enable_billing",
        "enable_night_mode",
        "password_force_reset",
    ] {
        draft = draft.with(flag, true);
    }
    draft
}

#[tokio::test]
async fn create_read_change_destroy() {
    let server = TestServer::start().await;
    let root = server.portsip().root().await;
    let draft = full("first.test");
    let id = root.post("/tenants", draft.clone()).await.created();
    let path = format!("/tenants/{id}");
    let read = root.get(&path).await.is(200);
    assert_eq!(read["id"], id.as_str());
    assert_eq!(read["created_at"], "2026-03-02T08:00:00Z");
    for (member, value) in draft.json().as_object().expect("an object") {
        assert_eq!(&read[member], value, "{member} in {read}");
    }
    root.post(&path, json!({"max_extensions": 18, "website": null}))
        .await
        .changed();
    let changed = root.get(&path).await.is(200);
    assert_eq!(
        (&changed["max_extensions"], &changed["website"]),
        (&json!(18), &json!(""))
    );
    assert_eq!(changed["enable_billing"], true, "what is left out stays");
    root.act(&format!("{path}/destroy")).await.destroyed();
    for answer in [root.get(&path).await, root.act(&format!("{path}/destroy")).await] {
        let _ = answer.fails(404, "NOT_FOUND");
    }
    let journal = server.journal(0).await;
    let deeds: Vec<_> = journal
        .iter()
        .filter(|line| line.kind == "tenant")
        .map(|line| line.change.as_str())
        .collect();
    assert_eq!(deeds.first(), Some(&"CREATED"));
    assert_eq!(deeds.last(), Some(&"DELETED"));
}

#[tokio::test]
async fn every_rule_that_a_tenant_breaks_is_named() {
    let server = TestServer::start().await;
    let root = server.portsip().root().await;
    let answer = root
        .post("/tenants", json!({}))
        .await
        .fails(400, "VALIDATE_FAILED");
    for field in ["name", "domain", "timezone", "currency", "region"] {
        let _ = answer.clone().says(field);
    }
    let wrong = json!({
        "name": "", "domain": "no host", "timezone": "Mars/Olympus", "currency": "XXXX", "region": "Germany",
        "max_extensions": -1, "website": "x".repeat(256), "enabled": "yes",
    });
    let answer = root
        .post("/tenants", wrong.clone())
        .await
        .fails(400, "VALIDATE_FAILED");
    for (field, _) in wrong.as_object().expect("an object") {
        let _ = answer.clone().says(field);
    }
    assert_eq!(root.get("/tenants").await.is(200)["count"], 0);
    scenarios::wrong_types(&root, "/tenants", &full("wrong.test"), "/tenants").await;
}

#[tokio::test]
async fn a_domain_belongs_to_one_tenant() {
    let server = TestServer::start().await;
    let root = server.portsip().root().await;
    root.post("/tenants", Draft::tenant("one.test")).await.created();
    let again = root.post("/tenants", Draft::tenant("ONE.test")).await;
    let _ = again.fails(409, "ALREADY_EXISTS").says("domain");
    let other = root.post("/tenants", Draft::tenant("two.test")).await.created();
    let taken = root
        .post(&format!("/tenants/{other}"), json!({"domain": "one.test"}))
        .await;
    let _ = taken.fails(409, "ALREADY_EXISTS").says("domain");
    assert_eq!(root.get("/tenants").await.is(200)["count"], 2);
}

#[tokio::test]
async fn switching_enters_a_tenant_and_leaves_it() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (one, two) = (
        portsip.company("one.test").await,
        portsip.company("two.test").await,
    );
    let root = portsip.root().await;
    let _ = root.get("/users").await.fails(403, "FORBIDDEN").says("switch");
    for company in [&one, &two] {
        root.act_in(&company.id).await;
        assert_eq!(
            root.get("/tenant").await.is(200)["domain"],
            company.domain.as_str()
        );
        assert_eq!(
            root.get("/users").await.is(200).column("id"),
            [company.admin.id.as_str()]
        );
        let id = root.post("/users", Draft::user("alice", "3001")).await.created();
        let _ = company.admin.get(&format!("/users/{id}")).await.is(200);
    }
    // The other sessions of the same administrator stay where they are.
    let _ = portsip.root().await.get("/users").await.fails(403, "FORBIDDEN");
    root.act("/tenants/switch").await.changed();
    let _ = root.get("/users").await.fails(403, "FORBIDDEN");
    let _ = root
        .act("/tenants/switch?id=999999")
        .await
        .fails(404, "NOT_FOUND");
    let _ = root.act("/tenants/switch?id=x%20y").await.is(400);
    assert_eq!(root.get("/tenants").await.is(200)["count"], 2);
    // A tenant that goes takes the session's place with it.
    root.act_in(&two.id).await;
    root.act(&format!("/tenants/{}/destroy", two.id))
        .await
        .destroyed();
    assert!(matches!(root.get("/users").await.status, 403 | 404));
    let _ = two.admin.get("/user").await.fails(401, "UNAUTHORIZED");
    let _ = root.get("/tenants").await.is(200);
}

#[tokio::test]
async fn only_the_installation_manages_tenants() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let own = admin.get("/tenant").await.is(200)["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    for answer in [
        admin.get("/tenants").await,
        admin.post("/tenants", Draft::tenant("mine.test")).await,
        admin.get(&format!("/tenants/{own}")).await,
        admin
            .post(&format!("/tenants/{own}"), json!({"max_extensions": 1}))
            .await,
        admin.act(&format!("/tenants/{own}/destroy")).await,
        admin.act(&format!("/tenants/switch?id={own}")).await,
        admin.act("/tenants/switch").await,
    ] {
        let _ = answer.fails(403, "FORBIDDEN");
    }
}

#[tokio::test]
async fn a_tenant_cannot_raise_its_own_limits() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let before = admin.get("/tenant").await.is(200);
    let greed = json!({
        "name": "Renamed", "max_extensions": 100_000, "max_concurrent_calls": 9999, "enabled": false,
        "enable_billing": true, "enable_feature_contact_center": true, "max_call_queues": 9999,
    });
    admin.post("/tenant", greed).await.changed();
    let after = admin.get("/tenant").await.is(200);
    assert_eq!(after["name"], "Renamed");
    for member in [
        "max_extensions",
        "max_concurrent_calls",
        "enabled",
        "enable_billing",
        "enable_feature_contact_center",
        "max_call_queues",
    ] {
        assert_eq!(after[member], before[member], "{member}");
    }
}

#[tokio::test]
async fn secrets_of_a_tenant_are_never_shown() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let secret = "the-key-of-keys";
    admin
        .post("/tenant", json!({"stir_shaken_key": secret}))
        .await
        .changed();
    let read = admin.get("/tenant").await.is(200);
    assert!(!read.text().contains(secret), "{read}");
    let tenant = server.portsip().home().await.id.parse().expect("a number");
    let journal = server.journal(tenant).await;
    assert!(journal.iter().all(|line| !format!("{line:?}").contains(secret)));
}

#[tokio::test]
async fn who_may_only_look_at_the_company() {
    let server = TestServer::start().await;
    let queue = server.portsip().user_as("queue", "QueueManager").await;
    let _ = queue.get("/tenant").await.is(200);
    let _ = queue.get("/tenant/password_policy").await.is(200);
    let _ = queue
        .post("/tenant", json!({"name": "x"}))
        .await
        .fails(403, "FORBIDDEN");
    let _ = queue
        .post("/tenant/password_policy", json!({"min_length": 6}))
        .await
        .fails(403, "FORBIDDEN");
}

#[tokio::test]
async fn the_password_policy() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let all_on: Value = json!({
        "min_length": 6, "max_length": 32, "contains_letters": true, "contains_numbers": true,
        "contains_special_letters": true, "disable_sequential_characters": true,
        "disable_repeating_characters": true, "disable_account_information": true,
    });
    assert_eq!(admin.get("/tenant/password_policy").await.is(200).json(), &all_on);
    admin
        .post(
            "/tenant/password_policy",
            json!({"min_length": 12, "contains_numbers": false}),
        )
        .await
        .changed();
    let read = admin.get("/tenant/password_policy").await.is(200);
    assert_eq!(
        (&read["min_length"], &read["contains_numbers"]),
        (&json!(12), &json!(false))
    );
    assert_eq!(read["max_length"], 32);
    for (body, field) in [
        (json!({"min_length": 5}), "min_length"),
        (json!({"max_length": 33}), "max_length"),
        (json!({"min_length": 20, "max_length": 19}), "min_length"),
        (json!({"max_length": 11}), "min_length"),
        (json!({"min_length": "8"}), "min_length"),
        (json!({"contains_letters": "no"}), "contains_letters"),
    ] {
        let _ = admin
            .post("/tenant/password_policy", body)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says(field);
    }
    assert_eq!(
        admin.get("/tenant/password_policy").await.is(200).json(),
        read.json()
    );
    // Present passwords stay; new ones follow the rule.
    let _ = admin.try_sign_in(PASSWORD).await.is(200);
    let short = admin.post("/users", Draft::user("alice", "3001")).await;
    let _ = short
        .fails(400, "VALIDATE_FAILED")
        .says("password")
        .says("extension_password");
    let long = Draft::user("alice", "3001")
        .with("password", "Wq!zKpTxWq!zKpTx")
        .with("extension_password", "Wq!zKpTxWq!zKpTx");
    admin.post("/users", long).await.created();
}
