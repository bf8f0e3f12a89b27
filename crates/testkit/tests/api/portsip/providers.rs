//! Trunks, and the caller ids that belong to them.

use jackfield_testkit::{
    Draft, TestServer,
    scenarios::{self, Collection, Kind},
};
use serde_json::json;
use tokio::task::JoinSet;

const PROVIDERS: Collection = Collection {
    path: "/providers",
    key: "id",
    fields: &[
        ("id", Kind::Number),
        ("name", Kind::Text),
        ("enabled", Kind::Flag),
        ("brand", Kind::Text),
        ("hostname", Kind::Text),
        ("port", Kind::Number),
        ("did_numbers", Kind::Text),
    ],
};

const PASSWORD: &str = "tr0nk-Word";

/// A trunk with every value that can be given, none of them the default one.
fn full() -> Draft {
    Draft::provider("Carrier")
        .with("enabled", false)
        .with("brand", "Generic")
        .with("auth_mode", "REGISTER_AUTH")
        .with("transport", "TLS")
        .with("hostname", "2001:db8::1")
        .with("port", 5061)
        .with("auth_id", "auth")
        .with("username", "acct")
        .with("password", PASSWORD)
        .with("registration", false)
        .with("register_interval", 60)
        .with("outbound_server", "proxy.carrier.test")
        .with("outbound_server_port", 5070)
        .with("inlan", true)
        .with("single_via_header", false)
        .with("rewrite_via_ip", false)
        .with("verify_port", false)
        .with("keep_alive", false)
        .with("keep_alive_interval", 30)
        .with("concurrency", 12)
        .with("additional_ips", "192.0.2.1;2001:db8::2")
        .with("adjust_sdp_direction", false)
        .with("remove_srtp_info", false)
        .with("stir_shaken_signature_required", true)
        .with("did_numbers", "3000;12000-18000")
}

#[tokio::test]
async fn create_read_change_destroy() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let id = admin.post("/providers", full()).await.created();
    let path = format!("/providers/{id}");
    let mut expected = full().without("password").json();
    expected["id"] = id.as_str().into();
    expected["shared"] = false.into();
    let read = admin.get(&path).await.is(200);
    assert_eq!(read.json(), &expected);
    assert!(!read.text().contains(PASSWORD));
    let line = json!({
        "id": id, "name": "Carrier", "enabled": false, "brand": "Generic", "hostname": "2001:db8::1", "port": 5061,
        "did_numbers": "3000;12000-18000", "shared": false,
    });
    assert_eq!(admin.get("/providers").await.is(200)["items"], json!([line]));
    admin
        .post(
            &path,
            json!({"name": "Other", "enabled": true, "password": "x", "username": null, "port": 0,
                   "brand": "ignored", "auth_mode": "TEAMS", "inbound_parameters": {}}),
        )
        .await
        .changed();
    expected["name"] = "Other".into();
    expected["enabled"] = true.into();
    expected["username"] = "".into();
    expected["port"] = 0.into();
    assert_eq!(admin.get(&path).await.is(200).json(), &expected);
    admin.act(&format!("{path}/destroy")).await.destroyed();
    for answer in [
        admin.get(&path).await,
        admin.post(&path, json!({})).await,
        admin.act(&format!("{path}/destroy")).await,
    ] {
        let _ = answer.fails(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn wrong_trunks_are_named() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let all = admin
        .post("/providers", json!({}))
        .await
        .fails(400, "VALIDATE_FAILED");
    for field in [
        "name",
        "transport",
        "hostname",
        "port",
        "outbound_server",
        "outbound_server_port",
        "concurrency",
    ] {
        let _ = all.clone().says(&format!("{field} is required"));
    }
    for (field, value) in [
        ("name", json!("")),
        ("transport", json!("SCTP")),
        ("hostname", json!("")),
        ("hostname", json!("sip:carrier")),
        ("port", json!(65_536)),
        ("outbound_server", json!("a b")),
        ("auth_mode", json!("NONE")),
        ("auth_id", json!("x".repeat(65))),
        ("password", json!("x".repeat(257))),
        ("concurrency", json!(-1)),
        ("additional_ips", json!("192.0.2.1;nowhere")),
        ("did_numbers", json!("18000-12000")),
        ("brand", json!("x".repeat(65))),
        ("inbound_parameters", json!({"caller_num": "FROM_USER_PART"})),
        (
            "outbound_parameters",
            json!({"from_user_part": {"value": "AUTH_ID"}}),
        ),
        ("outbound_parameters", json!("x")),
    ] {
        let draft = Draft::provider("Carrier").with(field, value.clone());
        let answer = admin
            .post("/providers", draft)
            .await
            .fails(400, "VALIDATE_FAILED");
        assert_eq!(
            answer["errors"][0]["detail"]["field"], field,
            "{value} gives {answer}"
        );
    }
    scenarios::wrong_types(&admin, "/providers", &full(), "/providers").await;
    let id = admin
        .post("/providers", Draft::provider("Carrier"))
        .await
        .created();
    let path = format!("/providers/{id}");
    let change = full().without("brand").without("auth_mode");
    scenarios::wrong_types(&admin, &path, &change, &path).await;
    // A body that is refused does not repeat a password.
    let draft = full().with("port", "x");
    let refused = admin
        .post("/providers", draft)
        .await
        .fails(400, "VALIDATE_FAILED");
    assert!(!refused.text().contains(PASSWORD));
}

#[tokio::test]
async fn lists_of_trunks() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    for (index, name) in ["Carrier", "backup", "Über", "Lab 100%"].into_iter().enumerate() {
        let draft = full()
            .with("name", name)
            .with("enabled", index != 2)
            .with("brand", format!("brand{}", index % 2))
            .with("hostname", format!("sip{index}.carrier.test"))
            .with("port", 5060 + index)
            .with("did_numbers", format!("3{index}00"));
        admin.post("/providers", draft).await.created();
    }
    scenarios::paging(&admin, PROVIDERS).await;
    scenarios::ordering(&admin, PROVIDERS).await;
    scenarios::filtering(&admin, PROVIDERS).await;
    for (search, count) in [
        ("carrier", 4),
        ("backup", 1),
        ("3200", 1),
        ("brand1", 2),
        ("acct", 0),
    ] {
        let found = admin.find("/providers", &[("search", search)]).await.is(200);
        assert_eq!(found["count"], count, "{search}");
    }
    let other = portsip.company("other.test").await;
    scenarios::apart(&admin, &other.admin, PROVIDERS).await;
}

