//! What all lists have in common: pages, orders and filters.

use jackfield_testkit::{Answer, Draft, TestServer, VoipStudio};
use serde_json::{Value, json};

fn column(answer: &Answer, field: &str) -> Vec<Value> {
    let rows = answer["data"].as_array().expect("a list");
    rows.iter().map(|row| row[field].clone()).collect()
}

async fn office(server: &TestServer, people: usize) -> VoipStudio {
    let home = server.portsip().home().await;
    for number in 0..people {
        let draft = Draft::user(&format!("user{number:03}"), &format!("{}", 4000 + number));
        let _ = home.admin.post("/users", draft).await.created();
    }
    server.voipstudio().with_token(&home.admin.token())
}

#[tokio::test]
async fn pages_sum_up_to_the_total() {
    let server = TestServer::start().await;
    let admin = office(&server, 29).await;
    let first = admin.get("/users").await.is(200);
    assert_eq!(
        (first["total"].as_i64(), column(&first, "id").len()),
        (Some(30), 25)
    );
    for limit in ["7", "10", "30", "5000", "10000"] {
        let mut seen = Vec::new();
        for page in 1.. {
            let answer = admin
                .find("/users", &[("page", &page.to_string()), ("limit", limit)])
                .await
                .is(200);
            assert_eq!(answer["total"], 30);
            let ids = column(&answer, "id");
            if ids.is_empty() {
                break;
            }
            seen.extend(ids);
        }
        let mut unique = seen.clone();
        unique.dedup();
        assert_eq!((seen.len(), unique.len()), (30, 30), "{limit}");
    }
    for (name, value) in [
        ("page", "0"),
        ("page", "x"),
        ("limit", "0"),
        ("limit", "-5"),
        ("sort", "password"),
        ("sort", "first_name"),
        ("dir", "up"),
    ] {
        let field = if name == "dir" { "sort" } else { name };
        let _ = admin.find("/users", &[(name, value)]).await.is(400).says(field);
    }
}

#[tokio::test]
async fn orders_and_filters_find_what_they_should() {
    let server = TestServer::start().await;
    let admin = office(&server, 5).await;
    let emails = |answer: &Answer| column(answer, "email");
    let up = emails(&admin.find("/users", &[("sort", "email")]).await.is(200));
    let mut down = emails(
        &admin
            .find("/users", &[("sort", "email"), ("dir", "DESC")])
            .await
            .is(200),
    );
    down.reverse();
    assert_eq!(up, down);
    let newest = admin
        .find("/users", &[("dir", "desc"), ("limit", "1")])
        .await
        .is(200);
    assert_eq!(newest["data"][0]["ext"], "4004");

    let ask = async |conditions: Value| {
        let filter = conditions.to_string();
        let answer = admin.find("/users", &[("filter", &filter)]).await.is(200);
        assert_eq!(
            answer["total"].as_u64(),
            answer["data"].as_array().map(|rows| rows.len() as u64)
        );
        answer["total"].as_i64().expect("a total")
    };
    let one = |property: &str, operator: &str, value: Value| json!([{"property": property, "operator": operator, "value": value}]);
    for (conditions, expected) in [
        (one("ext", "eq", json!("4001")), 1),
        (one("ext", "eq", json!(4001)), 1),
        (one("ext", "like", json!("400")), 5),
        (one("ext", "gte", json!("4003")), 2),
        (one("email", "like", json!("user00")), 5),
        (one("active", "eq", json!(true)), 6),
        (one("active", "eq", json!(0)), 0),
        (one("created_at", "eq", json!("2026-03-02 08:00:00")), 6),
        (one("created_at", "gt", json!("2026-03-02")), 6),
        (one("created_at", "gt", json!("2026-03-02 08:00:00")), 0),
        (one("created_at", "lte", json!("2026-03-02 08:00:00")), 6),
        (one("location_id", "eq", json!(7)), 0),
        (one("roles", "eq", json!("Admin")), 1),
        (json!([]), 6),
        (
            json!([
                {"property": "ext", "operator": "gt", "value": "4000"},
                {"property": "ext", "operator": "lt", "value": "4003"}
            ]),
            2,
        ),
    ] {
        assert_eq!(ask(conditions.clone()).await, expected, "{conditions}");
    }
    for filter in [
        "{",
        "{}",
        "7",
        "[7]",
        &one("ext", "between", json!(["1", "2"])).to_string(),
        &one("ext", "=", json!("1")).to_string(),
        &one("password", "eq", json!("1")).to_string(),
        &one("first_name", "eq", json!("1")).to_string(),
        &one("created_at", "gt", json!("yesterday")).to_string(),
        &one("id", "like", json!("1")).to_string(),
    ] {
        let answer = admin
            .find("/users", &[("filter", filter)])
            .await
            .is(400)
            .says("filter");
        assert_eq!(answer["message"], "Validation error");
    }
    let unknown = one("password", "eq", json!("1")).to_string();
    let _ = admin
        .find("/users", &[("filter", &unknown)])
        .await
        .is(400)
        .says("Filtration error");
}

