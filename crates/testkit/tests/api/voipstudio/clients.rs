//! What the vendor's published clients do, step by step: their requests as they are documented, written anew.

use jackfield_dialect_voipstudio::Version;
use jackfield_testkit::{Answer, Draft, PASSWORD, Request, TestServer, VoipStudio};
use serde_json::{Value, json};

/// What the command line tool shows of an error: the fields that are wrong, else the message.
fn shown_by_tool(answer: &Answer) -> String {
    let entries = answer["errors"].as_array().cloned().unwrap_or_default();
    let fields: Vec<String> = entries
        .iter()
        .filter_map(|entry| {
            Some(format!(
                "{}: {}",
                entry["field"].as_str()?,
                entry["message"].as_str()?
            ))
        })
        .collect();
    match (
        fields.is_empty(),
        entries.first().and_then(|entry| entry["message"].as_str()),
    ) {
        (false, _) => fields.join(", "),
        (true, Some(message)) => message.to_owned(),
        (true, None) => answer["message"].as_str().unwrap_or_default().to_owned(),
    }
}

/// What the browser connector shows: it reads `errors.length`, so `errors` is a list whenever it is there.
fn shown_by_connector(answer: &Answer) -> String {
    let message = answer["message"].as_str().expect("the connector reads a message");
    assert!(
        answer.json().get("errors").is_none_or(Value::is_array),
        "{answer}"
    );
    message.to_owned()
}

#[tokio::test]
async fn the_command_line_tool_signs_in_and_rotates_its_key() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let door = server.voipstudio();
    let session = door.sign_in("alice@mail.test", PASSWORD).await;
    let mut last = String::new();
    for _ in 0..3 {
        // A key of this name from an earlier run goes first: two of one name cannot be.
        let filter = json!([{"property": "name", "operator": "eq", "value": "vs-cli"}]).to_string();
        let old = session.find("/apitokens", &[("filter", &filter)]).await.is(200);
        for row in old["data"].as_array().expect("a list") {
            let token = row["token"].as_str().expect("a token");
            session.delete(&format!("/apitokens/{token}")).await.destroyed();
        }
        let body = json!({"name": "vs-cli", "expiry": 30 * 24 * 3600});
        let made = session.post("/apitokens", body).await.is(201);
        let key = made["data"]["token"]
            .as_str()
            .expect("a reply without data.token is a failure")
            .to_owned();
        if !last.is_empty() {
            let dead = door.with("x-auth-token", last.as_str()).get("/me").await.is(401);
            assert!(!shown_by_tool(&dead).is_empty());
        }
        let whoami = door.with("x-auth-token", key.as_str()).get("/me").await.is(200);
        for member in ["id", "email", "first_name", "last_name", "customer_id"] {
            assert!(!whoami["data"][member].is_null(), "{member}");
        }
        assert_eq!(whoami["data"]["id"].to_string(), alice.id);
        last = key;
    }
    session.send(Request::new("POST", "/logout")).await.destroyed();
    let _ = door.with_token(&last).get("/ping").await.is(200);
}