#[tokio::test]
async fn caller_ids_hold_their_trunk() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let alice = portsip.user("alice").await;
    let trunk = admin
        .post("/providers", Draft::provider("Carrier"))
        .await
        .created();
    let list = json!([{"provider_id": trunk, "caller_id": "+4930", "description": ""}]);
    let ids = json!({"outbound_caller_ids": list});
    alice.post("/user", ids.clone()).await.changed();
    assert_eq!(
        alice.get("/user/outbound_caller_ids").await.is(200)["items"],
        list
    );
    let destroy = format!("/providers/{trunk}/destroy");
    let _ = admin.act(&destroy).await.fails(409, "IN_USE").says("user");
    // Another tenant's trunk is an unknown one.
    let other = portsip.company("other.test").await;
    let _ = other
        .admin
        .post("/user", ids.clone())
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("outbound_caller_ids[0].provider_id");
    let _ = other.admin.act(&destroy).await.fails(404, "NOT_FOUND");
    let draft = Draft::tenant("third.test").with("outbound_caller_ids", list.clone());
    let _ = portsip
        .root()
        .await
        .post("/tenants", draft)
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("outbound_caller_ids[0].provider_id");
    alice
        .post("/user", json!({"outbound_caller_ids": []}))
        .await
        .changed();
    admin.act(&destroy).await.destroyed();
    let _ = alice
        .post("/user", ids)
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("outbound_caller_ids[0].provider_id");
    assert_eq!(
        alice.get("/user/outbound_caller_ids").await.is(200)["items"],
        json!([])
    );
}

#[tokio::test]
async fn rights_over_trunks() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let id = admin
        .post("/providers", Draft::provider("Carrier"))
        .await
        .created();
    // Who manages queues sees trunks and does not change them.
    let manager = portsip.user_as("manager", "QueueManager").await;
    let path = format!("/providers/{id}");
    let _ = manager.get(&path).await.is(200);
    let _ = manager.get("/providers").await.is(200);
    for answer in [
        manager.post(&path, json!({"name": "x"})).await,
        manager.act(&format!("{path}/destroy")).await,
        manager.post("/providers", Draft::provider("x")).await,
    ] {
        let _ = answer.fails(403, "FORBIDDEN");
    }
    assert_eq!(admin.get(&path).await.is(200)["name"], "Carrier");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trunk_goes_or_is_referred_to_and_never_both() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let alice = portsip.user("alice").await;
    for round in 0..10 {
        let trunk = admin
            .post("/providers", Draft::provider(&format!("Carrier {round}")))
            .await
            .created();
        let ids = json!({"outbound_caller_ids": [{"provider_id": trunk, "caller_id": "1"}]});
        let mut tasks = JoinSet::new();
        for n in 0..4 {
            let (admin, alice, ids, trunk) = (admin.clone(), alice.clone(), ids.clone(), trunk.clone());
            let round = round * 10 + n;
            tasks.spawn(async move {
                let answer = match n {
                    0 => admin.act(&format!("/providers/{trunk}/destroy")).await,
                    1 => alice.post("/user", ids).await,
                    2 => {
                        let mut group = Draft::group(&format!("Group {round}")).json();
                        group["outbound_caller_ids"] = ids["outbound_caller_ids"].clone();
                        admin.post("/groups", group).await
                    }
                    _ => {
                        let draft = Draft::ring_group(&format!("Ring {round}"), &format!("70{round:03}"))
                            .with("outbound_caller_ids", ids["outbound_caller_ids"].clone());
                        admin.post("/ring_groups", draft).await
                    }
                };
                (n, answer)
            });
        }
        let (mut gone, mut referred) = (false, 0);
        while let Some(done) = tasks.join_next().await {
            let (n, answer) = done.expect("the request is answered");
            match (n, answer.status) {
                (0, 204) => gone = true,
                (0, _) => _ = answer.fails(409, "IN_USE"),
                (_, 200 | 201) => referred += 1,
                _ => _ = answer.fails(400, "VALIDATE_FAILED").says("provider_id"),
            }
        }
        assert!(gone != (referred > 0), "gone: {gone}, referred to by {referred}");
        assert_eq!(referred, if gone { 0 } else { 3 });
        alice
            .post("/user", json!({"outbound_caller_ids": []}))
            .await
            .changed();
    }
}
