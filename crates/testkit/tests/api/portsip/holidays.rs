//! Holidays: a user's own, the tenant's, and which of those a user keeps.

use jackfield_testkit::{
    Draft, Person, TestServer,
    scenarios::{self, Collection, Kind},
};
use serde_json::{Value, json};

const HOLIDAYS: Collection = Collection {
    path: "/holidays",
    key: "id",
    fields: &[
        ("id", Kind::Number),
        ("name", Kind::Text),
        ("region", Kind::Text),
        ("consecutive", Kind::Flag),
        ("every_year", Kind::Flag),
        ("year_start", Kind::Number),
        ("year_end", Kind::Number),
        ("month_start", Kind::Number),
        ("month_end", Kind::Number),
        ("day_start", Kind::Number),
        ("day_end", Kind::Number),
        ("hour_start", Kind::Number),
        ("hour_end", Kind::Number),
        ("minute_start", Kind::Number),
        ("minute_end", Kind::Number),
    ],
};

async fn ids(person: &Person, path: &str) -> Vec<String> {
    person.get(path).await.is(200).column("id")
}

#[tokio::test]
async fn create_read_change_destroy() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let of = format!("/users/{}/holidays", alice.id);
    for (person, list) in [
        (&alice, "/user/holidays"),
        (&admin, of.as_str()),
        (&admin, "/holidays"),
    ] {
        assert_eq!(
            person.get(list).await.is(200).json(),
            &json!({"count": 0, "items": []})
        );
        let draft = Draft::holiday("Christmas");
        let id = person.post(list, draft.clone()).await.created();
        let path = format!("{list}/{id}");
        let mut expected = draft.json();
        expected["id"] = id.as_str().into();
        assert_eq!(person.get(&path).await.is(200).json(), &expected);
        assert_eq!(
            person.get(list).await.is(200).json(),
            &json!({"count": 1, "items": [expected]})
        );
        let change = json!({"name": "Yule", "consecutive": false, "every_year": true, "hour_end": 24, "minute_end": 0});
        person.post(&path, change.clone()).await.changed();
        for (member, value) in change.as_object().expect("an object") {
            expected[member.as_str()] = value.clone();
        }
        assert_eq!(person.get(&path).await.is(200).json(), &expected);
        person.act(&format!("{path}/destroy")).await.destroyed();
        for answer in [
            person.get(&path).await,
            person.post(&path, json!({})).await,
            person.act(&format!("{path}/destroy")).await,
            person.get(&format!("{list}/nonsense")).await,
        ] {
            let _ = answer.fails(404, "NOT_FOUND");
        }
    }
}

#[tokio::test]
async fn what_is_not_said_follows_from_the_first_day() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let body = json!({
        "name": "Labour Day", "region": "DEU", "consecutive": false, "every_year": true,
        "month_start": 5, "day_start": 1, "year_start": null,
    });
    let id = alice.post("/user/holidays", body).await.created();
    let read = alice.get(&format!("/user/holidays/{id}")).await.is(200);
    let expected = json!({
        "id": id, "name": "Labour Day", "region": "DEU", "consecutive": false, "every_year": true,
        "month_start": 5, "month_end": 5, "day_start": 1, "day_end": 1,
        "hour_start": 0, "hour_end": 23, "minute_start": 0, "minute_end": 59,
    });
    assert_eq!(read.json(), &expected, "a holiday of every year has no year");
}

#[tokio::test]
async fn wrong_holidays_are_named() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    for (person, list) in [(&alice, "/user/holidays"), (&admin, "/holidays")] {
        let draft = Draft::holiday("Christmas");
        for (member, value) in [
            ("name", json!("")),
            ("name", json!("x".repeat(65))),
            ("region", json!("DE")),
            ("region", Value::Null),
            ("year_start", json!(0)),
            ("month_start", json!(13)),
            ("day_end", json!(32)),
            ("day_end", json!(23)),
            ("hour_start", json!(24)),
            ("minute_end", json!(60)),
        ] {
            let _ = person
                .post(list, draft.clone().with(member, value))
                .await
                .fails(400, "VALIDATE_FAILED")
                .says(member);
        }
        let answer = person.post(list, json!({})).await.fails(400, "VALIDATE_FAILED");
        for member in ["name", "region", "consecutive", "every_year"] {
            assert!(
                answer.text().contains(&format!("{member} is required")),
                "{answer}"
            );
        }
        scenarios::wrong_types(person, list, &draft, list).await;
        let id = person.post(list, draft).await.created();
        let path = format!("{list}/{id}");
        for (body, word) in [
            (json!({"name": null}), "name"),
            (json!({"day_start": 27}), "day_end"),
            (json!({"month_start": 2, "day_start": 30}), "day_start"),
        ] {
            let _ = person
                .post(&path, body)
                .await
                .fails(400, "VALIDATE_FAILED")
                .says(word);
        }
    }
}