#[tokio::test]
async fn short_lists_are_asked_like_long_ones() {
    let server = TestServer::start().await;
    let admin = office(&server, 0).await;
    for path in ["/usergroups", "/usergrouppolicies", "/queuegroups"] {
        for name in ["beta", "alpha", "gamma"] {
            let _ = admin.post(path, json!({"name": name})).await.is(201);
        }
        let sorted = admin
            .find(path, &[("sort", "name"), ("dir", "DESC"), ("limit", "2")])
            .await
            .is(200);
        assert_eq!(
            (column(&sorted, "name"), sorted["total"].as_i64()),
            (vec![json!("gamma"), json!("beta")], Some(3))
        );
        let filter = json!([{"property": "name", "operator": "like", "value": "a"}, {"property": "name", "operator": "lt", "value": "c"}]);
        let found = admin.find(path, &[("filter", &filter.to_string())]).await.is(200);
        assert_eq!(
            (column(&found, "name"), found["total"].as_i64()),
            (vec![json!("beta"), json!("alpha")], Some(2))
        );
        assert_eq!(
            column(&admin.find(path, &[("page", "9")]).await.is(200), "name").len(),
            0
        );
        let _ = admin.find(path, &[("sort", "description")]).await.is(400);
    }
}

#[tokio::test]
async fn contacts_of_a_user() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let home = portsip.home().await;
    for name in ["Ada Lovelace", "Charles Babbage"] {
        let card = json!({"name": name, "email": "x@y.test", "business": "+49 30 1", "mobile_phone": "+49 170 2", "notes": "n"});
        let _ = alice.post("/user/contacts", card).await.created();
    }
    let admin = server.voipstudio().with_token(&home.admin.token());
    let path = format!("/users/{}/contacts", alice.id);
    let list = admin.get(&path).await.is(200);
    let id: i64 = alice.id.parse().expect("an id is a number");
    let mut first = list["data"][0].clone();
    first["id"] = json!(0);
    let expected = json!({
        "id": 0, "created_at": "2026-03-02 08:00:00", "first_name": "Ada", "last_name": "Lovelace",
        "email": "x@y.test", "tel": "+49 30 1", "mobile": "+49 170 2", "notes": "n", "group_name": "",
        "global": false, "internal": false, "user_id": id
    });
    assert_eq!((first, list["total"].as_i64()), (expected, Some(2)));
    let own = server.voipstudio().with_token(&alice.token());
    let filter = json!([{"property": "last_name", "operator": "eq", "value": "Babbage"}]).to_string();
    let found = own.find(&path, &[("filter", &filter)]).await.is(200);
    assert_eq!(
        (column(&found, "first_name"), found["total"].as_i64()),
        (vec![json!("Charles")], Some(1))
    );
    let sorted = own
        .find(&path, &[("sort", "first_name"), ("dir", "DESC"), ("limit", "1")])
        .await
        .is(200);
    assert_eq!(
        (column(&sorted, "first_name"), sorted["total"].as_i64()),
        (vec![json!("Charles")], Some(2))
    );
    let _ = own.get(&format!("/users/{}/contacts", bob.id)).await.is(403);
    let _ = admin.get("/users/1/contacts").await.is(404);
}
