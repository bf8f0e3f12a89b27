//! The list of users, and users who are made and changed.

use jackfield_testkit::{Draft, Omnidesk, TestServer};
use serde_json::{Value, json};

use super::{changes, office};

const NEW: [(&str, &str); 6] = [
    ("firstname", "Zoë"),
    ("lastname", "van der Berg"),
    ("name", "zoe.berg"),
    ("email", "Zoe@mail.test"),
    ("telephone_number", "+31612345678"),
    ("sendActivationMail", "false"),
];

/// The fields with these in place of those of the same name.
fn with<'a>(fields: &[(&'a str, &'a str)], other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields
        .iter()
        .filter(|(name, _)| !other.iter().any(|(other, _)| other == name));
    kept.chain(other).copied().collect()
}

fn names(list: &Value) -> Vec<&str> {
    let rows = list["result"].as_array().expect("a list");
    rows.iter().filter_map(|row| row["name"].as_str()).collect()
}

async fn id_of(program: &Omnidesk, fields: &[(&str, &str)]) -> String {
    program.post("/user", fields).await.is(200)["userID"].to_string()
}

#[tokio::test]
async fn a_user_is_made_and_seen_everywhere() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let group = home
        .admin
        .post("/groups", json!({"name": "Sales"}))
        .await
        .created();
    let made = program
        .post(
            "/user",
            &with(
                &NEW,
                &[("groups[]", &group), ("language", "nl"), ("dateFormat", "iso")],
            ),
        )
        .await
        .is(200);
    assert_eq!(
        (&made["type"], &made["message"]),
        (&json!("result"), &json!("User created."))
    );
    let id = made["userID"].to_string();
    let group: i64 = group.parse().expect("a number");
    let settings = program.settings(&id).await;
    for (field, value) in [
        ("name", json!("zoe.berg")),
        ("firstname", json!("Zoë")),
        ("lastname", json!("van der Berg")),
        ("email", json!("Zoe@mail.test")),
        ("telephone", json!("+31612345678")),
        ("language", json!("nl")),
        ("dateFormat", json!("iso")),
        ("active", json!(true)),
        ("groups", json!([group])),
        ("statusID", json!(1)),
        ("statusLocked", json!(false)),
        ("maxChats", json!(1)),
        ("chatSoundNewMessage", json!(true)),
        ("notifyOnTicketAssignment", json!(true)),
        ("ticketIncognitoMode", json!(false)),
        ("callsAutoAnswer", json!(false)),
        ("views", json!([])),
        ("statistics", json!([])),
        ("campaigns", json!([])),
    ] {
        assert_eq!(settings[field], value, "{field}");
    }
    let there = home.admin.get(&format!("/users/{id}")).await.is(200);
    for (field, value) in [
        ("name", "zoe.berg"),
        ("display_name", "Zoë van der Berg"),
        ("mobile_phone", "+31612345678"),
        ("role", "StandardUser"),
    ] {
        assert_eq!(there[field], value, "{there}");
    }
    // Nobody knows a password of hers.
    let mut nobody = server.portsip().anonymous();
    nobody.name = "zoe.berg".to_owned();
    nobody.domain = Some(home.domain.clone());
    for password in ["", "zoe.berg"] {
        let _ = nobody.try_sign_in(password).await.is(400);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_new_user_is_all_said_at_once() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let before = changes(&server, home).await;
    let empty = program.post("/user", &[]).await;
    for field in ["firstname", "lastname", "name", "email", "telephone_number"] {
        empty.clone().complains(400, &format!("{field} is required"));
    }
    for (field, value, words) in [
        ("firstname", "Zoë1", "firstname must be text that matches"),
        ("firstname", "", "firstname must be"),
        ("lastname", "a.b", "lastname must be"),
        ("name", "zoe berg", "name must be text that matches"),
        ("name", "z", "name must have at least 2 characters"),
        ("name", "zoe.", "name must be letters"),
        ("name", "root", "name is reserved"),
        ("name", "boss", "name: another user already has it"),
        ("email", "nobody", "email must be"),
        ("email", "", "email is required"),
        ("email", "BOSS@mail.test", "email: another user already has it"),
        ("telephone_number", "0612345678", "telephone_number must be"),
        ("telephone_number", "", "telephone_number must be"),
        ("language", "no language", "language must be"),
        ("dateFormat", "en", "dateFormat must be"),
        ("dateFormat", "en_GB!", "dateFormat must"),
        ("groups", "x", "groups must be a list of whole numbers"),
        ("groups", "7", "there is no such group"),
        ("sendActivationMail", "perhaps", "sendActivationMail must be"),
    ] {
        let answer = program.post("/user", &with(&NEW, &[(field, value)])).await;
        answer.complains(400, words);
    }
    let answer = program
        .post(
            "/user",
            &with(&NEW, &[("firstname", "1"), ("email", "x"), ("groups", "y")]),
        )
        .await;
    for field in ["firstname", "email", "groups"] {
        answer.clone().complains(400, field);
    }
    assert_eq!(changes(&server, home).await, before);
}