#[tokio::test]
async fn errors_read_well_in_every_client() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let _alice = portsip.user("alice").await;
    let door = server.voipstudio();
    let failed = door.try_sign_in("alice@mail.test", "wrong").await.is(401);
    assert_eq!(shown_by_tool(&failed), failed["message"]);
    assert!(!shown_by_connector(&failed).is_empty());
    let admin = door.with_token(&portsip.admin().await.token());
    let invalid = admin
        .post("/usergroups", json!({"name": 7, "color": 8}))
        .await
        .is(400);
    assert_eq!(shown_by_tool(&invalid), "name: must be text, color: must be text");
    assert_eq!(shown_by_connector(&invalid), "Validation error");
    for answer in [
        admin.get("/users/1").await.is(404),
        admin.get("/nowhere").await.is(404),
        admin.send(Request::new("PUT", "/users")).await.is(405),
        door.get("/users").await.is(401),
        door.with_token("dead").get("/ping").await.is(401),
    ] {
        assert!(
            !shown_by_tool(&answer).is_empty() && !shown_by_connector(&answer).is_empty(),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn the_browser_connector_lives_on_another_origin() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let origin = "https://crm.example.com";
    for version in Version::ALL {
        let path = format!("{}/login", version.prefix());
        let question = Request::new("OPTIONS", path)
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "content-type,x-auth-token");
        let leave = server.send(question).await.is(204);
        assert_eq!(leave.header("access-control-allow-origin"), Some("*"));
        for (header, words) in [
            ("access-control-allow-headers", "X-Auth-Token"),
            ("access-control-allow-methods", "PATCH"),
        ] {
            assert!(
                leave.header(header).is_some_and(|list| list.contains(words)),
                "{header}"
            );
        }
    }
    let door = server.voipstudio();
    let answer = door
        .send(
            Request::new("POST", "/login")
                .header("Origin", origin)
                .json(&json!({"email": "alice@mail.test", "password": PASSWORD})),
        )
        .await
        .is(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let session = door.signed_in(&answer);
    // It says that it sends JSON even when it sends nothing.
    let said = |method: &str, path: &str| {
        Request::new(method, path)
            .header("Content-Type", "application/json")
            .header("Origin", origin)
    };
    let me = session.send(said("GET", "/me")).await.is(200);
    assert_eq!(
        (&me["data"]["sip_domain"], &me["data"]["sip_password"]),
        (&json!("home.test"), &json!(PASSWORD))
    );
    let _ = session.send(said("GET", "/ping")).await.is(200);
    session.send(said("POST", "/logout")).await.destroyed();
    let ended = session.send(said("GET", "/ping")).await.is(401);
    assert_eq!(
        ended.header("access-control-allow-origin"),
        Some("*"),
        "a page may read why"
    );
    assert!(!alice.id.is_empty());
}

#[tokio::test]
async fn scripts_use_basic_on_every_version() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let session = server.voipstudio().sign_in("boss@home.test", PASSWORD).await;
    // The queue script refuses credentials of any other form.
    let digits = session.user_id.to_string();
    assert!((6..=7).contains(&digits.len()));
    assert!(
        session.token.len() == 40
            && session
                .token
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    );
    for version in Version::ALL {
        let script = server
            .voipstudio_at(version)
            .with_basic(session.user_id, &session.token);
        let users = script
            .find("/users", &[("include", "groups"), ("fields[groups]", "id,name")])
            .await
            .is(200);
        assert_eq!(users["data"][0]["groups"], json!([]));
        let _ = server
            .voipstudio_at(version)
            .with_basic(session.user_id, "x")
            .get("/users")
            .await
            .is(401);
        let _ = server
            .voipstudio_at(version)
            .with("Authorization", "Basic !!")
            .get("/users")
            .await
            .is(401);
        let bearer = format!("Bearer {}", session.token);
        let _ = server
            .voipstudio_at(version)
            .with("Authorization", bearer)
            .get("/users")
            .await
            .is(200);
    }
    assert!(!home.id.is_empty());
}

/// Reads a whole list as the data connector does, and gives the number of rows and the total.
async fn collect(client: &VoipStudio, path: &str, limit: &str) -> (usize, u64) {
    let mut rows = 0;
    for page in 1..100 {
        let answer = client
            .find(path, &[("page", &page.to_string()), ("limit", limit)])
            .await
            .is(200);
        let total = answer["total"].as_u64().expect("a total");
        let length = answer["data"].as_array().map_or(0, Vec::len);
        rows += length;
        if total == 0 || length == 0 || rows as u64 >= total {
            return (rows, total);
        }
    }
    unreachable!("the list ends")
}

#[tokio::test]
async fn the_data_connector_adds_up_what_it_reads() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    for number in 0..11 {
        let _ = home
            .admin
            .post(
                "/users",
                Draft::user(&format!("u{number}"), &format!("{}", 5000 + number)),
            )
            .await
            .created();
    }
    let session = server.voipstudio().sign_in("boss@home.test", PASSWORD).await;
    let client = server.voipstudio().with_basic(session.user_id, &session.token);
    for limit in ["5", "100", "5000"] {
        for (path, expected) in [("/users", 12), ("/usergroups", 0), ("/apitokens", 0)] {
            assert_eq!(
                collect(&client, path, limit).await,
                (expected, expected as u64),
                "{path} by {limit}"
            );
        }
    }
}
