//! What telephones watch of each other.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use jackfield_testkit::{
    Draft, Options, PASSWORD, Person, Request, SipOptions, TestServer,
    sip::{Link, Phone, Side, Watcher, Wire},
};
use serde_json::json;

use super::{serve, serve_with};

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=offer\r\n";

/// A telephone of a person that watches somebody and has heard the first word.
pub(super) async fn watching(
    server: &TestServer,
    person: &Person,
    wire: Wire,
    number: &str,
    event: &str,
) -> Watcher {
    let phone = Phone::of(server, person, wire).await;
    let mut watcher = Watcher::new(phone, number, event);
    let _ = watcher.asks(600).await.is(200);
    let told = watcher.is_told().await;
    assert!(told.state().starts_with("active;expires="), "{}", told.text);
    watcher
}

/// A telephone of a person that has registered.
async fn registered(server: &TestServer, person: &Person) -> Phone {
    let mut phone = Phone::of(server, person, Wire::Udp).await;
    let _ = phone.register(600).await.is(200);
    phone
}

#[tokio::test]
async fn a_lamp_follows_a_call() {
    for wire in [Wire::Udp, Wire::Tcp, Wire::WebSocket] {
        let server = serve().await;
        let portsip = server.portsip();
        let [ada, ben, carl] = portsip.users(["ada", "ben", "carl"]).await;
        let ben_phone = registered(&server, &ben).await;
        let phone = Phone::of(&server, &carl, wire).await;
        let mut lamp = Watcher::new(phone, &ben.number, "dialog");
        let reply = lamp.asks(600).await.is(200);
        assert_eq!(reply.header("Expires"), "600");
        let told = lamp.is_told().await;
        assert_eq!(told.header("Event"), "dialog");
        assert_eq!(told.header("Content-Type"), "application/dialog-info+xml");
        assert_eq!(
            (told.first("version=\"", "\" state"), told.calls()),
            ("0", Vec::new())
        );
        let entity = format!("entity=\"sip:{}@{}\"", ben.number, ben.domain.as_deref().unwrap());
        assert!(told.body().contains(&entity), "{}", told.body());
        let mut own_lamp = watching(&server, &carl, wire, &ada.number, "dialog").await;

        let phone = Phone::of(&server, &ada, Wire::Udp).await;
        let mut caller = Side::calls(phone, &ben.number, OFFER).await;
        let mut other = Side::is_rung(ben_phone).await;
        other.says(180, "").await;
        let _ = caller.is_answered(180).await;
        let told = lamp.is_told().await;
        assert_eq!(told.calls(), [("recipient", "early", ada.number.as_str())]);
        assert_eq!(told.first("version=\"", "\" state"), "1");
        let told = own_lamp.is_told().await;
        assert_eq!(told.calls(), [("initiator", "early", ben.number.as_str())]);

        other.says(200, OFFER).await;
        let _ = caller.is_answered(200).await;
        let told = lamp.is_told().await;
        assert_eq!(told.calls(), [("recipient", "confirmed", ada.number.as_str())]);
        let told = own_lamp.is_told().await;
        assert_eq!(told.calls(), [("initiator", "confirmed", ben.number.as_str())]);
        assert!(lamp.is_left_alone().await, "nothing has changed");

        // A renewal is answered by the present state, whether it is news or not.
        let _ = lamp.asks(60).await.is(200);
        let told = lamp.is_told().await;
        assert_eq!(told.calls(), [("recipient", "confirmed", ada.number.as_str())]);
        assert!(
            ["active;expires=60", "active;expires=59"].contains(&told.state()),
            "{}",
            told.state()
        );

        caller.hangs_up().await;
        other.is_hung_up().await;
        let told = lamp.is_told().await;
        assert_eq!(told.calls(), [("recipient", "terminated", ada.number.as_str())]);
        assert_eq!(told.first("version=\"", "\" state"), "4");
        let _ = lamp.asks(0).await.is(200);
        let told = lamp.is_told().await;
        assert_eq!(
            (told.state(), told.calls()),
            ("terminated;reason=timeout", Vec::new())
        );
        let _ = lamp.asks(60).await.is(481);
    }
}

