//! One row for each operation of the dialect. A new operation fails here until it has one.

use jackfield_testkit::{
    Company, Device, Draft, Person, TestServer,
    coverage::{Reach, Row, Targets, try_all, unmatched},
    engine::{self, Engine},
    files::wav,
};
use serde_json::json;

use super::blobs::Upload;

#[expect(clippy::too_many_lines, reason = "a line for each operation")]
fn rows() -> Vec<Row> {
    use Reach::{Own, Public, Session, System, Tenant};
    let row = Row::new;
    let passwords = json!({"old_password": "wrong", "new_password": "Zx9!kLmPq2"});
    vec![
        row("POST /auth/sign_in", Public).body(json!({"username": "x", "password": "x"})),
        row("POST /auth/refresh_token", Public).body(json!({"refresh_token": "X"})),
        row("POST /auth/sign_out", Session),
        row("GET /auth/user", Session),
        row("POST /auth/forget_password", Public).body(json!({"username": "x", "callback_url": "x"})),
        row("POST /auth/reset_password", Public).body(json!({"token": "X", "new_password": "x"})),
        row("POST /auth/send_otp", Public).body(json!({"token": "X"})),
        row("POST /auth/verify_otp", Public).body(json!({"token": "X", "code": "1"})),
        row("GET /info", Public),
        row("GET /login", Session),
        row("POST /login", Public).body(json!({"username": "y", "password": "x"})),
        row("POST /logout", Public),
        row("POST /login/oauth/token", Public),
        row("POST /login/oauth/revoke", Session),
        row("GET /tenants", System),
        row("POST /tenants", System).body(Draft::tenant("new.test")),
        row("POST /tenants/switch", System).query("id={tenant}"),
        row("GET /tenants/{id}", System),
        row("POST /tenants/{id}", System).body(json!({"name": "x"})),
        row("POST /tenants/{id}/destroy", System),
        row("GET /tenant", Tenant),
        row("POST /tenant", Tenant).body(json!({"name": "x"})),
        row("GET /tenant/password_policy", Tenant),
        row("POST /tenant/password_policy", Tenant).body(json!({"min_length": 8})),
        row("GET /roles", Tenant),
        row("POST /roles", Tenant).body(Draft::role("New", &[])),
        row("GET /roles/{name}", Tenant),
        row("POST /roles/{name}", Tenant).body(json!({"description": "x"})),
        row("POST /roles/{name}/destroy", Tenant),
        row("GET /groups", Tenant),
        row("POST /groups", Tenant).body(Draft::group("New")),
        row("GET /groups/{id}", Tenant),
        row("POST /groups/{id}", Tenant).body(json!({"description": "x"})),
        row("POST /groups/{id}/destroy", Tenant),
        row("GET /groups/{id}/members", Tenant),
        row("GET /groups/{id}/members/{extension_number}", Tenant),
        row("POST /groups/{id}/members/{extension_number}", Tenant),
        row("POST /groups/{id}/members/{extension_number}/destroy", Tenant),
        row("GET /users", Tenant),
        row("POST /users", Tenant).body(Draft::user("new", "9001")),
        row("GET /users/{user_id}", Tenant),
        row("POST /users/{user_id}", Tenant).body(json!({"department": "x"})),
        row("POST /users/{user_id}/destroy", Tenant),
        row("POST /users/{user_id}/password", Tenant).body(json!({"password": "Zx9!kLmPq2"})),
        row("POST /users/{user_id}/extension_password", Tenant).body(json!({"password": "Zx9!kLmPq2"})),
        row("POST /users/{user_id}/role", Tenant).body(json!({"role": "StandardInternationalUser"})),
        row("POST /users/{user_id}/profile", Tenant),
        row("POST /users/profile", Tenant).query("id={user_id}"),
        row("POST /users/{user_id}/ms365_binding", Tenant).body(json!({"id": "x@example.com"})),
        row("POST /users/{user_id}/ms365_binding/destroy", Tenant),
        row("GET /users/{user_id}/balance", Tenant),
        row("POST /users/{user_id}/balance", Tenant).body(json!({"balance": 7})),
        row("GET /users/{user_id}/status", Tenant),
        row(
            "POST /users/{user_id}/status/{instance_id}/destroy_status",
            Tenant,
        ),
        row("GET /users/{user_id}/phones", Tenant),
        row("POST /users/{user_id}/phones", Tenant).body(Draft::phone("00:15:65:00:00:02")),
        row("GET /users/{user_id}/phones/{item_id}", Tenant),
        row("POST /users/{user_id}/phones/{item_id}", Tenant).body(json!({"ringtone": "x"})),
        row("POST /users/{user_id}/phones/{item_id}/destroy", Tenant),
        row("GET /users/{user_id}/holidays", Tenant),
        row("POST /users/{user_id}/holidays", Tenant).body(Draft::holiday("New")),
        row("GET /users/{user_id}/holidays/{item_id}", Tenant),
        row("POST /users/{user_id}/holidays/{item_id}", Tenant).body(json!({"name": "x"})),
        row("POST /users/{user_id}/holidays/{item_id}/destroy", Tenant),
        row("GET /users/{user_id}/global_holidays", Tenant),
        row("POST /users/{user_id}/global_holidays", Tenant).body(json!({"items": []})),
        row("GET /user/status", Session),
        row("POST /user/presence", Session).body(json!({"presence": "LUNCH"})),
        row("GET /user/phones", Session),
        row("POST /user/phones", Session).body(Draft::phone("00:15:65:00:00:03")),
        row("GET /user/phones/{item_id}", Own),
        row("POST /user/phones/{item_id}", Own).body(json!({"ringtone": "x"})),
        row("POST /user/phones/{item_id}/destroy", Own),
        row("GET /user/holidays", Session),
        row("POST /user/holidays", Session).body(Draft::holiday("New")),
        row("GET /user/holidays/{item_id}", Own),
        row("POST /user/holidays/{item_id}", Own).body(json!({"name": "x"})),
        row("POST /user/holidays/{item_id}/destroy", Own),
        row("GET /user/global_holidays", Session),
        row("POST /user/global_holidays", Session).body(json!({"items": []})),
        row("GET /holidays", Session),
        row("POST /holidays", Tenant).body(Draft::holiday("New")),
        row("GET /holidays/{id}", Session),
        row("POST /holidays/{id}", Tenant).body(json!({"name": "x"})),
        row("POST /holidays/{id}/destroy", Tenant),
        row("GET /user", Session),
        row("POST /user", Session).body(json!({"department": "x"})),
        row("POST /user/password", Session).body(passwords.clone()),
        row("POST /user/extension_password", Session).body(passwords),
        row("POST /user/profile", Session),
        row("GET /user/balance", Session),
        row("GET /user/outbound_caller_ids", Session),
        row("GET /users/{user_id}/speed_dial_8", Tenant),
        row("POST /users/{user_id}/speed_dial_8", Tenant).body(json!({"code": "7", "phone_number": "1"})),
        row("GET /users/{user_id}/speed_dial_8/{item_id}", Tenant),
        row("POST /users/{user_id}/speed_dial_8/{item_id}", Tenant).body(json!({"description": "x"})),
        row("POST /users/{user_id}/speed_dial_8/{item_id}/destroy", Tenant),
        row("GET /users/{user_id}/speed_dial_100", Tenant),
        row("POST /users/{user_id}/speed_dial_100", Tenant).body(json!({"code": "77", "phone_number": "1"})),
        row("GET /users/{user_id}/speed_dial_100/{item_id}", Tenant),
        row("POST /users/{user_id}/speed_dial_100/{item_id}", Tenant).body(json!({"description": "x"})),
        row("POST /users/{user_id}/speed_dial_100/{item_id}/destroy", Tenant),
        row("GET /user/speed_dial_8", Session),
        row("POST /user/speed_dial_8", Session).body(json!({"code": "7", "phone_number": "1"})),
        row("GET /user/speed_dial_8/{item_id}", Own),
        row("POST /user/speed_dial_8/{item_id}", Own).body(json!({"description": "x"})),
        row("POST /user/speed_dial_8/{item_id}/destroy", Own),
        row("POST /blobs/uploads", Session).query("filename=x.wav"),
        row("POST /blobs/uploads/{id}/append", Own),
        row("POST /blobs/uploads/{id}/complete", Own),
        row("GET /blobs/uploads/{id}/status", Own),
        row("POST /blobs/uploads/{id}/destroy", Own),
        row("GET /blobs/{key}", Public),
        row("GET /user/greetings", Session),
        row("POST /user/greetings", Session).body(json!({"file_id": "7"})),
        row("POST /user/greetings/{item_id}/enable", Own),
        row("POST /user/greetings/{item_id}/disable", Own),
        row("POST /user/greetings/{item_id}/destroy", Own),
        row("GET /users/{user_id}/greetings", Tenant),
        row("POST /users/{user_id}/greetings", Tenant).body(json!({"file_id": "7"})),
        row("POST /users/{user_id}/greetings/{item_id}/enable", Tenant),
        row("POST /users/{user_id}/greetings/{item_id}/disable", Tenant),
        row("POST /users/{user_id}/greetings/{item_id}/destroy", Tenant),
        row("GET /user/speed_dial_100", Session),
        row("POST /user/speed_dial_100", Session).body(json!({"code": "77", "phone_number": "1"})),
        row("GET /user/speed_dial_100/{item_id}", Own),
        row("POST /user/speed_dial_100/{item_id}", Own).body(json!({"description": "x"})),
        row("POST /user/speed_dial_100/{item_id}/destroy", Own),
        row("GET /user/contacts", Session),
        row("POST /user/contacts", Session).body(json!({"name": "x"})),
        row("GET /user/contacts/{id}", Own),
        row("POST /user/contacts/{id}", Own).body(json!({"name": "x"})),
        row("POST /user/contacts/{id}/destroy", Own),
        row("POST /user/contacts/{id}/favorite", Own),
        row("POST /user/contacts/{id}/unfavorite", Own),
        row("POST /user/contacts/sync_tokens", Session),
        row("GET /user/cdrs", Session),
        row("GET /user/cdrs/{id}", Own),
        row("POST /user/cdrs/sync_tokens", Session),
        row("POST /user/cdrs/sync_tokens/{token}/diff", Own),
        row("GET /user/recordings", Session),
        row("GET /user/recordings/{id}", Own),
        row("POST /user/recordings/{id}/destroy", Own),
        row("GET /user/external_messages", Session),
        row("GET /user/external_messages/{id}", Own),
        row("POST /user/contacts/sync_tokens/{token}/diff", Own),
        row("GET /contacts", Session),
        row("POST /contacts", Tenant).body(json!({"name": "x"})),
        row("GET /contacts/{id}", Session),
        row("POST /contacts/{id}", Tenant).body(json!({"name": "x"})),
        row("POST /contacts/{id}/destroy", Tenant),
        row("POST /user/business_contacts/{id}/favorite", Session),
        row("POST /user/business_contacts/{id}/unfavorite", Session),
        row("POST /user/business_contacts/sync_tokens", Session),
        row("POST /user/business_contacts/sync_tokens/{token}/diff", Own),
        row("POST /user/extension_contacts/{id}/favorite", Session),
        row("POST /user/extension_contacts/{id}/unfavorite", Session),
        row("POST /user/extension_contacts/sync_tokens", Session),
        row("POST /user/extension_contacts/sync_tokens/{token}/diff", Own),
        row("GET /call_queues", Tenant),
        row("POST /call_queues", Tenant).body(Draft::call_queue("New", "6900")),
        row("GET /call_queues/{id}", Tenant),
        row("POST /call_queues/{id}", Tenant).body(json!({"name": "x"})),
        row("POST /call_queues/{id}/destroy", Tenant),
        row("GET /call_queues/{id}/agents", Tenant),
        row("POST /call_queues/{id}/agents", Tenant).body(json!({"items": []})),
        row("GET /call_queues/{id}/agents/{agent_number}", Tenant),
        row("POST /call_queues/{id}/agents/{agent_number}", Tenant).body(json!({"status": "READY"})),
        row("GET /ring_groups", Tenant),
        row("POST /ring_groups", Tenant).body(Draft::ring_group("New", "6901")),
        row("GET /ring_groups/{id}", Tenant),
        row("POST /ring_groups/{id}", Tenant).body(json!({"name": "x"})),
        row("POST /ring_groups/{id}/destroy", Tenant),
        row("GET /ring_groups/{id}/agents", Tenant),
        row("POST /ring_groups/{id}/agents", Tenant).body(json!({"items": []})),
        row("GET /ring_groups/{id}/agents/{agent_number}", Tenant),
        row("GET /user/call_queues", Session),
        row("GET /user/call_queues/{id}/agent", Own),
        row("POST /user/call_queues/{id}/agent", Own).body(json!({"status": "READY"})),
        row("GET /user/ring_groups", Session),
        row("GET /users/{user_id}/call_queues", Tenant),
        row("GET /users/{user_id}/call_queues/{queue_id}/agent", Tenant),
        row("POST /users/{user_id}/call_queues/{queue_id}/agent", Tenant).body(json!({"status": "READY"})),
        row("GET /providers", Tenant),
        row("POST /providers", Tenant).body(Draft::provider("New")),
        row("GET /providers/{id}", Tenant),
        row("POST /providers/{id}", Tenant).body(json!({"name": "x"})),
        row("GET /providers/{id}/status", Tenant),
        row("POST /providers/{id}/destroy", Tenant),
        row("GET /user/meetings", Session),
        row("POST /user/meetings", Session).body(Draft::meeting("x")),
        row("GET /user/meetings/{id}", Own),
        row("POST /user/meetings/{id}", Own).body(json!({"subject": "x"})),
        row("POST /user/meetings/{id}/destroy", Own),
        row("GET /user/meetings/{id}/status", Own),
        row("POST /user/meetings/{id}/start", Own),
        row("POST /user/meetings/{id}/stop", Own),
        row("POST /user/meetings/{id}/lock", Own),
        row("POST /user/meetings/{id}/unlock", Own),
        row("POST /user/meetings/{id}/mute", Own),
        row("POST /user/meetings/{id}/unmute", Own),
        row("POST /user/meetings/{id}/start_recording", Own),
        row("POST /user/meetings/{id}/stop_recording", Own),
        row("GET /user/meetings/{id}/participants", Own),
        row("POST /user/meetings/{id}/participants/layout", Own).body(json!({"items": []})),
        row("POST /user/meetings/{id}/participants/invite", Own).body(json!({"number": "1"})),
        row("GET /user/meetings/{id}/participants/{participant_id}", Own),
        row("POST /user/meetings/{id}/participants/{participant_id}/mute", Own),
        row(
            "POST /user/meetings/{id}/participants/{participant_id}/unmute",
            Own,
        ),
        row(
            "POST /user/meetings/{id}/participants/{participant_id}/chairman",
            Own,
        ),
        row(
            "POST /user/meetings/{id}/participants/{participant_id}/position",
            Own,
        )
        .body(json!({"position": 1})),
        row(
            "POST /user/meetings/{id}/participants/{participant_id}/destroy",
            Own,
        ),
    ]
}

