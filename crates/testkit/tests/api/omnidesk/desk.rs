//! Desks: what is set on them, one thing at a time, and by whom.

use jackfield_testkit::TestServer;
use serde_json::json;

use super::{changes, office};

#[tokio::test]
async fn each_setting_is_set_alone_and_read_back() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let user = server.portsip().user("alice").await;
    let other = server.portsip().user("bob").await;
    let untouched = program.settings(&other.id).await;
    let mut expected = program.settings(&user.id).await;
    let id = ("userID", user.id.as_str());
    for (path, fields, name, value) in [
        ("maxChats", vec![("maxChats", "7")], "maxChats", json!(7)),
        ("maxChats", vec![("maxChats", "0")], "maxChats", json!(0)),
        (
            "chatSoundNewMessage",
            vec![("state", "0")],
            "chatSoundNewMessage",
            json!(false),
        ),
        (
            "chatSoundNewMessage",
            vec![("state", "true")],
            "chatSoundNewMessage",
            json!(true),
        ),
        (
            "notifyOnTicketAssignment",
            vec![("state", "0")],
            "notifyOnTicketAssignment",
            json!(false),
        ),
        (
            "ticketIncognitoMode",
            vec![("state", "1")],
            "ticketIncognitoMode",
            json!(true),
        ),
        (
            "callsAutoAnswer",
            vec![("state", "1")],
            "callsAutoAnswer",
            json!(true),
        ),
        (
            "updateUserView",
            vec![("viewID", "9"), ("newValue", "1")],
            "views",
            json!([9]),
        ),
        (
            "updateUserView",
            vec![("viewID", "3"), ("newValue", "1")],
            "views",
            json!([3, 9]),
        ),
        (
            "updateUserView",
            vec![("viewID", "9"), ("newValue", "0")],
            "views",
            json!([3]),
        ),
    ] {
        let fields: Vec<_> = std::iter::once(id).chain(fields).collect();
        let answer = program.put(&format!("/user/{path}"), &fields).await.is(200);
        assert_eq!(answer["type"], "result");
        expected[name] = value;
        assert_eq!(program.settings(&user.id).await, expected, "{path}");
        // The same again leaves no trace.
        let before = changes(&server, home).await;
        let _ = program.put(&format!("/user/{path}"), &fields).await.is(200);
        assert_eq!(changes(&server, home).await, before, "{path}");
    }
    assert_eq!(program.settings(&other.id).await, untouched);
    let journal = server.journal(home.id.parse().expect("a number")).await;
    let last = journal.last().expect("a line");
    assert_eq!(
        (last.kind.as_str(), last.record.to_string()),
        ("desk", user.id.clone())
    );
}

#[tokio::test]
async fn statistics_are_one_by_both_names_of_their_option() {
    let server = TestServer::start().await;
    let (_, program) = office(&server).await;
    let statistics = async || program.settings("UID").await["statistics"].clone();
    let entry = |statistic: &str, first: &str, second: &str, watched: bool| {
        json!({
            "statistic": statistic, "statisticPrimaryOption": first,
            "statisticSecondaryOption": second, "watched": watched,
        })
    };
    let path = "/user/userStatistic";
    let one = [
        ("statistic", "calls_today"),
        ("statisticOption", "b"),
        ("statisticSecondaryOption", "c"),
    ];
    for _ in 0..2 {
        let _ = program.post(path, &one).await.is(200);
    }
    let _ = program.post(path, &[("statistic", "calls_today")]).await.is(200);
    assert_eq!(
        statistics().await,
        json!([
            entry("calls_today", "", "", false),
            entry("calls_today", "b", "c", false)
        ])
    );
    let same = [
        ("statistic", "calls_today"),
        ("statisticPrimaryOption", "b"),
        ("statisticSecondaryOption", "c"),
        ("watchToggle", "watch"),
    ];
    for (toggle, watched) in [("watch", true), ("unwatch", false), ("watch", true)] {
        let fields = [same[0], same[1], same[2], ("watchToggle", toggle)];
        let _ = program.put("/user/watch", &fields).await.is(200);
        assert_eq!(statistics().await[1], entry("calls_today", "b", "c", watched));
    }
    let _ = program
        .delete(
            path,
            &[("statistic", "calls_today"), ("statisticPrimaryOption", "")],
        )
        .await
        .is(200);
    assert_eq!(statistics().await, json!([entry("calls_today", "b", "c", true)]));
    for (fields, words) in [
        (vec![("statistic", "calls_today")], "there is no such statistic"),
        (vec![], "statistic is required"),
        (
            vec![("statistic", "calls1")],
            "statistic must be text that matches",
        ),
        (
            vec![("statistic", "calls_today"), ("statisticPrimaryOption", "_")],
            "statisticPrimaryOption must be",
        ),
        (
            vec![("statistic", "calls_today"), ("statisticSecondaryOption", "a b")],
            "statisticSecondaryOption must be",
        ),
        (
            vec![
                ("statistic", "calls_today"),
                ("statisticPrimaryOption", "a"),
                ("statisticOption", "b"),
            ],
            "statisticPrimaryOption is given more than once",
        ),
    ] {
        program.delete(path, &fields).await.complains(400, words);
    }
    for toggle in ["", "maybe"] {
        let fields = [same[0], same[1], same[2], ("watchToggle", toggle)];
        program
            .put("/user/watch", &fields)
            .await
            .complains(400, "watchToggle must be one of watch, unwatch");
    }
    program
        .put("/user/watch", &same[..3])
        .await
        .complains(400, "watchToggle is required");
    assert_eq!(statistics().await, json!([entry("calls_today", "b", "c", true)]));
    let _ = program.delete(path, &one).await.is(200);
    assert_eq!(statistics().await, json!([]));
}