#[tokio::test]
async fn what_is_watched_and_told_is_counted() {
    let server = TestServer::start_with(Options {
        metrics: true,
        sip: Some(SipOptions::default()),
        ..Options::default()
    })
    .await;
    let portsip = server.portsip();
    let [ada, ben] = portsip.users(["ada", "ben"]).await;
    let counted = async |line: &str| {
        // What is counted is counted after it was answered.
        for _ in 0..100 {
            let metrics = server.send(Request::new("GET", "/metrics")).await.is(200).text();
            if metrics.lines().any(|own| own == line) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    };
    let mut lamp = watching(&server, &ada, Wire::Tcp, &ben.number, "dialog").await;
    let _other = watching(&server, &ben, Wire::Udp, &ada.number, "dialog").await;
    let mut list = watching(&server, &ada, Wire::Udp, &ben.number, "presence").await;
    for line in [
        "jackfield_sip_subscriptions{event=\"dialog\"} 2",
        "jackfield_sip_subscriptions{event=\"presence\"} 1",
        "jackfield_sip_notifies_total{event=\"dialog\",status=\"200\"} 2",
        "jackfield_sip_notifies_total{event=\"presence\",status=\"200\"} 1",
    ] {
        assert!(counted(line).await, "{line}");
    }
    let _ = lamp.asks(0).await.is(200);
    let _ = lamp.is_told().await;
    // One that does not want to know any more.
    list.answers = 481;
    let _phone = registered(&server, &ben).await;
    let _ = list.is_told().await;
    for line in [
        "jackfield_sip_subscriptions{event=\"dialog\"} 1",
        "jackfield_sip_subscriptions{event=\"presence\"} 0",
        "jackfield_sip_notifies_total{event=\"dialog\",status=\"200\"} 3",
        "jackfield_sip_notifies_total{event=\"presence\",status=\"481\"} 1",
    ] {
        assert!(counted(line).await, "{line}");
    }
}

#[tokio::test]
async fn a_call_in_another_process_is_seen() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben, carl] = portsip.users(["ada", "ben", "carl"]).await;
    let beside = server.beside(Some(SipOptions::default())).await;
    let link = Link::open(Wire::Udp, beside.sip(Wire::Udp)).await;
    let phone = Phone::new(link, &carl.number, carl.domain.as_deref().unwrap());
    let mut lamp = Watcher::new(phone, &ben.number, "dialog");
    let _ = lamp.asks(600).await.is(200);
    assert_eq!(lamp.is_told().await.calls(), []);
    let ben_phone = registered(&server, &ben).await;
    let phone = Phone::of(&server, &ada, Wire::Udp).await;
    let mut caller = Side::calls(phone, &ben.number, OFFER).await;
    let mut other = Side::is_rung(ben_phone).await;
    other.says(180, "").await;
    let _ = caller.is_answered(180).await;
    let told = lamp.is_told().await;
    assert_eq!(told.calls(), [("recipient", "early", ada.number.as_str())]);
    caller.cancel().await;
    other.is_cancelled().await;
    let told = lamp.is_told().await;
    assert_eq!(told.calls(), [("recipient", "terminated", ada.number.as_str())]);
    // What ends a subscription ends it there too.
    let off = json!({"enabled": false});
    let path = format!("/users/{}", carl.id);
    portsip.admin().await.post(&path, off).await.changed();
    let told = lamp.is_told().await;
    assert_eq!(
        (told.state(), told.body()),
        ("terminated;reason=rejected", ""),
        "who may not see it is not told"
    );
    drop(beside);
}

