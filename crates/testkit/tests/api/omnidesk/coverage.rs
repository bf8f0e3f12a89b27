//! One row for each operation of the dialect: which permission it needs, and a request that is right. A new operation fails here
//! until it has one.

use jackfield_testkit::{
    Draft, Omnidesk, Request, TestServer,
    coverage::{Reach, Row, unmatched},
};

use super::changes;

const READ: &str = "USER_READ";
const CUD: &str = "USER_CUD";
const RESERVE: &str = "API_RESERVE_USER";
const INCOGNITO: &str = "USER_ANONYMOUS_BROWSING_UPDATE";

/// An operation, the permission that it needs, and fields that are right: `{user}` stands for a user of the tenant. Whether it
/// names a user at all.
struct Case {
    operation: &'static str,
    permission: &'static str,
    fields: &'static [(&'static str, &'static str)],
    names_user: bool,
}

const fn case(
    operation: &'static str,
    permission: &'static str,
    fields: &'static [(&'static str, &'static str)],
    names_user: bool,
) -> Case {
    Case {
        operation,
        permission,
        fields,
        names_user,
    }
}

const SWITCH: &[(&str, &str)] = &[("userID", "{user}"), ("state", "1")];

const CASES: [Case; 23] = [
    case("GET /user", READ, &[], false),
    case("GET /user/settings", READ, &[("userID", "{user}")], true),
    case("GET /user/getUserViews", CUD, &[("userID", "{user}")], true),
    case(
        "POST /user",
        CUD,
        &[
            ("firstname", "New"),
            ("lastname", "User"),
            ("name", "new.user"),
            ("email", "new@mail.test"),
            ("telephone_number", "+31612345678"),
        ],
        false,
    ),
    case("PUT /user/{user_id}", CUD, &[("firstname", "Other")], true),
    case(
        "PUT /user/updateUserView",
        CUD,
        &[("userID", "{user}"), ("viewID", "1"), ("newValue", "1")],
        true,
    ),
    case(
        "PUT /user/maxChats",
        CUD,
        &[("userID", "{user}"), ("maxChats", "7")],
        true,
    ),
    case(
        "PUT /user/chatSoundNewMessage",
        CUD,
        &[("userID", "{user}"), ("state", "0")],
        true,
    ),
    case(
        "PUT /user/notifyOnTicketAssignment",
        CUD,
        &[("userID", "{user}"), ("state", "0")],
        true,
    ),
    case("PUT /user/ticketIncognitoMode", INCOGNITO, SWITCH, true),
    case("PUT /user/callsAutoAnswer", CUD, SWITCH, true),
    case(
        "POST /user/userStatistic",
        CUD,
        &[
            ("userID", "{user}"),
            ("statistic", "calls"),
            ("statisticOption", "b"),
        ],
        true,
    ),
    case(
        "DELETE /user/userStatistic",
        CUD,
        &[("userID", "{user}"), ("statistic", "chats")],
        true,
    ),
    case(
        "PUT /user/watch",
        CUD,
        &[
            ("userID", "{user}"),
            ("statistic", "mails"),
            ("watchToggle", "watch"),
        ],
        true,
    ),
    case("POST /user/refreshTab", CUD, &[("tabID", "tab_1")], false),
    case(
        "POST /user/updateStatus",
        CUD,
        &[("userID", "{user}"), ("statusID", "2")],
        true,
    ),
    case(
        "POST /user/userCampaignState",
        CUD,
        &[("userID", "{user}"), ("campaign", "spring"), ("state", "1")],
        true,
    ),
    case(
        "POST /user/statusLock",
        CUD,
        &[("userID", "{user}"), ("status", "3")],
        true,
    ),
    case("POST /user/statusLockDelete", CUD, &[("userID", "{user}")], true),
    case(
        "POST /user/reserveUserForLiveChannel",
        RESERVE,
        &[("userID", "{free}")],
        true,
    ),
    case(
        "PUT /user/usernameUpdate",
        CUD,
        &[("id", "{user}"), ("username", "renamed")],
        true,
    ),
    case(
        "PUT /user/firstnameUpdate",
        CUD,
        &[("id", "{user}"), ("firstname", "First")],
        true,
    ),
    case(
        "PUT /user/lastnameUpdate",
        CUD,
        &[("id", "{user}"), ("lastname", "Last")],
        true,
    ),
];

