//! Roles: the built-in ones, those of a tenant, and what each lets people do.

use jackfield_testkit::{Answer, Draft, Person, Request, TestServer, permissions, scenarios};
use serde_json::{Value, json};

/// The switches of the tree, in its order.
const SWITCHES: &[&str] = &[
    "general.voicemail_view_only",
    "general.voicemail_full_access",
    "general.meeting",
    "system.information",
    "system.dealer",
    "system.tenant",
    "trunk.view_only",
    "trunk.full_access",
    "company.view_only",
    "company.full_access",
    "company_call_log.call_log_view_only",
    "company_call_log.call_log_full_access",
    "company_call_log.call_recording_view_only",
    "company_call_log.call_recording_full_access",
    "phone_system.view_only",
    "phone_system.full_access",
    "user_management.roles",
    "user_management.users",
    "user_call_log.call_log_view_only",
    "user_call_log.call_log_full_access",
    "user_call_log.call_recording_view_only",
    "user_call_log.call_recording_full_access",
    "policies.domestic_calls",
    "policies.internal_calls",
    "policies.international_calls",
    "analytics.call_report_view_only",
    "analytics.call_report_full_access",
    "billing.view_only",
    "billing.full_access",
];

/// Opens everything about users and groups.
const USERS: &str = "user_management.users";

fn on(tree: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (area, switches) in tree.as_object().expect("a tree") {
        for (switch, value) in switches.as_object().expect("an area") {
            if value == &json!(true) {
                found.push(format!("{area}.{switch}"));
            }
        }
    }
    found
}

#[tokio::test]
async fn the_matrix_of_built_in_roles() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    // One character for each of SWITCHES: x is on.
    for (role, row) in [
        ("StandardUser", "xxx---------------xxxxxx-----"),
        ("StandardInternationalUser", "xxx---------------xxxxxxx----"),
        ("QueueManager", "xxx---x-x-xxxxxx-xxxxxxxxxx--"),
        ("Admin", "xxx---xxxxxxxxxxxxxxxxxxxxxxx"),
    ] {
        let read = admin.get(&Person::role_path(role)).await.is(200);
        let expected: Vec<_> = SWITCHES
            .iter()
            .zip(row.chars())
            .filter(|(_, mark)| *mark == 'x')
            .map(|(name, _)| (*name).to_owned())
            .collect();
        assert_eq!(row.len(), SWITCHES.len(), "{role}");
        let mut found = on(&read["permissions"]);
        found.sort_by_key(|name| SWITCHES.iter().position(|known| known == name));
        assert_eq!(found, expected, "{role}");
        assert!(!read["description"].as_str().unwrap_or_default().is_empty());
    }
    let listed = admin.get("/roles").await.is(200);
    assert_eq!(
        listed.column("name"),
        [
            "Admin",
            "StandardUser",
            "StandardInternationalUser",
            "QueueManager"
        ]
    );
}

#[tokio::test]
async fn built_in_roles_stay_as_they_are() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    for name in ["Admin", "StandardUser"] {
        let path = Person::role_path(name);
        let _ = admin
            .post(&path, json!({"description": "x"}))
            .await
            .fails(403, "FORBIDDEN");
        let _ = admin
            .act(&format!("{path}/destroy"))
            .await
            .fails(403, "FORBIDDEN");
        for taken in [name.to_owned(), name.to_lowercase()] {
            let _ = admin
                .post("/roles", Draft::role(&taken, &[]))
                .await
                .fails(400, "VALIDATE_FAILED")
                .says("name");
        }
    }
}

#[tokio::test]
async fn create_read_change_destroy() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let name = "Front desk & co";
    let answer = admin
        .post(
            "/roles",
            Draft::role(name, &["user_management.users", "company.full_access"]),
        )
        .await
        .is(201);
    assert_eq!(answer.json(), &json!({"name": name}));
    let path = Person::role_path(name);
    let read = admin.get(&path).await.is(200);
    assert_eq!(read["description"], "Role Front desk & co");
    // Full access includes viewing.
    assert_eq!(
        on(&read["permissions"]),
        [
            "company.view_only",
            "company.full_access",
            "user_management.users"
        ]
    );
    let _ = admin
        .post("/roles", Draft::role("FRONT desk & co", &[]))
        .await
        .fails(409, "ALREADY_EXISTS");
    admin
        .post(&path, json!({"description": "Another"}))
        .await
        .changed();
    let read = admin.get(&path).await.is(200);
    assert_eq!(
        (&read["description"], on(&read["permissions"]).len()),
        (&json!("Another"), 3)
    );
    admin
        .post(&path, json!({"permissions": permissions(&["trunk.view_only"])}))
        .await
        .changed();
    assert_eq!(
        on(&admin.get(&path).await.is(200)["permissions"]),
        ["trunk.view_only"]
    );
    admin.act(&format!("{path}/destroy")).await.destroyed();
    let _ = admin.get(&path).await.fails(404, "NOT_FOUND");
    let _ = admin
        .act(&format!("{path}/destroy"))
        .await
        .fails(404, "NOT_FOUND");
}

