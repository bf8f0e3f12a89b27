//! Keys: where they go, whose they are, and how they end.

use jackfield_testkit::{Draft, Omnidesk, Request, TestServer};
use serde_json::json;

use super::office;

#[tokio::test]
async fn a_key_goes_into_the_header_or_into_the_query() {
    let server = TestServer::start().await;
    let (_, program) = office(&server).await;
    let _ = program.get("/user").await.is(200);
    let bare = server.omnidesk();
    let _ = bare.find("/user", &[("apiKey", program.key())]).await.is(200);
    let _ = bare
        .send(Request::new("GET", "/user").header("APIKEY", program.key()))
        .await
        .is(200);
    for wrong in ["", "x", "jfk_"] {
        bare.find("/user", &[("apiKey", wrong)])
            .await
            .complains(401, "apiKey");
    }
    // In no other dialect is it a token, and the feed is not for it.
    let person = server.portsip().bearer(program.key());
    let _ = person.get("/users").await.is(401);
    let native = server.native().bearer(program.key());
    let _ = native
        .post("/feed/registrations", json!([]))
        .await
        .problem(403, "forbidden");
}

#[tokio::test]
async fn a_key_ends_with_its_owner_and_rests_while_he_is_disabled() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let owner = server.portsip().user("owner").await;
    let program = server.omnidesk_key(&home.id, &owner.id, &["USER_READ"]).await;
    let path = format!("/users/{}", owner.id);
    for (enabled, status) in [(true, 200), (false, 401), (true, 200)] {
        home.admin
            .post(&path, json!({"enabled": enabled}))
            .await
            .changed();
        let _ = program.get("/user").await.is(status);
    }
    home.admin.act(&format!("{path}/destroy")).await.destroyed();
    program.get("/user").await.complains(401, "apiKey");
    let keys = server.native().person(&home.admin).get("/keys").await.is(200);
    assert_eq!(keys["items"], json!([]));
    let tenant = home.id.parse().expect("a number");
    let journal = server.journal(tenant).await;
    let ends: Vec<_> = journal
        .iter()
        .filter(|line| line.kind == "api_key" && line.change == "DELETED")
        .collect();
    assert_eq!(ends.len(), 1);
}

#[tokio::test]
async fn a_key_reaches_no_role_above_its_owners() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let plain = server.portsip().user("plain").await;
    let other = server.portsip().user("other").await;
    let program = server.omnidesk_key(&home.id, &plain.id, &Omnidesk::ALL).await;
    // It manages users, because that is what it was made for.
    let path = format!("/user/{}", other.id);
    let _ = program.put(&path, &[("firstname", "Otto")]).await.is(200);
    let path = format!("/user/{}", home.admin.id);
    program
        .put(&path, &[("name", "stolen")])
        .await
        .complains(403, "your own role does not include");
    let fields = [("id", home.admin.id.as_str()), ("username", "stolen")];
    program
        .put("/user/usernameUpdate", &fields)
        .await
        .complains(403, "your own role does not include");
    // As soon as its owner's role grows, so does its reach.
    let role = format!("/users/{}/role", plain.id);
    home.admin.post(&role, json!({"role": "Admin"})).await.changed();
    let _ = program.put(&path, &[("firstname", "Boss")]).await.is(200);
}

#[tokio::test]
async fn a_key_for_the_desk_is_made_on_the_command_line_only() {
    let server = TestServer::start().await;
    let (home, _) = office(&server).await;
    let admin = server.native().person(&home.admin);
    let answer = admin.post("/keys", json!({"purpose": "desk", "name": "x"})).await;
    let _ = answer.problem(422, "invalid");
    let listed = admin.get("/keys").await.is(200);
    assert_eq!(listed["items"][0]["purpose"], "desk");
}

#[tokio::test]
async fn left_out_the_user_is_the_owner_of_the_key() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let owner = server
        .portsip()
        .employ(
            home,
            Draft::user("owner", "1001").with("display_name", "Olga Petrova"),
        )
        .await;
    let program = server.omnidesk_key(&home.id, &owner.id, &Omnidesk::ALL).await;
    let id: i64 = owner.id.parse().expect("a number");
    for query in [
        vec![],
        vec![("userID", "UID")],
        vec![("userID", owner.id.as_str())],
    ] {
        let settings = program.find("/user/settings", &query).await.is(200);
        assert_eq!(settings["result"]["userID"], id, "{query:?}");
    }
    for (number, fields) in [
        vec![("maxChats", "2")],
        vec![("userID", "UID"), ("maxChats", "3")],
    ]
    .iter()
    .zip([2, 3])
    .map(|(fields, number)| (number, fields))
    {
        let _ = program.put("/user/maxChats", fields).await.is(200);
        assert_eq!(program.settings("UID").await["maxChats"], number);
    }
    let _ = program.post("/user/statusLock", &[("status", "5")]).await.is(200);
    assert_eq!(program.settings("UID").await["statusLocked"], true);
    let _ = program.post("/user/statusLockDelete", &[]).await.is(200);
    let _ = program
        .post("/user/updateStatus", &[("statusID", "1")])
        .await
        .is(200);
    let reserved = program.post("/user/reserveUserForLiveChannel", &[]).await.is(200);
    assert_eq!(reserved["result"]["userID"], id);
    for wrong in ["uid", "", "1.5", "x"] {
        program
            .put("/user/maxChats", &[("userID", wrong), ("maxChats", "1")])
            .await
            .complains(400, "userID must be a whole number, or UID");
    }
}