#[test]
fn every_operation_has_a_row() {
    let operations = jackfield_dialect_omnidesk::operations()
        .into_iter()
        .map(|operation| format!("{} {}", operation.method, operation.path));
    let rows: Vec<Row> = CASES
        .iter()
        .map(|case| Row::new(case.operation, Reach::Tenant))
        .collect();
    let unmatched = unmatched(operations, &rows);
    assert!(unmatched.is_empty(), "without a counterpart: {unmatched:?}");
}

fn request(case: &Case, user: &str, free: &str) -> Request {
    let (method, path) = case.operation.split_once(' ').expect("a case is METHOD /path");
    let path = path.replace("{user_id}", user);
    let fields: Vec<(&str, &str)> = case
        .fields
        .iter()
        .map(|(name, value)| match *value {
            "{user}" => (*name, user),
            "{free}" => (*name, free),
            value => (*name, value),
        })
        .collect();
    match method {
        "GET" => Request::new(method, path).query(&fields),
        "POST" => Request::new(method, path).multipart(&fields),
        _ => Request::new(method, path).form(&fields),
    }
}

#[tokio::test]
async fn who_may_not_changes_nothing_and_learns_nothing() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (victim, foreign) = (
        portsip.company("victim.test").await,
        portsip.company("foreign.test").await,
    );
    let user = portsip.employ(&victim, Draft::user("target", "8801")).await.id;
    let free = portsip.employ(&victim, Draft::user("free", "8802")).await.id;
    let mut lacking = Vec::new();
    for permission in Omnidesk::ALL {
        let others: Vec<&str> = Omnidesk::ALL
            .into_iter()
            .filter(|one| *one != permission)
            .collect();
        let key = server.omnidesk_key(&victim.id, &victim.admin.id, &others).await;
        lacking.push((permission, key));
    }
    let full = server
        .omnidesk_key(&victim.id, &victim.admin.id, &Omnidesk::ALL)
        .await;
    for statistic in ["chats", "mails"] {
        let fields = [("userID", user.as_str()), ("statistic", statistic)];
        let _ = full.post("/user/userStatistic", &fields).await.is(200);
    }
    let stranger = server
        .omnidesk_key(&foreign.id, &foreign.admin.id, &Omnidesk::ALL)
        .await;
    let feed = server
        .omnidesk()
        .with_key(&server.native().feed_key(&victim).await.1);
    let session = server.omnidesk().with_key(&victim.admin.token());
    let (before, theirs) = (changes(&server, &victim).await, changes(&server, &foreign).await);
    for case in &CASES {
        let request = || request(case, &user, &free);
        for nobody in [&server.omnidesk(), &server.omnidesk().with_key("jfk_X"), &session] {
            nobody.send(request()).await.complains(401, "apiKey");
        }
        let (_, without) = lacking
            .iter()
            .find(|(permission, _)| *permission == case.permission)
            .expect("there is a key without it");
        without.send(request()).await.complains(403, case.permission);
        feed.send(request()).await.complains(403, case.permission);
        if case.names_user {
            stranger
                .send(request())
                .await
                .complains(400, "there is no such user");
        }
        assert_eq!(changes(&server, &victim).await, before, "{}", case.operation);
    }
    assert_eq!(changes(&server, &foreign).await, theirs);
    // The permission alone is enough, and every case is right as it stands.
    for case in &CASES {
        let key = server
            .omnidesk_key(&victim.id, &victim.admin.id, &[case.permission])
            .await;
        let answer = key.send(request(case, &user, &free)).await.is(200);
        assert_eq!(answer["type"], "result", "{answer}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_answer_in_the_vendors_words() {
    let server = TestServer::start().await;
    let (_, program) = super::office(&server).await;
    program
        .get("/nothing")
        .await
        .complains(404, "nothing at this path");
    program.get("/").await.complains(404, "nothing at this path");
    program.get("").await.complains(404, "nothing at this path");
    let answer = program.get("/user/maxChats").await;
    assert_eq!(answer.header("allow"), Some("PUT"), "{answer}");
    answer.complains(405, "method");
}