#[tokio::test]
async fn wrong_roles_are_named() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    for (body, words) in [
        (json!({}), vec!["name", "permissions"]),
        (json!({"name": "", "permissions": {}}), vec!["name"]),
        (json!({"name": "a/b", "permissions": {}}), vec!["name"]),
        (json!({"name": " a", "permissions": {}}), vec!["name"]),
        (json!({"name": "x".repeat(65), "permissions": {}}), vec!["name"]),
        (
            json!({"name": "x", "permissions": {"trunk": {"view_only": 1}}}),
            vec!["permissions.trunk.view_only"],
        ),
        (
            json!({"name": "x", "permissions": {}, "description": "x".repeat(1025)}),
            vec!["description"],
        ),
    ] {
        let answer = admin.post("/roles", body).await.fails(400, "VALIDATE_FAILED");
        for word in words {
            let _ = answer.clone().says(word);
        }
    }
    scenarios::wrong_types(
        &admin,
        "/roles",
        &Draft::role("x", &["trunk.view_only"]),
        "/roles",
    )
    .await;
}

#[tokio::test]
async fn a_role_in_use_stays_and_a_new_name_keeps_its_users() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let _ = admin
        .post("/roles", Draft::role("Desk", &["user_management.users"]))
        .await
        .is(201);
    let yara = server.portsip().user_as("yara", "Desk").await;
    let _ = yara.get("/users").await.is(200);
    let _ = admin.act("/roles/Desk/destroy").await.fails(409, "IN_USE");
    admin
        .post("/roles/Desk", json!({"name": "Front desk"}))
        .await
        .changed();
    let _ = admin.get("/roles/Desk").await.fails(404, "NOT_FOUND");
    assert_eq!(
        admin.get(&format!("/users/{}", yara.id)).await.is(200)["role"],
        "Front desk"
    );
    assert_eq!(yara.get("/auth/user").await.is(200)["role"], "Front desk");
    let _ = yara.get("/users").await.is(200);
    // What is taken from a role is taken from its users at once, and given as quickly.
    admin
        .post("/roles/Front%20desk", json!({"permissions": {}}))
        .await
        .changed();
    let _ = yara.get("/users").await.fails(403, "FORBIDDEN");
    admin
        .post(
            "/roles/Front%20desk",
            json!({"permissions": permissions(&["user_management.users"])}),
        )
        .await
        .changed();
    let _ = yara.get("/users").await.is(200);
    admin
        .post(
            &format!("/users/{}/role", yara.id),
            json!({"role": "StandardUser"}),
        )
        .await
        .changed();
    let _ = yara.get("/users").await.fails(403, "FORBIDDEN");
    admin.act("/roles/Front%20desk/destroy").await.destroyed();
}

#[tokio::test]
async fn each_switch_opens_its_operations_and_no_others() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    // Nobody may change a user whose role allows what his own does not, so the target's role allows nothing.
    let _ = admin.post("/roles", Draft::role("Nothing", &[])).await.is(201);
    let target = portsip.user_as("target", "Nothing").await;
    let group = admin.post("/groups", Draft::group("Sales")).await.created();
    let user = format!("/users/{}", target.id);
    // Each operation that reads or does nothing, with the switches that open it.
    let table: Vec<(Request, &[&str])> = vec![
        (Request::new("GET", "/users"), &[USERS]),
        (Request::new("GET", user.as_str()), &[USERS]),
        (Request::new("POST", user.as_str()).json(&json!({})), &[USERS]),
        (Request::new("GET", "/groups"), &[USERS]),
        (Request::new("GET", format!("/groups/{group}")), &[USERS]),
        (Request::new("GET", format!("/groups/{group}/members")), &[USERS]),
        (
            Request::new("POST", format!("/groups/{group}")).json(&json!({})),
            &[USERS],
        ),
        (Request::new("GET", "/roles"), &[USERS, "user_management.roles"]),
        (
            Request::new("GET", "/roles/Admin"),
            &[USERS, "user_management.roles"],
        ),
        (
            Request::new("POST", "/roles/Gone").json(&json!({})),
            &["user_management.roles"],
        ),
        (
            Request::new("GET", "/tenant"),
            &["company.view_only", "company.full_access"],
        ),
        (
            Request::new("GET", "/tenant/password_policy"),
            &["company.view_only", "company.full_access"],
        ),
        (
            Request::new("POST", "/tenant").json(&json!({})),
            &["company.full_access"],
        ),
        (
            Request::new("POST", "/tenant/password_policy").json(&json!({})),
            &["company.full_access"],
        ),
        (
            Request::new("POST", format!("{user}/balance")).json(&json!({"balance": 0})),
            &["billing.full_access"],
        ),
        (Request::new("GET", "/tenants"), &[]),
        (Request::new("GET", "/user"), SWITCHES),
    ];
    for switch in SWITCHES.iter().filter(|switch| !switch.starts_with("system.")) {
        let _ = admin.post("/roles", Draft::role(switch, &[switch])).await.is(201);
        let name = switch
            .replace('.', "_")
            .replace("_full_access", "_f")
            .replace("_view_only", "_v");
        let person = portsip.user_as(&name, switch).await;
        for (request, opened_by) in &table {
            let answer = person.send(request.clone()).await;
            assert_eq!(
                answer.status != 403,
                opened_by.contains(switch),
                "with {switch} only: {answer}"
            );
        }
    }
}