#[test]
fn every_operation_has_a_row() {
    let operations = jackfield_dialect_portsip::operations();
    let names = operations
        .iter()
        .map(|operation| format!("{} {}", operation.method, operation.path));
    assert_eq!(
        unmatched(names, &rows()),
        Vec::<String>::new(),
        "rows to add, or to remove, in {}",
        file!()
    );
    for row in rows() {
        let operation = operations
            .iter()
            .find(|operation| format!("{} {}", operation.method, operation.path) == row.operation);
        let public = operation.is_some_and(|operation| operation.public);
        assert_eq!(
            public,
            row.reach == Reach::Public,
            "{}: who may call it",
            row.operation
        );
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a record of each kind, to be reached for")]
async fn who_may_not_changes_nothing_and_learns_nothing() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (victim, foreign) = (
        portsip.company("victim.test").await,
        portsip.company("foreign.test").await,
    );
    let target = portsip.employ(&victim, Draft::user("target", "8801")).await;
    let group = victim
        .admin
        .post("/groups", Draft::group("Sales"))
        .await
        .created();
    victim
        .admin
        .act(&format!("/groups/{group}/members/{}", target.number))
        .await
        .changed();
    let _ = victim
        .admin
        .post("/roles", Draft::role("Desk", &["company.view_only"]))
        .await
        .is(201);
    victim
        .admin
        .post(
            &format!("/users/{}/ms365_binding", target.id),
            json!({"id": "a@example.com"}),
        )
        .await
        .changed();
    let desk = Device {
        number: target.number.clone(),
        instance_id: "desk".into(),
        seconds: 3600,
    };
    server.bind(&victim.id, desk).await;
    let phone = target
        .post("/user/phones", Draft::phone("00:15:65:00:00:01"))
        .await
        .created();
    let holiday = target
        .post("/user/holidays", Draft::holiday("Mine"))
        .await
        .created();
    let common = victim
        .admin
        .post("/holidays", Draft::holiday("Ours"))
        .await
        .created();
    let own = victim
        .admin
        .post("/user/contacts", json!({"name": "Ada"}))
        .await
        .created();
    let shared = victim
        .admin
        .post("/contacts", json!({"name": "Acme"}))
        .await
        .created();
    let mut dials = Vec::new();
    for (range, code) in [("speed_dial_8", "2"), ("speed_dial_100", "22")] {
        let body = json!({"code": code, "phone_number": "1"});
        dials.push(target.post(&format!("/user/{range}"), body).await.created());
    }
    let upload = Upload::begin(&target, "begun.wav").await.id;
    let file = Upload::begin(&target, "hello.wav")
        .await
        .complete(&wav(8_000))
        .await;
    let greeting = target
        .post("/user/greetings", json!({"file_id": file}))
        .await
        .created();
    let file_url = target.get("/user/greetings").await.column("file_url").remove(0);
    let meeting = target.meeting(Draft::meeting("Ours")).await;
    target
        .act(&format!("/user/meetings/{meeting}/start"))
        .await
        .changed();
    let participant = server
        .attend(&victim.id, &meeting, "a", "1", true)
        .await
        .expect("the meeting is open");
    let mut tokens = Vec::new();
    for collection in ["contacts", "business_contacts", "extension_contacts", "cdrs"] {
        let path = format!("/user/{collection}/sync_tokens");
        let answer = victim.admin.act(&path).await.is(201);
        tokens.push(answer["token"].as_str().unwrap_or_default().to_owned());
    }
    let (queue, ring, trunk) = distribution(&victim, &target).await;
    let engine = Engine::of(&server, &victim);
    let boss = victim.admin.number.as_str();
    let call = engine.call(engine::call("c", boss, "", 0)).await;
    let recording = engine.recording(engine::recording("r", boss, "", 0)).await;
    let message = engine.message(engine::message("m", "+4930", boss, 0)).await;
    let targets = Targets(vec![
        ("/call_queues/{id}", format!("/call_queues/{queue}")),
        ("/ring_groups/{id}", format!("/ring_groups/{ring}")),
        ("/providers/{id}", format!("/providers/{trunk}")),
        ("{queue_id}", queue.clone()),
        ("{agent_number}", target.number.clone()),
        ("/user/cdrs/{id}", format!("/user/cdrs/{call}")),
        ("/user/recordings/{id}", format!("/user/recordings/{recording}")),
        (
            "/user/external_messages/{id}",
            format!("/user/external_messages/{message}"),
        ),
        (
            "/user/cdrs/sync_tokens/{token}",
            format!("/user/cdrs/sync_tokens/{}", tokens[3]),
        ),
        ("/user/meetings/{id}", format!("/user/meetings/{meeting}")),
        ("{participant_id}", participant),
        ("/user/contacts/{id}", format!("/user/contacts/{own}")),
        (
            "/user/business_contacts/{id}",
            format!("/user/business_contacts/{shared}"),
        ),
        (
            "/user/extension_contacts/{id}",
            format!("/user/extension_contacts/{}", target.id),
        ),
        (
            "/user/contacts/sync_tokens/{token}",
            format!("/user/contacts/sync_tokens/{}", tokens[0]),
        ),
        (
            "/user/business_contacts/sync_tokens/{token}",
            format!("/user/business_contacts/sync_tokens/{}", tokens[1]),
        ),
        (
            "/user/extension_contacts/sync_tokens/{token}",
            format!("/user/extension_contacts/sync_tokens/{}", tokens[2]),
        ),
        ("/contacts/{id}", format!("/contacts/{shared}")),
        ("/blobs/uploads/{id}", format!("/blobs/uploads/{upload}")),
        ("/blobs/{key}", file_url.trim_start_matches("/api").to_owned()),
        ("/greetings/{item_id}", format!("/greetings/{greeting}")),
        ("/phones/{item_id}", format!("/phones/{phone}")),
        ("/speed_dial_8/{item_id}", format!("/speed_dial_8/{}", dials[0])),
        (
            "/speed_dial_100/{item_id}",
            format!("/speed_dial_100/{}", dials[1]),
        ),
        ("/holidays/{item_id}", format!("/holidays/{holiday}")),
        ("/holidays/{id}", format!("/holidays/{common}")),
        ("{instance_id}", "desk".to_owned()),
        ("{user_id}", target.id.clone()),
        ("{extension_number}", target.number.clone()),
        ("{name}", "Desk".to_owned()),
        ("{tenant}", victim.id.clone()),
        ("/groups/{id}", format!("/groups/{group}")),
        ("/tenants/{id}", format!("/tenants/{}", victim.id)),
    ]);
    try_all(&server, &rows(), &targets, &victim, &foreign).await;
}

/// A queue and a ring group that the user belongs to, and a trunk.
async fn distribution(victim: &Company, user: &Person) -> (String, String, String) {
    let admin = &victim.admin;
    let queue = Draft::call_queue("Support", "6800");
    let queue = admin.post("/call_queues", queue).await.made();
    let ring = Draft::ring_group("Sales", "6801");
    let ring = admin.post("/ring_groups", ring).await.made();
    for path in [format!("/call_queues/{queue}"), format!("/ring_groups/{ring}")] {
        let list = json!({"items": [{"extension_number": user.number}]});
        admin.post(&format!("{path}/agents"), list).await.changed();
    }
    let trunk = admin
        .post("/providers", Draft::provider("Carrier"))
        .await
        .created();
    (queue, ring, trunk)
}