#[tokio::test]
async fn the_tenants_holidays_can_be_asked_for() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    for (index, name) in ["Advent", "Bastille Day", "Carnival", "Diwali", "Easter"]
        .into_iter()
        .enumerate()
    {
        let odd = index % 2 == 1;
        let draft = Draft::holiday(name)
            .with("region", if odd { "FRA" } else { "DEU" })
            .with("every_year", odd)
            .with("consecutive", index > 2)
            .with("year_start", 2026 - index)
            .with("month_start", 1 + index)
            .with("day_start", 9 - index)
            .with("hour_start", index)
            .with("minute_start", 59 - index);
        admin.post("/holidays", draft).await.created();
    }
    scenarios::paging(&alice, HOLIDAYS).await;
    scenarios::ordering(&alice, HOLIDAYS).await;
    scenarios::filtering(&alice, HOLIDAYS).await;
    let find = async |name: &str, value: &str| alice.find("/holidays", &[(name, value)]).await.is(200);
    assert_eq!(find("search", "fra DAY").await.column("name"), ["Bastille Day"]);
    assert_eq!(
        find("filter", "every_year and month_start gt 2")
            .await
            .column("name"),
        ["Diwali"]
    );
    assert_eq!(
        find("orderby", "region desc, name desc").await.column("name"),
        ["Diwali", "Bastille Day", "Easter", "Carnival", "Advent"]
    );
}

#[tokio::test]
async fn a_holiday_of_every_year_has_no_year_to_ask_for() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    admin.post("/holidays", Draft::holiday("Once")).await.created();
    let always = Draft::holiday("Always")
        .with("every_year", true)
        .without("year_start")
        .without("year_end");
    admin.post("/holidays", always).await.created();
    for (filter, names) in [
        ("year_start eq null", vec!["Always"]),
        ("year_start ne null", vec!["Once"]),
        ("year_start ne 2030", vec!["Once"]),
    ] {
        let found = admin.find("/holidays", &[("filter", filter)]).await.is(200);
        assert_eq!(found.column("name"), names, "{filter}");
    }
    let sorted = admin
        .find("/holidays", &[("orderby", "year_start")])
        .await
        .is(200);
    assert_eq!(sorted.column("name"), ["Always", "Once"]);
}

#[tokio::test]
async fn the_tenants_holidays_are_read_by_all_its_users_and_changed_by_few() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let other = portsip.company("other.test").await;
    let id = admin.post("/holidays", Draft::holiday("Ours")).await.created();
    other
        .admin
        .post("/holidays", Draft::holiday("Theirs"))
        .await
        .created();
    let path = format!("/holidays/{id}");
    assert_eq!(alice.get(&path).await.is(200)["name"], "Ours");
    scenarios::apart(&alice, &other.admin, HOLIDAYS).await;
    for answer in [
        other.admin.get(&path).await,
        other.admin.post(&path, json!({"name": "x"})).await,
        other.admin.act(&format!("{path}/destroy")).await,
        // A tenant's holiday is none of a user's, and the other way round.
        alice.get(&format!("/user{path}")).await,
    ] {
        let _ = answer.fails(404, "NOT_FOUND");
    }
    // Seeing the company's settings is not enough to change its holidays.
    let manager = portsip.user_as("manager", "QueueManager").await;
    for person in [&alice, &manager] {
        for answer in [
            person.post("/holidays", Draft::holiday("x")).await,
            person.post(&path, json!({"name": "x"})).await,
            person.act(&format!("{path}/destroy")).await,
        ] {
            let _ = answer.fails(403, "FORBIDDEN");
        }
    }
    let root = portsip.root().await;
    for answer in [root.get("/holidays").await, root.get(&path).await] {
        let _ = answer.fails(403, "FORBIDDEN").says("switch to a tenant");
    }
    root.act_in(&portsip.home().await.id).await;
    assert_eq!(ids(&root, "/holidays").await, [id.as_str()]);
}

#[tokio::test]
async fn a_users_holidays_are_his_alone() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let admin = portsip.admin().await;
    let id = alice
        .post("/user/holidays", Draft::holiday("Mine"))
        .await
        .created();
    assert_eq!(ids(&bob, "/user/holidays").await, Vec::<String>::new());
    for answer in [
        bob.get(&format!("/user/holidays/{id}")).await,
        admin.get(&format!("/users/{}/holidays/{id}", bob.id)).await,
        admin.get(&format!("/holidays/{id}")).await,
        admin.get("/users/999999/holidays").await,
        admin.post("/users/999999/holidays", Draft::holiday("x")).await,
    ] {
        let _ = answer.fails(404, "NOT_FOUND");
    }
    let _ = bob
        .get(&format!("/users/{}/holidays", alice.id))
        .await
        .fails(403, "FORBIDDEN");
    assert_eq!(ids(&admin, &format!("/users/{}/holidays", alice.id)).await, [id]);
}