/// The answer to who lacks a permission.
fn may_not(answer: Answer) {
    let _ = answer.fails(403, "FORBIDDEN");
}

#[tokio::test]
async fn nobody_takes_more_than_he_has() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let queue = portsip.user_as("queue", "QueueManager").await;
    let plain = portsip.user("plain").await;
    let number = "3999";
    may_not(
        queue
            .post(&format!("/users/{}/role", queue.id), json!({"role": "Admin"}))
            .await,
    );
    may_not(
        queue
            .post(&format!("/users/{}/role", plain.id), json!({"role": "Admin"}))
            .await,
    );
    may_not(
        queue
            .post("/users", Draft::user("x", number).with("role", "Admin"))
            .await,
    );
    // An administrator's account is not for who has less: neither its password nor its mail address, which resets it.
    let boss = format!("/users/{}", admin.id);
    for (path, body) in [
        (format!("{boss}/password"), json!({"password": "Zx9!kLmPq2"})),
        (
            format!("{boss}/extension_password"),
            json!({"password": "Zx9!kLmPq2"}),
        ),
        (format!("{boss}/role"), json!({"role": "StandardUser"})),
        (boss.clone(), json!({"email": "evil@mail.test"})),
        (boss.clone(), json!({"enabled": false})),
        (boss.clone(), json!({"voicemail_pin": "274916"})),
        (format!("{boss}/destroy"), json!({})),
        (format!("{boss}/ms365_binding"), json!({"id": "evil@example.com"})),
    ] {
        may_not(queue.post(&path, body).await);
    }
    let _ = admin.try_sign_in(jackfield_testkit::PASSWORD).await.is(200);
    // What he may, he may.
    queue
        .post(
            &format!("/users/{}/role", plain.id),
            json!({"role": "QueueManager"}),
        )
        .await
        .changed();
    queue
        .post(
            &format!("/users/{}/password", plain.id),
            json!({"password": "Zx9!kLmPq2"}),
        )
        .await
        .changed();

    let _ = admin
        .post("/roles", Draft::role("Roles only", &["user_management.roles"]))
        .await
        .is(201);
    let clerk = portsip.user_as("clerk", "Roles only").await;
    may_not(
        clerk
            .post("/roles", Draft::role("More", &["company.full_access"]))
            .await,
    );
    let _ = clerk
        .post("/roles", Draft::role("Same", &["user_management.roles"]))
        .await
        .is(201);
    let more = json!({"permissions": permissions(&["user_management.roles", "billing.view_only"])});
    may_not(clerk.post("/roles/Roles%20only", more.clone()).await);
    may_not(clerk.post("/roles/Same", more).await);
    // Permissions of the installation are not in any tenant's gift.
    may_not(
        admin
            .post("/roles", Draft::role("System", &["system.tenant"]))
            .await,
    );
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let root = portsip.root().await;
    root.act_in(&home.id).await;
    let boss = format!("/users/{}", home.admin.id);
    let last = async || {
        for answer in [
            root.post(&format!("{boss}/role"), json!({"role": "StandardUser"}))
                .await,
            root.post(&boss, json!({"enabled": false})).await,
            root.act(&format!("{boss}/destroy")).await,
        ] {
            let _ = answer.fails(403, "FORBIDDEN").says("administrator");
        }
    };
    last().await;
    // A disabled one does not count.
    let second = portsip.user_as("second", "Admin").await;
    root.post(&format!("/users/{}", second.id), json!({"enabled": false}))
        .await
        .changed();
    last().await;
    root.post(&format!("/users/{}", second.id), json!({"enabled": true}))
        .await
        .changed();
    root.act(&format!("{boss}/destroy")).await.destroyed();
}

#[tokio::test]
async fn roles_of_tenants_are_apart() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let other = portsip.company("other.test").await;
    let _ = admin
        .post("/roles", Draft::role("Desk", &["user_management.users"]))
        .await
        .is(201);
    let _ = other.admin.get("/roles/Desk").await.fails(404, "NOT_FOUND");
    let _ = other
        .admin
        .post("/users", Draft::user("x", "3001").with("role", "Desk"))
        .await
        .fails(400, "VALIDATE_FAILED");
    let _ = other.admin.post("/roles", Draft::role("Desk", &[])).await.is(201);
    assert_eq!(
        on(&admin.get("/roles/Desk").await.is(200)["permissions"]),
        ["user_management.users"]
    );
}
