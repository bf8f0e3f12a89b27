//! What many do at once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use jackfield_testkit::{Draft, Person, TestServer};
use serde_json::json;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_number_goes_to_one_user() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    for (same, drafts) in [
        (
            "extension_number",
            (0..16)
                .map(|n| Draft::user(&format!("n{n}"), "5001"))
                .collect::<Vec<_>>(),
        ),
        (
            "name",
            (0..16)
                .map(|n| Draft::user("same", &format!("60{n:02}")).with("email", ""))
                .collect(),
        ),
    ] {
        let mut tasks = JoinSet::new();
        for draft in drafts {
            let admin = admin.clone();
            tasks.spawn(async move { admin.post("/users", draft).await });
        }
        let mut made = Vec::new();
        while let Some(answer) = tasks.join_next().await {
            let answer = answer.expect("the request is answered");
            if answer.status == 201 {
                made.push(answer.created());
            } else {
                let _ = answer.fails(409, "ALREADY_EXISTS").says(same);
            }
        }
        assert_eq!(made.len(), 1, "{same}");
    }
    assert_eq!(admin.get("/users").await.is(200)["count"], 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_of_extensions_holds_against_many() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let root = portsip.root().await;
    root.post(
        &format!("/tenants/{}", portsip.home().await.id),
        json!({"max_extensions": 5}),
    )
    .await
    .changed();
    let mut tasks = JoinSet::new();
    for n in 0..20 {
        let admin = admin.clone();
        tasks.spawn(async move {
            admin
                .post("/users", Draft::user(&format!("u{n}"), &format!("50{n:02}")))
                .await
                .status
        });
    }
    let mut made = 0;
    while let Some(status) = tasks.join_next().await {
        match status.expect("the request is answered") {
            201 => made += 1,
            other => assert_eq!(other, 409),
        }
    }
    assert_eq!(made, 4, "the administrator has the fifth");
    assert_eq!(admin.get("/users").await.is(200)["count"], 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_administrators_cannot_remove_each_other() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    for round in 0..5 {
        let company = portsip.company(&format!("round{round}.test")).await;
        let second = portsip
            .employ(
                &company,
                Draft::user("second", &format!("80{round}1")).with("role", "Admin"),
            )
            .await;
        let first = company.admin.clone();
        let (one, two) = (format!("/users/{}", first.id), format!("/users/{}", second.id));
        let (demoted, disabled) = (json!({"role": "StandardUser"}), json!({"enabled": false}));
        let attack = async |person: &Person, target: &str| match round % 3 {
            0 => person.post(&format!("{target}/role"), demoted.clone()).await,
            1 => person.act(&format!("{target}/destroy")).await,
            _ => person.post(target, disabled.clone()).await,
        };
        let (left, right) = tokio::join!(attack(&first, &two), attack(&second, &one));
        let won = [&left, &right]
            .iter()
            .filter(|answer| matches!(answer.status, 200 | 204))
            .count();
        assert_eq!(won, 1, "{left}\n{right}");
        let root = portsip.root().await;
        root.act_in(&company.id).await;
        let left = root
            .find("/users", &[("filter", "role eq 'Admin' and enabled eq true")])
            .await
            .is(200);
        assert_eq!(left["count"], 1, "{left}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_read_at_once() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let alice = portsip.user("alice").await;
    let path = format!("/users/{}", alice.id);
    let done = Arc::new(AtomicBool::new(false));
    let mut readers = JoinSet::new();
    for person in [admin.clone(), alice.clone(), alice.clone()] {
        let (done, path) = (
            Arc::clone(&done),
            if person.id == alice.id {
                "/user".to_owned()
            } else {
                path.clone()
            },
        );
        readers.spawn(async move {
            let mut last = -1;
            while !done.load(Ordering::SeqCst) {
                let seen = person.get(&path).await.is(200);
                let seen: i64 = seen["department"]
                    .as_str()
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(-1);
                assert!(seen >= last, "a reader saw {seen} after {last}");
                last = seen;
            }
        });
    }
    for round in 0..100 {
        let (writer, way) = if round % 2 == 0 {
            (&admin, path.as_str())
        } else {
            (&alice, "/user")
        };
        writer
            .post(way, json!({"department": round.to_string()}))
            .await
            .changed();
        for (reader, way) in [(&admin, path.as_str()), (&alice, "/user")] {
            assert_eq!(reader.get(way).await.is(200)["department"], round.to_string());
        }
        let listed = admin
            .find("/users", &[("filter", &format!("department eq '{round}'"))])
            .await
            .is(200);
        assert_eq!(listed["count"], 1);
    }
    done.store(true, Ordering::SeqCst);
    while let Some(reader) = readers.join_next().await {
        reader.expect("a reader never sees an older state");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_is_traded_once() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let alice = portsip.user("alice").await;
    let tokens = alice.try_sign_in(jackfield_testkit::PASSWORD).await.is(200);
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (nobody, refresh) = (portsip.anonymous(), tokens["refresh_token"].clone());
        tasks.spawn(async move {
            nobody
                .post("/auth/refresh_token", json!({"refresh_token": refresh}))
                .await
                .status
        });
    }
    let mut traded = 0;
    while let Some(status) = tasks.join_next().await {
        traded += u32::from(status.expect("the request is answered") == 200);
    }
    assert_eq!(traded, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_has_no_gaps() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let mut tasks = JoinSet::new();
    for n in 0..24 {
        let admin = admin.clone();
        tasks.spawn(async move {
            // Every third one is refused, and leaves no number behind.
            let number = if n % 3 == 0 {
                "5000".to_owned()
            } else {
                format!("51{n:02}")
            };
            admin
                .post("/users", Draft::user(&format!("u{n}"), &number))
                .await
                .status
        });
    }
    let mut made = 0;
    while let Some(status) = tasks.join_next().await {
        made += usize::from(status.expect("the request is answered") == 201);
    }
    assert_eq!(made, 17);
    let journal = server
        .journal(portsip.home().await.id.parse().expect("a number"))
        .await;
    let numbers: Vec<_> = journal.iter().map(|line| line.sequence).collect();
    assert_eq!(numbers, (1..).take(numbers.len()).collect::<Vec<_>>());
    assert_eq!(
        journal
            .iter()
            .filter(|line| line.kind == "user" && line.change == "CREATED")
            .count(),
        made + 1
    );
}
