//! Who may come in, and what he may.

use jackfield_domain::{ApplicationAccess, ApplicationKind};
use jackfield_testkit::{Draft, Request, TestServer};
use serde_json::json;

use super::{extension, fails, new_user};

#[tokio::test]
async fn clients_see_their_own_client_only() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (one, two) = (
        portsip.company("one.test").await,
        portsip.company("two.test").await,
    );
    let door = server.trusted(&one.id, "boss").await;
    let _ = door
        .get(&format!("/client/{}/user/extension/", one.id))
        .await
        .is(200);
    for client in [two.id.as_str(), "1", "0", "x", "@you", "007", "+7"] {
        for path in [
            format!("/client/{client}/user/extension/"),
            format!("/client/{client}/user/extension/1"),
            format!("/client/{client}/extension/"),
        ] {
            let _ = fails(door.get(&path).await, 404, Some("client_not_found"));
        }
    }
    let nobody = server.ringme();
    let _ = fails(nobody.get("/client/1/user/extension/").await, 401, None);
    let _ = fails(nobody.with_token("jfoX").get("/user/").await, 401, None);
    let _ = fails(nobody.with_token("x").get("/user/").await, 401, None);
    let root = portsip.root().await;
    let root = nobody.with_token(&root.token());
    let me = root.get("/user/").await.is(200);
    assert_eq!((&me["admin"], &me["client_id"]), (&json!(true), &json!(null)));
    let _ = fails(
        root.get("/client/@me/user/extension/").await,
        403,
        Some("access_denied"),
    );
}

#[tokio::test]
async fn who_may_only_look_changes_nothing_through_any_door() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let alice = portsip.user("alice").await;
    // A manager of users, whose role would let him.
    let farid = portsip.user_as("farid", "QueueManager").await;
    let boss = server.trusted(&home.id, "boss").await;
    let path = format!("/client/@me/user/extension/{}", farid.id);
    let door = server.trusted(&home.id, "farid").await;
    let id = extension(&door, &alice.number).await;
    let _ = door.put(&path, json!({"comment": "mine"})).await.is(200);
    let _ = boss.put(&path, json!({"access": "read_only"})).await.is(200);

    let me = door.get("/user/").await.is(200);
    assert_eq!(me["access"], "read_only");
    let _ = door.get("/client/@me/user/extension/").await.is(200);
    let tenant: i64 = home.id.parse().expect("a number");
    let changes = async || {
        let journal = server.journal(tenant).await;
        journal
            .iter()
            .filter(|line| !["session", "authorization"].contains(&line.kind.as_str()))
            .count()
    };
    let before = changes().await;
    for answer in [
        door.post("/client/@me/user/extension/", new_user("gus", &id))
            .await,
        door.post("/client/@me/user/extension/", json!({})).await,
        door.put(&path, json!({"access": "full"})).await,
        door.delete(&format!("/client/@me/user/extension/{}", alice.id))
            .await,
    ] {
        let _ = fails(answer, 403, Some("user_access_type_deny"));
    }
    // Other doors keep the rule too, and let him out.
    let _ = farid
        .post("/users", Draft::user("gus", "7711"))
        .await
        .fails(403, "FORBIDDEN");
    let _ = farid
        .post(&format!("/users/{}", alice.id), json!({"display_name": "x"}))
        .await
        .is(403);
    let _ = farid.post("/user", json!({"display_name": "x"})).await.is(403);
    let _ = farid.get("/users").await.is(200);
    let studio = server.voipstudio().with_token(&farid.token());
    let _ = studio
        .post("/usergroups", json!({"name": "x"}))
        .await
        .fails(403, "ACCESS_DENIED");
    let _ = studio.get("/usergroups").await.is(200);
    assert_eq!(changes().await, before);
    studio.send(Request::new("POST", "/logout")).await.destroyed();

    // Nobody shuts himself out, and somebody stays who can undo it.
    let own = format!("/client/@me/user/extension/{}", home.admin.id);
    let _ = fails(
        boss.put(&own, json!({"access": "read_only"})).await,
        403,
        Some("access_denied"),
    );
    let _ = boss.put(&path, json!({"access": "full"})).await.is(200);
    let _ = door.put(&path, json!({"comment": "back"})).await.is(200);
}

#[tokio::test]
async fn who_is_blocked_is_told_so_and_whose_program_may_only_call_too() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let farid = portsip.user_as("farid", "QueueManager").await;
    let _alice = portsip.user("alice").await;
    let boss = server.trusted(&home.id, "boss").await;
    let door = server.trusted(&home.id, "farid").await;
    let list = "/client/@me/user/extension/";
    let path = format!("{list}{}", farid.id);
    let _ = door.get(list).await.is(200);
    let _ = boss.put(&path, json!({"status": "blocked"})).await.is(200);
    for path in [list, "/user/"] {
        let _ = fails(door.get(path).await, 403, Some("user_blocked"));
    }
    let _ = boss.put(&path, json!({"status": "active"})).await.is(200);
    let _ = door.get(list).await.is(200);

    let plain = server.trusted(&home.id, "alice").await;
    let _ = fails(plain.get(list).await, 403, Some("access_denied"));
    let me = plain.get("/user/").await.is(200);
    assert_eq!(me["login"], "alice");
    let own = plain.get(&format!("{list}{}", me["id"])).await.is(200);
    assert_eq!(own["extension_id"], me["extension_id"]);
    let _ = fails(
        plain
            .put(&format!("{list}{}", me["id"]), json!({"comment": "x"}))
            .await,
        403,
        Some("access_denied"),
    );

    let app = server
        .app(
            &home.id,
            "boss",
            ApplicationKind::Trusted,
            ApplicationAccess::CallApi,
            &[],
        )
        .await;
    let answer = server
        .oauth("/token", &app, &[("grant_type", "client_credentials")])
        .await
        .is(200);
    assert_eq!(answer["scope"], "call_api");
    let caller = server
        .ringme()
        .with_token(answer["access_token"].as_str().expect("a token"));
    assert_eq!(caller.get("/user").await.is(200)["login"], "boss");
    for answer in [
        caller.get(list).await,
        caller.get("/client/@me/extension/").await,
        caller.post(list, json!({})).await,
        caller.get("/client/1/extension/").await,
    ] {
        let _ = fails(answer, 403, Some("app_access_type_deny"));
    }
}

#[tokio::test]
async fn a_token_of_a_program_opens_no_other_door() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let app = server
        .app(
            &home.id,
            "boss",
            ApplicationKind::Trusted,
            ApplicationAccess::All,
            &[],
        )
        .await;
    let answer = server
        .oauth("/token", &app, &[("grant_type", "client_credentials")])
        .await
        .is(200);
    let token = answer["access_token"].as_str().expect("a token");
    let _ = portsip.bearer(token).get("/users").await.is(401);
    let _ = server.voipstudio().with_token(token).get("/users").await.is(401);
    let _ = server
        .native()
        .bearer(token)
        .get("/keys")
        .await
        .problem(401, "unauthenticated");
}
