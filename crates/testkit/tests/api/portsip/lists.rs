//! Lists: filter, search, order, pages.

use jackfield_testkit::{
    Draft, Person, TestServer,
    scenarios::{self, Collection, Kind},
};

const USERS: Collection = Collection {
    path: "/users",
    key: "id",
    fields: &[
        ("id", Kind::Number),
        ("name", Kind::Text),
        ("email", Kind::Text),
        ("display_name", Kind::Text),
        ("enabled", Kind::Flag),
        ("role", Kind::Text),
        ("mobile_phone", Kind::Text),
        ("work_phone", Kind::Text),
        ("home_phone", Kind::Text),
        ("address", Kind::Text),
        ("department", Kind::Text),
        ("extension_number", Kind::Text),
        ("created_at", Kind::Time),
    ],
};
const GROUPS: Collection = Collection {
    path: "/groups",
    key: "id",
    fields: &[
        ("id", Kind::Number),
        ("name", Kind::Text),
        ("description", Kind::Text),
    ],
};
const ROLES: Collection = Collection {
    path: "/roles",
    key: "name",
    fields: &[("name", Kind::Text), ("description", Kind::Text)],
};
const TENANTS: Collection = Collection {
    path: "/tenants",
    key: "id",
    fields: &[
        ("id", Kind::Number),
        ("name", Kind::Text),
        ("domain", Kind::Text),
        ("enabled", Kind::Flag),
        ("website", Kind::Text),
        ("timezone", Kind::Text),
        ("currency", Kind::Text),
        ("region", Kind::Text),
        ("max_extensions", Kind::Number),
        ("max_concurrent_calls", Kind::Number),
        ("created_at", Kind::Time),
    ],
};

/// A tenant with seven people, the administrator among them.
async fn staffed(server: &TestServer) -> Person {
    let admin = server.portsip().admin().await;
    for (index, (name, display_name, department)) in [
        ("ada", "Ada Okafor", "Sales"),
        ("ben", "Ben O'Neil", "Sales"),
        ("carla", "Carla 100% Moreno", "Support"),
        ("david", "Dävid_Ö", ""),
        ("elif", "elif yilmaz", "Support"),
        ("farid", "Farid \\ Haddad", "Sales & Support"),
    ]
    .into_iter()
    .enumerate()
    {
        let draft = Draft::user(name, &format!("30{index}1"))
            .with("display_name", display_name)
            .with("department", department)
            .with("mobile_phone", format!("+49 171 {index}"))
            .with("work_phone", "030 55")
            .with("home_phone", format!("030 {}", 9 - index))
            .with("address", format!("{index} High Street"))
            .with("enabled", index != 4);
        admin.post("/users", draft).await.created();
        server.clock.advance(std::time::Duration::from_secs(1));
    }
    admin
}

#[tokio::test]
async fn lists_of_users() {
    let server = TestServer::start().await;
    let admin = staffed(&server).await;
    scenarios::paging(&admin, USERS).await;
    scenarios::ordering(&admin, USERS).await;
    scenarios::filtering(&admin, USERS).await;
    let other = server.portsip().company("other.test").await;
    scenarios::apart(&admin, &other.admin, USERS).await;
}

#[tokio::test]
async fn lists_of_groups() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    for name in ["Sales", "Support", "sales night", "Über"] {
        admin.post("/groups", Draft::group(name)).await.created();
    }
    scenarios::paging(&admin, GROUPS).await;
    scenarios::ordering(&admin, GROUPS).await;
    scenarios::filtering(&admin, GROUPS).await;
    let other = server.portsip().company("other.test").await;
    scenarios::apart(&admin, &other.admin, GROUPS).await;
}

#[tokio::test]
async fn lists_of_roles() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    for name in ["Front desk", "front", "Zulu"] {
        let _ = admin.post("/roles", Draft::role(name, &[])).await.is(201);
    }
    scenarios::paging(&admin, ROLES).await;
    scenarios::ordering(&admin, ROLES).await;
    scenarios::filtering(&admin, ROLES).await;
    let found = admin.find("/roles", &[("search", "front desk")]).await.is(200);
    assert_eq!(found.column("name"), ["Front desk"]);
}