#[tokio::test]
async fn a_change_stores_what_is_there_and_leaves_what_is_not() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let group = home
        .admin
        .post("/groups", json!({"name": "Sales"}))
        .await
        .created();
    let id = id_of(&program, &with(&NEW, &[("groups", &group)])).await;
    let path = format!("/user/{id}");
    let shown = async || {
        let settings = program.settings(&id).await;
        [
            "firstname",
            "lastname",
            "name",
            "email",
            "telephone",
            "language",
            "dateFormat",
        ]
        .map(|field| settings[field].as_str().expect("text").to_owned())
    };
    let mut expected = [
        "Zoë",
        "van der Berg",
        "zoe.berg",
        "Zoe@mail.test",
        "+31612345678",
        "en",
        "en_GB",
    ]
    .map(str::to_owned);
    assert_eq!(shown().await, expected);
    for (place, field, value) in [
        (0, "firstname", "Anna Maria"),
        (1, "lastname", "Lopez Garcia"),
        (2, "name", "anna"),
        (3, "email", "anna@mail.test"),
        (4, "telephone", "+4930"),
        (4, "telephone_number", "+4931"),
        (5, "language", "nl"),
        (6, "dateFormat", "iso"),
        (0, "firstname", ""),
        (1, "lastname", ""),
        (3, "email", ""),
        (4, "telephone", ""),
        (5, "language", ""),
        (6, "dateFormat", ""),
    ] {
        let _ = program.put(&path, &[(field, value)]).await.is(200);
        value.clone_into(&mut expected[place]);
        assert_eq!(shown().await, expected, "{field}={value}");
    }
    assert_eq!(
        program.settings(&id).await["groups"].as_array().map(Vec::len),
        Some(1)
    );
    let _ = program.put(&path, &[("groups", "")]).await.is(200);
    assert_eq!(program.settings(&id).await["groups"], json!([]));

    // What is refused changes nothing of what else was asked for.
    let before = changes(&server, home).await;
    let _ = program.put(&path, &[]).await.is(200);
    let _ = program.put(&path, &[("name", "anna")]).await.is(200);
    for (field, value, words) in [
        ("name", "", "name must be text that matches"),
        ("name", "BOSS", "name: another user already has it"),
        ("email", "boss@mail.test", "email: another user already has it"),
        ("groups", "7", "there is no such group"),
        ("firstname", "1", "firstname must be"),
        ("telephone", "x", "telephone_number must be"),
        ("dateFormat", "english", "dateFormat must be"),
    ] {
        let answer = program
            .put(&path, &[("lastname", "Changed"), (field, value)])
            .await;
        answer.complains(400, words);
    }
    let both = [("telephone", "+1"), ("telephone_number", "+2")];
    program
        .put(&path, &both)
        .await
        .complains(400, "given more than once");
    assert_eq!((shown().await, changes(&server, home).await), (expected, before));
    for unknown in ["7", "x", "-1"] {
        let answer = program.put(&format!("/user/{unknown}"), &[("name", "new")]).await;
        answer.complains(400, "there is no such user");
    }
}

#[tokio::test]
async fn each_name_has_an_operation_of_its_own() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let user = server
        .portsip()
        .employ(
            home,
            Draft::user("alice", "1001").with("display_name", "Smith, Alice"),
        )
        .await;
    let id = user.id.as_str();
    let first = [("id", id), ("firstname", "Bob")];
    let _ = program.put("/user/firstnameUpdate", &first).await.is(200);
    let last = [("id", id), ("lastname", "Jones")];
    let _ = program.put("/user/lastnameUpdate", &last).await.is(200);
    let name = [("id", id), ("username", "bob.jones")];
    let _ = program.put("/user/usernameUpdate", &name).await.is(200);
    let there = home.admin.get(&format!("/users/{id}")).await.is(200);
    assert_eq!(
        (&there["name"], &there["display_name"]),
        (&json!("bob.jones"), &json!("Bob Jones"))
    );
    // He signs in by the new name, and his sessions go on.
    let _ = user.get("/user").await.is(200);
    let _ = user.try_sign_in(jackfield_testkit::PASSWORD).await.is(400);
    let mut renamed = user.clone();
    renamed.name = "BOB.jones".to_owned();
    renamed.sign_in(jackfield_testkit::PASSWORD).await;

    let before = changes(&server, home).await;
    for (path, field, wrong) in [
        ("usernameUpdate", "username", vec!["", "a", "a b", "boss", ".a"]),
        ("firstnameUpdate", "firstname", vec!["", "a1", "a@b"]),
        ("lastnameUpdate", "lastname", vec!["", "a1", "×"]),
    ] {
        let path = format!("/user/{path}");
        for value in wrong {
            program
                .put(&path, &[("id", id), (field, value)])
                .await
                .complains(400, "name");
        }
        program
            .put(&path, &[("id", id)])
            .await
            .complains(400, &format!("{field} is required"));
        program
            .put(&path, &[(field, "new")])
            .await
            .complains(400, "id is required");
        program
            .put(&path, &[("id", "x"), (field, "new")])
            .await
            .complains(400, "id must be");
    }
    assert_eq!(changes(&server, home).await, before);
}