#[tokio::test]
async fn users_choose_from_the_tenants_holidays() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let of = format!("/users/{}/global_holidays", alice.id);
    let mut common = Vec::new();
    for name in ["Advent", "Bastille Day", "Carnival"] {
        common.push(admin.post("/holidays", Draft::holiday(name)).await.created());
    }
    let [advent, bastille, carnival] = [&common[0], &common[1], &common[2]];
    let own = "/user/global_holidays";
    assert_eq!(alice.get(own).await.is(200).json(), &json!({"items": []}));
    let choice = alice
        .post(own, json!({"items": [carnival, advent, carnival]}))
        .await
        .created();
    let whole = alice.get(own).await.is(200);
    assert_eq!(whole.column("id"), [advent.as_str(), carnival]);
    assert_eq!(
        whole["items"][0],
        *alice.get(&format!("/holidays/{advent}")).await.is(200).json()
    );
    // Another list takes the place of the first, whoever sends it; the choice stays one.
    let again = admin
        .post(&of, json!({"items": [bastille, advent]}))
        .await
        .created();
    assert_eq!(again, choice);
    assert_eq!(ids(&alice, own).await, [advent.as_str(), bastille]);
    assert_eq!(ids(&admin, &of).await, [advent.as_str(), bastille]);
    // A change of the tenant's holiday is one of the chosen holiday.
    admin
        .post(&format!("/holidays/{advent}"), json!({"name": "First Advent"}))
        .await
        .changed();
    assert_eq!(
        alice.get(own).await.is(200).column("name"),
        ["First Advent", "Bastille Day"]
    );
    admin
        .act(&format!("/holidays/{advent}/destroy"))
        .await
        .destroyed();
    assert_eq!(ids(&alice, own).await, [bastille.as_str()]);
    let _ = alice
        .post(own, json!({"items": [bastille, advent]}))
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("items[1]");
    assert_eq!(ids(&alice, own).await, [bastille.as_str()]);
    for nothing in [json!({"items": []}), json!({"items": null}), json!({})] {
        alice.post(own, json!({"items": [bastille]})).await.created();
        alice.post(own, nothing).await.created();
        assert_eq!(ids(&alice, own).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn wrong_choices_are_named() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let other = portsip.company("other.test").await;
    let good = admin.post("/holidays", Draft::holiday("Good")).await.created();
    let foreign = other
        .admin
        .post("/holidays", Draft::holiday("Theirs"))
        .await
        .created();
    let own = alice
        .post("/user/holidays", Draft::holiday("Mine"))
        .await
        .created();
    let path = "/user/global_holidays";
    alice.post(path, json!({"items": [good]})).await.created();
    for wrong in [
        json!("999999"),
        json!("nonsense"),
        json!(""),
        json!("-1"),
        json!("0"),
        json!(7),
        Value::Null,
        json!(foreign),
        json!(own),
    ] {
        let _ = alice
            .post(path, json!({"items": [good, wrong]}))
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("items[1]");
    }
    let many: Vec<String> = (0..400).map(|id| id.to_string()).collect();
    let _ = alice
        .post(path, json!({"items": many}))
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("items");
    assert_eq!(ids(&alice, path).await, [good.as_str()]);
    for answer in [
        other
            .admin
            .get(&format!("/users/{}/global_holidays", alice.id))
            .await,
        admin
            .post("/users/999999/global_holidays", json!({"items": [good]}))
            .await,
    ] {
        let _ = answer.fails(404, "NOT_FOUND");
    }
    let bob = portsip.user("bob").await;
    let _ = bob
        .get(&format!("/users/{}/global_holidays", alice.id))
        .await
        .fails(403, "FORBIDDEN");
}

#[tokio::test]
async fn two_first_choices_at_once_make_one() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let one = admin.post("/holidays", Draft::holiday("One")).await.created();
    let two = admin.post("/holidays", Draft::holiday("Two")).await.created();
    let path = "/user/global_holidays";
    let (first, second) = tokio::join!(
        alice.post(path, json!({"items": [one]})),
        alice.post(path, json!({"items": [two]}))
    );
    assert_eq!(first.created(), second.created());
    assert_eq!(ids(&alice, path).await.len(), 1);
}

#[tokio::test]
async fn what_happens_is_written_down() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let tenant: i64 = portsip.home().await.id.parse().expect("an id is a number");
    let count = async || {
        let journal = server.journal(tenant).await;
        journal.iter().filter(|line| line.kind == "holiday").count()
    };
    let id = admin.post("/holidays", Draft::holiday("One")).await.created();
    assert_eq!(count().await, 1);
    let path = "/user/global_holidays";
    for expected in [2, 2] {
        alice.post(path, json!({"items": [id]})).await.created();
        assert_eq!(count().await, expected, "the same choice again is no change");
    }
    alice.post(path, json!({"items": []})).await.created();
    let own = alice
        .post("/user/holidays", Draft::holiday("Mine"))
        .await
        .created();
    alice
        .act(&format!("/user/holidays/{own}/destroy"))
        .await
        .destroyed();
    assert_eq!(count().await, 5);
}