#[tokio::test]
async fn a_number_outside_is_told_to_whom_it_concerns() {
    let server = serve().await;
    let portsip = server.portsip();
    let (admin, ben, dora) = (
        portsip.admin().await,
        portsip.user("ben").await,
        portsip.user("dora").await,
    );
    let engine = server.native().engine(portsip.home().await).await;
    let mut watchers = Vec::new();
    for (person, number) in [(&dora, ""), (&ben, "+4930123456"), (&admin, "+4930123456")] {
        let watcher = watching(&server, person, Wire::Udp, &ben.number, "dialog").await;
        watchers.push((watcher, number));
    }
    let call = json!({
        "external_id": "a", "state": "ringing", "direction": "inbound", "caller": "+4930123456",
        "callee": ben.number, "started_at": "2026-03-02T07:58:12Z",
    });
    let _ = engine.post("/feed/live_calls", call).await.is(200);
    for (watcher, number) in &mut watchers {
        let told = watcher.is_told().await;
        assert_eq!(told.calls(), [("recipient", "early", *number)], "{}", told.text);
    }
}

#[tokio::test]
async fn presence_is_told_as_it_is_said_and_done() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben] = portsip.users(["ada", "ben"]).await;
    let engine = server.native().engine(portsip.home().await).await;
    let phone = Phone::of(&server, &ada, Wire::Tcp).await;
    let mut watcher = Watcher::new(phone, &ben.number, "presence;id=7");
    let _ = watcher.asks(600).await.is(200);
    let said = async |watcher: &mut Watcher| {
        let told = watcher.is_told().await;
        assert_eq!(told.header("Content-Type"), "application/pidf+xml");
        assert_eq!(told.header("Event"), "presence;id=7");
        let part = |begin, end| told.first(begin, end).to_owned();
        [
            part("<basic>", "</basic>"),
            part("<rpid:activities>", "</rpid:activities>"),
            part("<note>", "</note>"),
        ]
    };
    assert_eq!(said(&mut watcher).await, ["closed", "", "Offline"]);
    let mut phone = registered(&server, &ben).await;
    assert_eq!(said(&mut watcher).await, ["open", "", "Available"]);
    let _ = phone.register(600).await.is(200);
    assert!(watcher.is_left_alone().await, "a renewal is no news");
    for (body, activity, note) in [
        (json!({"presence": "LUNCH"}), "<rpid:meal/>", "At lunch"),
        (
            json!({"presence_note": "back at <2>"}),
            "<rpid:meal/>",
            "back at &lt;2&gt;",
        ),
        (
            json!({"presence": "AVAILABLE", "presence_note": ""}),
            "",
            "Available",
        ),
    ] {
        ben.post("/user/presence", body).await.changed();
        assert_eq!(said(&mut watcher).await, ["open", activity, note]);
    }
    for (state, activity, note) in [
        ("answered", "<rpid:on-the-phone/>", "On the phone"),
        ("ended", "", "Available"),
    ] {
        let call = json!({
            "external_id": "a", "state": state, "direction": "inbound", "caller": "+4930123456",
            "callee": ben.number, "started_at": "2026-03-02T07:58:12Z", "answered_at": "2026-03-02T07:58:19Z",
        });
        let _ = engine.post("/feed/live_calls", call).await.is(200);
        assert_eq!(said(&mut watcher).await, ["open", activity, note]);
    }
    let _ = phone.register(0).await.is(200);
    assert_eq!(said(&mut watcher).await, ["closed", "", "Offline"]);
}