#[tokio::test]
async fn the_list_is_searched_and_paged() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    for number in 0..20 {
        let fields = with(&NEW, &[]);
        let (name, email, phone) = (
            format!("user{number:02}"),
            format!("user{number:02}@mail.test"),
            format!("+316000000{number:02}"),
        );
        let own = [
            ("name", name.as_str()),
            ("email", &email),
            ("telephone_number", &phone),
        ];
        let _ = id_of(&program, &with(&fields, &own)).await;
    }
    let asleep = server.portsip().user("sleeper").await;
    let path = format!("/users/{}", asleep.id);
    home.admin.post(&path, json!({"enabled": false})).await.changed();
    let find = async |query: &[(&str, &str)]| program.find("/user", query).await.is(200);

    let usual = find(&[]).await;
    assert_eq!(usual["result"].as_array().map(Vec::len), Some(15));
    assert_eq!((&usual["type"], &usual["total"]), (&json!("result"), &json!(22)));
    let all = find(&[("itemLimit", "999")]).await;
    let everybody = names(all.json());
    assert_eq!(everybody.len(), 22);
    let mut walked = Vec::new();
    for start in (0..28).step_by(7) {
        let page = find(&[("itemStart", &start.to_string()), ("itemLimit", "7")]).await;
        walked.extend(names(page.json()).into_iter().map(str::to_owned));
    }
    assert_eq!(walked, everybody);
    for (query, found) in [
        ("user07", vec!["user07"]),
        ("user1", (10..20).map(|_| "").collect()),
        ("+31600000012", vec!["user12"]),
        ("user03@mail.test", vec!["user03"]),
        ("boss", vec!["boss"]),
        ("berg", vec![]),
        ("nobody", vec![]),
    ] {
        let answer = find(&[("query", query), ("itemLimit", "999")]).await;
        let names = names(answer.json());
        assert_eq!(answer["total"], names.len(), "{query}");
        assert_eq!(names.len(), found.len(), "{query}: {names:?}");
        if let [one] = found.as_slice() {
            assert_eq!(names, [*one], "{query}");
        }
    }
    let active = find(&[("activeOnly", "true"), ("itemLimit", "999")]).await;
    assert!(!names(active.json()).contains(&"sleeper") && active["total"] == 21);
    let row = |answer: &jackfield_testkit::Answer| {
        let row = answer["result"][0].as_object().expect("a row");
        row.keys().cloned().collect::<Vec<_>>()
    };
    let short = find(&[("extended", "false"), ("query", "user07")]).await;
    assert_eq!(row(&short), ["userID", "name", "firstname", "lastname"]);
    let long = find(&[("extended", "1"), ("query", "user07")]).await;
    assert_eq!(row(&long).len(), 11, "{long}");
    for (name, value) in [
        ("itemLimit", "1000"),
        ("itemLimit", "0"),
        ("itemLimit", "many"),
        ("itemStart", "-1"),
        ("itemStart", "1.5"),
        ("query", "!"),
        ("activeOnly", "perhaps"),
        ("extended", "2"),
    ] {
        program.find("/user", &[(name, value)]).await.complains(400, name);
    }
    // What a database could take for more than text.
    for query in ["a' OR '1'='1", "a%", "a_", "a\\", "a\u{0}b"] {
        assert_eq!(find(&[("query", query)]).await["total"], 0, "{query:?}");
    }
}

#[tokio::test]
async fn the_list_shows_what_users_say_and_where_they_belong() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let group = home
        .admin
        .post("/groups", json!({"name": "Sales"}))
        .await
        .created();
    let user = server.portsip().user("alice").await;
    let lock = [("userID", user.id.as_str()), ("status", "3")];
    let _ = program.post("/user/statusLock", &lock).await.is(200);
    let _ = program
        .put(&format!("/user/{}", user.id), &[("groups[0]", &group)])
        .await
        .is(200);
    let answer = program.find("/user", &[("query", "alice")]).await.is(200);
    let row = &answer["result"][0];
    assert_eq!(
        json!([
            row["statusID"],
            row["statusLocked"],
            row["groups"][0].to_string(),
            row["dnd"]
        ]),
        json!([3, true, group, false])
    );
    let boss = program.find("/user", &[("query", "boss")]).await.is(200);
    let row = &boss["result"][0];
    assert_eq!(
        json!([row["statusID"], row["statusLocked"], row["groups"]]),
        json!([1, false, []])
    );
}
