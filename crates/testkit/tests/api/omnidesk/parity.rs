//! One user in three views: what one dialect changes, the others show, and the same deed leaves the same trace.

use jackfield_testkit::{Company, Draft, Omnidesk, TestServer};
use serde_json::{Value, json};

use super::office;

/// What all three views show of a user, in one form.
async fn views(server: &TestServer, company: &Company, program: &Omnidesk, id: &str) -> [Value; 3] {
    let number: i64 = id.parse().expect("an id is a number");
    let there = company.admin.get(&format!("/users/{id}")).await.is(200);
    let status = company.admin.get(&format!("/users/{id}/status")).await.is(200);
    let portsip = json!({
        "id": there["id"].as_str().and_then(|id| id.parse::<i64>().ok()),
        "name": there["display_name"],
        "email": there["email"],
        "active": there["enabled"],
        "dnd": status["enable_dnd"],
    });
    let door = server.voipstudio().with_token(&company.admin.token());
    let user = door.get(&format!("/users/{number}")).await.is(200)["data"].clone();
    let joined = |first: &Value, last: &Value| {
        let words = [
            first.as_str().unwrap_or_default(),
            last.as_str().unwrap_or_default(),
        ];
        words.join(" ").trim().to_owned()
    };
    let voipstudio = json!({
        "id": user["id"],
        "name": joined(&user["first_name"], &user["last_name"]),
        "email": user["email"],
        "active": user["active"],
        "dnd": user["dnd"],
    });
    let settings = program.settings(id).await;
    let omnidesk = json!({
        "id": settings["userID"],
        "name": joined(&settings["firstname"], &settings["lastname"]),
        "email": settings["email"],
        "active": settings["active"],
        "dnd": settings["dnd"],
    });
    [portsip, voipstudio, omnidesk]
}

#[tokio::test]
async fn one_user_in_three_views() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let same = async |id: &str| {
        let [portsip, voipstudio, omnidesk] = views(&server, home, &program, id).await;
        assert_eq!(portsip, voipstudio);
        assert_eq!(portsip, omnidesk);
        portsip
    };
    let made = program
        .post(
            "/user",
            &[
                ("firstname", "Zoë"),
                ("lastname", "van Dyk"),
                ("name", "zoe"),
                ("email", "zoe@mail.test"),
                ("telephone_number", "+31612345678"),
                ("sendActivationMail", "0"),
            ],
        )
        .await
        .is(200);
    let id = made["userID"].to_string();
    assert_eq!(same(&id).await["name"], "Zoë van Dyk");
    let path = format!("/users/{id}");
    let change = json!({"display_name": "Ann Lee", "email": "ann@mail.test", "enable_dnd": true});
    home.admin.post(&path, change).await.changed();
    assert_eq!(same(&id).await["name"], "Ann Lee");
    let _ = program
        .put(&format!("/user/{id}"), &[("lastname", "Berg"), ("email", "")])
        .await
        .is(200);
    let seen = same(&id).await;
    assert_eq!(
        (&seen["name"], &seen["email"], &seen["dnd"]),
        (&json!("Ann Berg"), &json!(""), &json!(true))
    );

    // Groups, by the one dialect that sets all of them at once and by this one.
    let door = server.voipstudio().with_token(&home.admin.token());
    let group = door.post("/usergroups", json!({"name": "Sales"})).await.is(201)["data"]["id"].clone();
    let number: i64 = id.parse().expect("a number");
    let _ = door
        .patch("/users", json!([{"id": number, "groups": [group]}]))
        .await
        .is(200);
    assert_eq!(program.settings(&id).await["groups"], json!([group]));
    let _ = program
        .put(&format!("/user/{id}"), &[("groups", "[]")])
        .await
        .is(200);
    let shown = door
        .find(&format!("/users/{id}"), &[("include", "groups")])
        .await
        .is(200);
    assert_eq!(shown["data"]["groups"], json!([]));

    // A locked status has no other door there: the bulk change knows none of it.
    let _ = program
        .post("/user/statusLock", &[("userID", &id), ("status", "3")])
        .await
        .is(200);
    let _ = door
        .patch("/users", json!([{"id": number, "location_id": 7}]))
        .await
        .is(200);
    assert_eq!(program.settings(&id).await["statusLocked"], true);

    home.admin.act(&format!("{path}/destroy")).await.destroyed();
    program
        .find("/user/settings", &[("userID", &id)])
        .await
        .complains(400, "there is no such user");
    let _ = door.get(&format!("/users/{id}")).await.is(404);
}

#[tokio::test]
async fn the_same_deed_leaves_the_same_trace() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (one, two) = (
        portsip.company("one.test").await,
        portsip.company("two.test").await,
    );
    let program = server.omnidesk_key(&two.id, &two.admin.id, &Omnidesk::ALL).await;
    let mut people = Vec::new();
    for company in [&one, &two] {
        people.push(portsip.employ(company, Draft::user("alice", "1001")).await);
    }
    let (first, second) = (&people[0], &people[1]);
    one.admin
        .post(
            &format!("/users/{}", first.id),
            json!({"display_name": "Ann Lee", "email": "ann@mail.test"}),
        )
        .await
        .changed();
    first
        .post("/user/presence", json!({"presence": "LUNCH"}))
        .await
        .changed();
    let fields = [
        ("firstname", "Ann"),
        ("lastname", "Lee"),
        ("email", "ann@mail.test"),
    ];
    let _ = program
        .put(&format!("/user/{}", second.id), &fields)
        .await
        .is(200);
    let status = [("userID", second.id.as_str()), ("statusID", "3")];
    let _ = program.post("/user/updateStatus", &status).await.is(200);
    let story = async |company: &Company| {
        let journal = server.journal(company.id.parse().expect("a number")).await;
        let told = journal
            .into_iter()
            .filter(|line| !["session", "api_key"].contains(&line.kind.as_str()));
        told.map(|line| (line.kind, line.change, line.detail))
            .collect::<Vec<_>>()
    };
    assert_eq!(story(&one).await, story(&two).await);
}