#[tokio::test]
async fn messages_wait_for_their_owner_alone() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben] = portsip.users(["ada", "ben"]).await;
    let engine = server.native().engine(portsip.home().await).await;
    for number in [&ben.number, "999999"] {
        let phone = Phone::of(&server, &ada, Wire::Udp).await;
        let mut watcher = Watcher::new(phone, number, "message-summary");
        let _ = watcher.asks(600).await.is(403);
    }
    let phone = Phone::of(&server, &ada, Wire::Udp).await;
    let mut watcher = Watcher::new(phone, &ada.number, "message-summary");
    let _ = watcher.asks(600).await.is(200);
    let told = watcher.is_told().await;
    assert_eq!(told.header("Content-Type"), "application/simple-message-summary");
    let account = format!(
        "Message-Account: sip:{}@{}",
        ada.number,
        ada.domain.as_deref().unwrap()
    );
    assert_eq!(
        told.body().split_terminator("\r\n").collect::<Vec<_>>(),
        ["Messages-Waiting: no", &account, "Voice-Message: 0/0 (0/0)"]
    );
    let mut report = json!({"extension_number": ada.number, "new_messages": 2, "urgent_new_messages": 1});
    let answer = engine.post("/feed/mailboxes", report.clone()).await.is(200);
    assert_eq!(answer["accepted"], 1);
    let told = watcher.is_told().await;
    assert!(
        told.body().starts_with("Messages-Waiting: yes\r\n"),
        "{}",
        told.text
    );
    assert!(
        told.body().ends_with("Voice-Message: 2/0 (1/0)\r\n"),
        "{}",
        told.text
    );
    let answer = engine.post("/feed/mailboxes", report.clone()).await.is(200);
    assert_eq!(answer["known"], 1);
    assert!(watcher.is_left_alone().await, "nothing has changed");
    // He hears them and keeps one.
    report["new_messages"] = json!(0);
    report["urgent_new_messages"] = json!(0);
    report["old_messages"] = json!(1);
    let _ = engine.post("/feed/mailboxes", report).await.is(200);
    let told = watcher.is_told().await;
    assert!(
        told.body().ends_with("Voice-Message: 0/1 (0/0)\r\n"),
        "{}",
        told.text
    );
    // Asked once, without a subscription.
    let phone = Phone::of(&server, &ada, Wire::Tcp).await;
    let mut once = Watcher::new(phone, &ada.number, "message-summary");
    let _ = once.asks(0).await.is(200);
    let told = once.is_told().await;
    assert_eq!(told.state(), "terminated;reason=timeout");
    assert!(
        told.body().starts_with("Messages-Waiting: no\r\n"),
        "{}",
        told.text
    );
}

#[tokio::test]
async fn what_may_not_be_watched_is_refused() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben] = portsip.users(["ada", "ben"]).await;
    let other = portsip.company("other.test").await;
    let status = async |number: &str, event: &str, headers: &[(&str, &str)]| {
        let phone = Phone::of(&server, &ada, Wire::Udp).await;
        Watcher::new(phone, number, event).asks_with(headers).await
    };
    assert_eq!(status(&ada.number, "dialog", &[]).await.status, 200, "himself");
    let reply = status(&ben.number, "dialog", &[]).await.is(200);
    assert_eq!(
        reply.header("Expires"),
        "3600",
        "who names no time gets the longest"
    );
    let _ = status("999999", "dialog", &[]).await.is(404);
    let _ = status(&other.admin.number, "dialog", &[]).await.is(404);
    let reply = status(&ben.number, "refer", &[]).await.is(489);
    assert_eq!(reply.header("Allow-Events"), "dialog, presence, message-summary");
    let reply = status(&ben.number, "dialog", &[("Expires", "59")]).await.is(423);
    assert_eq!(reply.header("Min-Expires"), "60");
    let _ = status(&ben.number, "dialog", &[("Accept", "text/plain")])
        .await
        .is(406);
    let lists = [("Require", "eventlist")];
    let reply = status(&ben.number, "dialog", &lists).await.is(420);
    assert_eq!(reply.header("Unsupported"), "eventlist");
    // Of another tenant's domain, with and without a number that is there.
    for number in [&other.admin.number, "999999"] {
        let phone = Phone::of(&server, &ada, Wire::Udp).await;
        let mut watcher = Watcher::new(phone, number, "dialog");
        watcher.aims_at("other.test");
        let _ = watcher.asks(600).await.is(403);
    }
    // In another's name.
    let phone = Phone::of(&server, &ada, Wire::Udp).await;
    let mut watcher = Watcher::new(phone, &ben.number, "dialog");
    watcher.pretends(&ben.number);
    let _ = watcher.asks(600).await.is(403);
    // Who is disabled watches nobody, and is not to be watched.
    let path = format!("/users/{}", ben.id);
    let off = json!({"enabled": false});
    portsip.admin().await.post(&path, off).await.changed();
    let _ = status(&ben.number, "dialog", &[]).await.is(404);
    let phone = Phone::of(&server, &ben, Wire::Udp).await;
    let _ = Watcher::new(phone, &ada.number, "dialog").asks(600).await.is(403);
    let mut phone = Phone::of(&server, &ada, Wire::Udp).await;
    let reply = phone.ask("OPTIONS", &[]).await.is(200);
    assert_eq!(reply.header("Allow-Events"), "dialog, presence, message-summary");
}

