//! Whoever is invited to a meeting is told by mail.

use jackfield_testkit::{Draft, Options, Received, TestServer};
use serde_json::json;

/// The value of a line of a calendar entry, with its folding undone.
fn value(entry: &str, name: &str) -> Option<String> {
    let unfolded = entry.replace("\r\n ", "");
    let mut lines = unfolded.split("\r\n").filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.split(';').next() == Some(name)).then(|| value.to_owned())
    });
    lines.next()
}

fn entry<'a>(mail: &'a Received, method: &str) -> &'a str {
    let (found, entry) = mail.calendar.as_ref().expect("a calendar entry comes with it");
    assert_eq!(*found, method, "{}", mail.subject);
    assert_eq!(value(entry, "METHOD").as_deref(), Some(method));
    entry
}

#[tokio::test]
async fn invitations_follow_the_meeting() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (ada, ben) = (portsip.user("ada").await, portsip.user("ben").await);
    let draft = Draft::meeting("Weekly, with; signs")
        .with("timezone", "Europe/Berlin")
        .with("room_pin", "4711")
        .with("admin_pin", "9876")
        .with("scheduled_start_at", "2026-07-01T08:00:00Z")
        .with("scheduled_end_at", "2026-07-01T09:30:00Z")
        .with("internal_invitees", json!([ben.id]))
        .with("external_invitees", "Guest@else.test,BEN@mail.test");
    let id = ada.meeting(draft).await;
    let path = format!("/user/meetings/{id}");
    let read = ada.get(&path).await.is(200);
    let number = read["extension_number"].as_str().expect("a number");
    let mut uid = None;
    for to in ["ben@mail.test", "Guest@else.test"] {
        let mail = server.mails.await_mail().await;
        assert_eq!(mail.to, to);
        assert_eq!(mail.subject, "Invitation: Weekly, with; signs");
        for part in [
            "Person ada invites you",
            "Wednesday, 1 July 2026, 10:00",
            "11:30",
            "Europe/Berlin",
            number,
            "PIN: 4711",
        ] {
            assert!(mail.text.contains(part), "{part} is missing in {}", mail.text);
        }
        let entry = entry(&mail, "REQUEST");
        assert!(!mail.text.contains("9876") && !entry.contains("9876"));
        for (name, expected) in [
            ("DTSTART", "20260701T080000Z"),
            ("DTEND", "20260701T093000Z"),
            ("DTSTAMP", "20260302T080000Z"),
            ("SEQUENCE", "0"),
            ("STATUS", "CONFIRMED"),
            ("SUMMARY", r"Weekly\, with\; signs"),
            ("ORGANIZER", "mailto:ada@mail.test"),
        ] {
            assert_eq!(value(entry, name).as_deref(), Some(expected), "{name} in {entry}");
        }
        let unfolded = entry.replace("\r\n ", "");
        for attendee in ["mailto:ben@mail.test", "mailto:Guest@else.test"] {
            assert!(unfolded.contains(attendee), "{attendee} in {entry}");
        }
        let this = value(entry, "UID");
        assert!(uid.is_none() || uid == this);
        uid = this;
    }
    assert!(server.mails.take().is_none(), "everybody once");

    // What invitations do not speak of is nobody's concern.
    ada.post(
        &path,
        json!({"bitrate": 512, "capacity": 5, "subject": "Weekly, with; signs"}),
    )
    .await
    .changed();
    ada.post(&path, json!({"scheduled_start_at": "2026-07-01T08:30:00Z"}))
        .await
        .changed();
    for to in ["ben@mail.test", "Guest@else.test"] {
        let mail = server.mails.await_mail().await;
        assert_eq!(
            (mail.to.as_str(), mail.subject.as_str()),
            (to, "Changed: Weekly, with; signs")
        );
        let entry = entry(&mail, "REQUEST");
        assert_eq!(value(entry, "SEQUENCE").as_deref(), Some("1"));
        assert_eq!(value(entry, "DTSTART").as_deref(), Some("20260701T083000Z"));
        assert_eq!(value(entry, "UID"), uid);
    }

    // Only who comes and who goes is told of that.
    ada.post(&path, json!({"external_invitees": "new@else.test"}))
        .await
        .changed();
    let mail = server.mails.await_mail().await;
    assert_eq!(mail.to, "new@else.test");
    assert_eq!(value(entry(&mail, "REQUEST"), "SEQUENCE").as_deref(), Some("2"));
    let mail = server.mails.await_mail().await;
    assert_eq!(mail.to, "Guest@else.test");
    let cancelled = entry(&mail, "CANCEL");
    assert_eq!(value(cancelled, "STATUS").as_deref(), Some("CANCELLED"));
    assert_eq!(value(cancelled, "UID"), uid);
    assert!(!mail.text.contains("4711"), "{}", mail.text);

    ada.act(&format!("{path}/destroy")).await.destroyed();
    for to in ["ben@mail.test", "new@else.test"] {
        let mail = server.mails.await_mail().await;
        assert_eq!(mail.to, to);
        let cancelled = entry(&mail, "CANCEL");
        assert_eq!(value(cancelled, "SEQUENCE").as_deref(), Some("3"));
        assert_eq!(value(cancelled, "UID"), uid);
    }
    assert!(server.mails.take().is_none());
}

#[tokio::test]
async fn without_a_plan_there_is_no_entry() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (ada, ben) = (portsip.user("ada").await, portsip.user("ben").await);
    let id = ada
        .meeting(Draft::meeting("Now").with("internal_invitees", json!([ben.id])))
        .await;
    let path = format!("/user/meetings/{id}");
    let mail = server.mails.await_mail().await;
    assert!(
        mail.calendar.is_none() && mail.text.contains("Number: 8"),
        "{mail:?}"
    );
    ada.post(&path, json!({"scheduled_start_at": "2026-07-01T08:30:00Z"}))
        .await
        .changed();
    let mail = server.mails.await_mail().await;
    assert!(entry(&mail, "REQUEST").contains("DTSTART:20260701T083000Z"));
    ada.post(&path, json!({"scheduled_start_at": null}))
        .await
        .changed();
    let mail = server.mails.await_mail().await;
    let _ = entry(&mail, "CANCEL");
    // The organizer goes, and his meeting is called off.
    let admin = portsip.admin().await;
    admin.act(&format!("/users/{}/destroy", ada.id)).await.destroyed();
    let mail = server.mails.await_mail().await;
    assert_eq!(mail.subject, "Called off: Now");
}

#[tokio::test]
async fn without_a_mail_server_meetings_are_held_all_the_same() {
    let server = TestServer::start_with(Options {
        mail: false,
        ..Options::default()
    })
    .await;
    let ada = server.portsip().user("ada").await;
    let id = ada
        .meeting(Draft::meeting("x").with("external_invitees", "guest@else.test"))
        .await;
    let read = ada.get(&format!("/user/meetings/{id}")).await.is(200);
    assert_eq!(read["external_invitees"], "guest@else.test");
}