#[tokio::test]
async fn campaigns_are_set_by_name() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let path = "/user/userCampaignState";
    for (campaign, state) in [
        ("spring-26", "1"),
        ("autumn_26", "0"),
        ("spring-26", "0"),
        ("a^b", "1"),
    ] {
        let _ = program
            .post(path, &[("campaign", campaign), ("state", state)])
            .await
            .is(200);
    }
    assert_eq!(
        program.settings("UID").await["campaigns"],
        json!([
            {"campaign": "a^b", "state": true},
            {"campaign": "autumn_26", "state": false},
            {"campaign": "spring-26", "state": false},
        ])
    );
    let before = changes(&server, home).await;
    for (fields, words) in [
        (
            vec![("campaign", "a b"), ("state", "1")],
            "campaign must be text that matches",
        ),
        (vec![("campaign", ""), ("state", "1")], "campaign must be"),
        (vec![("state", "1")], "campaign is required"),
        (vec![("campaign", "a")], "state is required"),
        (vec![("campaign", "a"), ("state", "2")], "state must be 1 or 0"),
    ] {
        program.post(path, &fields).await.complains(400, words);
    }
    assert_eq!(changes(&server, home).await, before);
}

#[tokio::test]
async fn views_are_listed_by_their_numbers() {
    let server = TestServer::start().await;
    let (_, program) = office(&server).await;
    for view in 1..=20 {
        let fields = [("viewID", view.to_string()), ("newValue", "1".to_owned())];
        let fields = [(fields[0].0, fields[0].1.as_str()), (fields[1].0, &fields[1].1)];
        let _ = program.put("/user/updateUserView", &fields).await.is(200);
    }
    let views = async |query: &[(&str, &str)]| {
        let answer = program.find("/user/getUserViews", query).await.is(200);
        let rows = answer["result"].as_array().expect("a list");
        let ids: Vec<i64> = rows.iter().filter_map(|row| row["viewID"].as_i64()).collect();
        (ids, answer["total"].as_i64().expect("a total"))
    };
    assert_eq!(views(&[]).await, ((1..=15).collect(), 20));
    assert_eq!(
        views(&[("itemStart", "15"), ("itemLimit", "9999")]).await,
        ((16..=20).collect(), 20)
    );
    assert_eq!(views(&[("query", "2")]).await, (vec![2, 12, 20], 3));
    assert_eq!(views(&[("query", "mine")]).await, (vec![], 0));
    assert_eq!(views(&[("itemStart", "99")]).await, (vec![], 20));
    for (name, value) in [
        ("itemLimit", "10000"),
        ("itemStart", "-1"),
        ("query", "a.b"),
        ("userID", "x"),
    ] {
        program
            .find("/user/getUserViews", &[(name, value)])
            .await
            .complains(400, name);
    }
}

#[tokio::test]
async fn values_out_of_range_change_nothing() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let before = changes(&server, home).await;
    for (path, fields, words) in [
        ("maxChats", vec![], "maxChats is required"),
        (
            "maxChats",
            vec![("maxChats", "100")],
            "maxChats must be between 0 and 99",
        ),
        ("maxChats", vec![("maxChats", "-1")], "maxChats must be between"),
        (
            "maxChats",
            vec![("maxChats", "many")],
            "maxChats must be a whole number",
        ),
        (
            "maxChats",
            vec![("maxChats", "1"), ("maxChats", "2")],
            "maxChats must be a whole number",
        ),
        ("updateUserView", vec![("viewID", "1")], "newValue is required"),
        ("updateUserView", vec![("newValue", "1")], "viewID is required"),
        (
            "updateUserView",
            vec![("viewID", "-1"), ("newValue", "1")],
            "viewID must be",
        ),
        (
            "updateUserView",
            vec![("viewID", "1"), ("newValue", "2")],
            "newValue must be 1 or 0",
        ),
        ("callsAutoAnswer", vec![], "state is required"),
        (
            "chatSoundNewMessage",
            vec![("state", "on")],
            "state must be 1 or 0",
        ),
        ("ticketIncognitoMode", vec![("state", "")], "state must be 1 or 0"),
        (
            "notifyOnTicketAssignment",
            vec![("userID", "7"), ("state", "1")],
            "there is no such user",
        ),
    ] {
        program
            .put(&format!("/user/{path}"), &fields)
            .await
            .complains(400, words);
    }
    assert_eq!(changes(&server, home).await, before);
}

#[tokio::test]
async fn a_tab_is_shown_anew_in_the_consoles_of_the_keys_owner() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let mut heard = server
        .with_directory(async |directory| directory.tab_refreshes())
        .await;
    for (tab, good) in [("tab_1", true), ("tab-1", false), ("", false)] {
        let answer = program.post("/user/refreshTab", &[("tabID", tab)]).await;
        if good {
            let _ = answer.is(200);
        } else {
            answer.complains(400, "tabID must be");
        }
    }
    program
        .post("/user/refreshTab", &[])
        .await
        .complains(400, "tabID is required");
    let refresh = heard.try_recv().expect("one was sent");
    assert_eq!(
        (
            refresh.tenant.to_string(),
            refresh.user.to_string(),
            refresh.tab.as_str()
        ),
        (home.id.clone(), home.admin.id.clone(), "tab_1")
    );
    assert!(heard.try_recv().is_err(), "and no other");
}