#[tokio::test]
async fn who_may_not_call_an_extension_may_not_watch_it() {
    let server = serve().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let role = Draft::role("Door", &["policies.internal_calls"]);
    let _ = admin.post("/roles", role).await.is(201);
    let (door, ben) = (portsip.user_as("door", "Door").await, portsip.user("ben").await);
    let status = async |number: &str, event: &str| {
        let phone = Phone::of(&server, &door, Wire::Udp).await;
        Watcher::new(phone, number, event).asks(600).await.status
    };
    // It takes the permission to hear voicemail to be told of it.
    assert_eq!(status(&door.number, "message-summary").await, 403);
    let mut lamp = watching(&server, &door, Wire::Udp, &ben.number, "dialog").await;
    let mut own = watching(&server, &door, Wire::Udp, &door.number, "dialog").await;
    let nothing = json!({"permissions": {}});
    let path = Person::role_path("Door");
    admin.post(&path, nothing).await.changed();
    assert_eq!(lamp.is_told().await.state(), "terminated;reason=rejected");
    assert!(own.is_left_alone().await, "his own calls are his");
    // Whether there is such a number he does not learn.
    for number in [&ben.number, "999999"] {
        assert_eq!(status(number, "presence").await, 403, "{number}");
    }
    assert_eq!(status(&door.number, "presence").await, 200);
}

#[tokio::test]
async fn a_subscription_ends_with_what_it_rests_on() {
    let server = serve().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let [ada, ben, carl, dora] = portsip.users(["ada", "ben", "carl", "dora"]).await;
    let mut of_carl = watching(&server, &ada, Wire::Udp, &carl.number, "dialog").await;
    let mut by_ben = watching(&server, &ben, Wire::Tcp, &ada.number, "presence").await;
    let mut by_dora = watching(&server, &dora, Wire::Udp, &ada.number, "dialog").await;

    // His name is no reason.
    let path = format!("/users/{}", ben.id);
    let renamed = json!({"display_name": "Benjamin"});
    admin.post(&path, renamed).await.changed();
    assert!(by_ben.is_left_alone().await);

    let path = format!("/users/{}/extension_password", ben.id);
    let new = json!({"password": "An0ther!wqzKp"});
    admin.post(&path, new).await.changed();
    assert_eq!(by_ben.is_told().await.state(), "terminated;reason=deactivated");
    by_ben.phone.password = "An0ther!wqzKp".into();
    let _ = by_ben.asks(600).await.is(481);

    let path = format!("/users/{}/destroy", carl.id);
    admin.act(&path).await.destroyed();
    assert_eq!(of_carl.is_told().await.state(), "terminated;reason=noresource");

    let path = format!("/tenants/{}", portsip.home().await.id);
    let locked = json!({"enabled": false});
    portsip.root().await.post(&path, locked).await.changed();
    // Both sides are gone with their tenant; which is noticed first does not matter.
    let told = by_dora.is_told().await;
    let over = ["terminated;reason=rejected", "terminated;reason=noresource"];
    assert!(over.contains(&told.state()), "{}", told.text);
    assert_eq!(told.body(), "");
    let _ = by_dora.asks(600).await.is(403);
}