#[tokio::test]
async fn lists_of_tenants() {
    let server = TestServer::start().await;
    let root = server.portsip().root().await;
    for (index, domain) in ["b.test", "a.test", "c.test", "d.test"].into_iter().enumerate() {
        let draft = Draft::tenant(domain)
            .with("website", format!("https://{domain}"))
            .with("enabled", index != 2)
            .with("max_extensions", 10 * index)
            .with("max_concurrent_calls", 100 - index);
        root.post("/tenants", draft).await.created();
        server.clock.advance(std::time::Duration::from_secs(1));
    }
    scenarios::paging(&root, TENANTS).await;
    scenarios::ordering(&root, TENANTS).await;
    scenarios::filtering(&root, TENANTS).await;
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let server = TestServer::start().await;
    let admin = staffed(&server).await;
    for (filter, names) in [
        ("name eq 'ada'", "ada"),
        ("name eq ada", "ada"),
        ("name EQ 'ada'", "ada"),
        ("name eq 'ADA'", ""),
        ("'ada' eq name", "ada"),
        ("display_name eq 'Ben O''Neil'", "ben"),
        ("contains(display_name,'100%')", "carla"),
        ("contains(display_name, '%')", "carla"),
        ("contains(display_name,'_')", "david"),
        ("contains(display_name,'\\')", "farid"),
        ("startswith(display_name,'Dä')", "david"),
        ("endswith(display_name,'Ö')", "david"),
        ("contains(display_name,'yilmaz') or name eq 'ada'", "ada elif"),
        ("department eq 'Sales' and not (name eq 'ada')", "ben"),
        ("not name eq 'ada' and department eq 'Sales'", "ben"),
        ("enabled eq false", "elif"),
        ("not enabled", "elif"),
        ("role eq Admin", "boss"),
        ("department eq null", "boss david"),
        ("department ne null", "ada ben carla elif farid"),
        ("department ne 'Sales'", "boss carla david elif farid"),
        (
            "department eq 'Sales' or department eq 'Support' and enabled eq false",
            "ada ben elif",
        ),
        (
            "(department eq 'Sales' or department eq 'Support') and enabled eq false",
            "elif",
        ),
        (
            "extension_number ge '3031' and extension_number lt 3051",
            "david elif",
        ),
        (
            "created_at gt '2026-03-02T08:00:03Z' and created_at le '2026-03-02T09:00:05+01:00'",
            "elif farid",
        ),
        ("name gt 'd'", "david elif farid"),
    ] {
        let found = admin
            .find("/users", &[("filter", filter), ("orderby", "name")])
            .await
            .is(200);
        assert_eq!(found.column("name").join(" "), names, "{filter}");
        let dollar = admin
            .find("/users", &[("$filter", filter), ("$orderby", "name")])
            .await
            .is(200);
        assert_eq!(dollar.text(), found.text());
    }
}

#[tokio::test]
async fn bad_filters_name_the_place() {
    let server = TestServer::start().await;
    let admin = staffed(&server).await;
    let deep = format!("{}name eq 'a'{}", "(".repeat(13), ")".repeat(13));
    let many = vec!["name eq 'a'"; 33].join(" or ");
    for (filter, words) in [
        ("name eq", "position"),
        ("name eq 'ada", "position"),
        ("nothing eq 1", "position 1"),
        ("name like 'a'", "position 6"),
        ("name eq 'a' name", "position 13"),
        ("(name eq 'a'", "position"),
        ("name eq 'a')", "position 12"),
        ("enabled eq 7", "position 12"),
        ("password eq 'x'", "position 1"),
        ("name eq 'a'; DROP TABLE users", "position 12"),
        ("concat(name,'a')", "position"),
        (&deep, "12"),
        (&many, "32"),
    ] {
        let answer = admin
            .find("/users", &[("filter", filter)])
            .await
            .fails(400, "VALIDATE_FAILED");
        let _ = answer.says("filter").says(words);
    }
    let allowed = vec!["name eq 'ada'"; 32].join(" or ");
    assert_eq!(
        admin.find("/users", &[("filter", &allowed)]).await.is(200)["count"],
        1
    );
    let all = admin
        .find(
            "/users",
            &[("filter", "x"), ("orderby", "y"), ("top", "0"), ("skip", "-1")],
        )
        .await;
    let all = all.fails(400, "VALIDATE_FAILED");
    assert_eq!(all["errors"].as_array().map(Vec::len), Some(4), "{all}");
}

#[tokio::test]
async fn search_looks_at_what_people_see() {
    let server = TestServer::start().await;
    let admin = staffed(&server).await;
    for (search, names) in [
        ("ada", "ada"),
        ("ADA", "ada"),
        ("okafor ada", "ada"),
        ("ada yilmaz", ""),
        ("ada or yilmaz", "ada elif"),
        ("DÄVID", "david"),
        ("3021", "carla"),
        ("elif@mail.test", "elif"),
        ("%", "carla"),
        ("_", "david"),
        ("O'Neil", "ben"),
        ("", "ada ben boss carla david elif farid"),
        ("or", "ada ben boss carla david elif farid"),
    ] {
        let found = admin
            .find("/users", &[("search", search), ("orderby", "name")])
            .await
            .is(200);
        assert_eq!(found.column("name").join(" "), names, "{search}");
        assert_eq!(found["count"], found.column("name").len(), "{search}");
    }
    let both = admin
        .find(
            "/users",
            &[("search", "a"), ("filter", "department eq 'Support'")],
        )
        .await
        .is(200);
    assert_eq!(both.column("name"), ["carla", "elif"]);
    let words = vec!["x"; 17].join(" ");
    let _ = admin
        .find("/users", &[("search", &words)])
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("search");
}

#[tokio::test]
async fn spaces_may_be_written_in_three_ways() {
    let server = TestServer::start().await;
    let admin = staffed(&server).await;
    for query in [
        "filter=name%20eq%20'ada'",
        "filter=name+eq+%27ada%27",
        "%24filter=name+eq+ada",
        "filter=name+eq+ada&count=true&x=1",
    ] {
        assert_eq!(
            admin.get(&format!("/users?{query}")).await.is(200).column("name"),
            ["ada"],
            "{query}"
        );
    }
    for query in ["filter=name+eq+%ff", "top=%", "skip=1&skip=2"] {
        let answer = admin.get(&format!("/users?{query}")).await;
        assert!(matches!(answer.status, 200 | 400), "{answer}");
    }
}