#[tokio::test]
async fn a_restart_and_a_telephone_that_is_gone_end_subscriptions() {
    let mut server = serve().await;
    let portsip = server.portsip();
    let [ada, ben] = portsip.users(["ada", "ben"]).await;
    let mut forgets = watching(&server, &ada, Wire::Udp, &ben.number, "presence").await;
    forgets.answers = 481;
    let mut stays = watching(&server, &ada, Wire::Udp, &ben.number, "presence").await;
    let lunch = json!({"presence": "LUNCH"});
    ben.post("/user/presence", lunch).await.changed();
    for watcher in [&mut forgets, &mut stays] {
        assert!(watcher.is_told().await.body().contains("meal"));
    }
    // It may ask again before its refusal has arrived.
    for attempt in 0.. {
        assert!(attempt < 100, "it refused what it was told, and is told more");
        if forgets.asks(600).await.status == 481 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // A word that comes late says nothing about the present.
    stays.steps_back();
    let _ = stays.asks(600).await.is(500);
    server.restart().await;
    let _ = stays.asks(600).await.is(481);
    let mut again = watching(&server, &ada, Wire::Udp, &ben.number, "presence").await;
    let away = json!({"presence": "AWAY"});
    ben.post("/user/presence", away).await.changed();
    assert!(again.is_told().await.body().contains("<rpid:away/>"));
}

#[tokio::test]
async fn so_many_subscriptions_and_no_more() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben, carl] = portsip.users(["ada", "ben", "carl"]).await;
    let mut phone = Phone::of(&server, &ada, Wire::Tcp).await;
    for _ in 0..256 {
        let mut watcher = Watcher::new(phone, &ben.number, "dialog");
        let _ = watcher.asks(600).await.is(200);
        phone = watcher.phone;
    }
    // The same once more takes the place of the oldest; something else has none.
    let mut again = Watcher::new(phone, &ben.number, "dialog");
    let _ = again.asks(600).await.is(200);
    let mut other = Watcher::new(again.phone, &carl.number, "dialog");
    let _ = other.asks(600).await.is(403);
    // Somebody else is not concerned.
    let _ = watching(&server, &carl, Wire::Udp, &ben.number, "dialog").await;
}

/// `sipp`, which others wrote, and which knows MD5 alone.
#[tokio::test]
async fn sipp_watches_over_udp_and_tcp() {
    let sip = SipOptions {
        digests: "md5",
        ..SipOptions::default()
    };
    let server = serve_with(sip).await;
    let portsip = server.portsip();
    let [ada, ben] = portsip.users(["ada", "ben"]).await;
    let folder = std::env::temp_dir().join(format!("jackfield-sipp-watch-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    let (own, watched) = (&ada.number, &ben.number);
    let proof = format!("[authentication username={own} password={PASSWORD}]");
    let people = format!("SEQUENTIAL\n{own};{proof};{watched}\n");
    std::fs::write(folder.join("people.csv"), people).expect("the folder can be written");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/sip/watch.xml");
    for (wire, mode) in [(Wire::Udp, "u1"), (Wire::Tcp, "t1")] {
        let mut sipp = Command::new("sipp");
        sipp.arg(server.sip(wire).to_string())
            .args([
                "-i",
                "127.0.0.1",
                "-t",
                mode,
                "-m",
                "20",
                "-r",
                "20",
                "-inf",
                "people.csv",
            ])
            .args(["-nostdin", "-timeout", "40", "-timeout_error", "-trace_err"])
            .args(["-error_file", "errors.log", "-sf"])
            .arg(&scenario)
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // It may block the test: the server has threads of its own.
        let ended = sipp
            .output()
            .expect("sipp is installed (Debian: sip-tester; scripts/test does it)");
        let errors = std::fs::read_to_string(folder.join("errors.log")).unwrap_or_default();
        let words = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{mode}: {words}\n{errors}");
    }
    std::fs::remove_dir_all(&folder).ok();
}
