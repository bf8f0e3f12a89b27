//! Trunks that register at their provider.

use std::time::Duration;

use jackfield_testkit::{
    Draft, Person, SipOptions,
    sip::{Digest, Phone, Provider, Side, Wire},
};
use serde_json::json;

use super::{
    calls::registered,
    serve,
    trunks::{ANSWER, OFFER, challenge, header, make, trunk},
};

pub(super) fn account(provider: &Provider) -> Draft {
    trunk("Carrier", provider.address(), provider.wire())
        .with("auth_mode", "REGISTER_AUTH")
        .with("username", "acct")
        .with("password", "s3cret")
        .with("did_numbers", "4930100")
}

/// Waits until a trunk has this status.
pub(super) async fn is_told(admin: &Person, id: &str, status: &str) {
    for attempt in 0.. {
        let found = admin.get(&format!("/providers/{id}/status")).await.is(200);
        if found["status"] == status {
            return;
        }
        assert!(attempt < 200, "{found} instead of {status}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// The user part of a contact: the line that calls are to be sent to.
fn line(request: &str) -> String {
    let contact = header(request, "Contact");
    let user = contact
        .split_once("sip:")
        .and_then(|(_, rest)| rest.split_once('@'));
    user.expect("a contact with a user").0.to_owned()
}

#[tokio::test]
async fn a_trunk_registers_renews_and_takes_itself_off() {
    for (wire, digest) in [(Wire::Udp, Digest::Md5), (Wire::Tcp, Digest::Sha256)] {
        let server = serve().await;
        let admin = server.portsip().admin().await;
        let provider = Provider::of(&server, wire).await;
        let id = make(&server, account(&provider).with("register_interval", 120)).await;
        let challenge = challenge(digest, "n1");
        let mut phone = provider.listens().await;
        let (first, good) = phone.takes_registration(&challenge, "acct", "s3cret", 1).await;
        assert!(good, "{first}");
        assert_eq!(header(&first, "Expires"), "120");
        assert!(
            header(&first, "To").starts_with("<sip:acct@127.0.0.2>"),
            "{first}"
        );
        // Renewed in time, as the same binding (RFC 3261 §10.2.4).
        let (second, good) = phone.takes_registration(&challenge, "acct", "s3cret", 600).await;
        assert!(good, "{second}");
        for name in ["Call-ID", "Contact", "To"] {
            assert_eq!(header(&first, name), header(&second, name));
        }
        is_told(&admin, &id, "ONLINE").await;
        let path = format!("/providers/{id}");
        admin.post(&path, json!({"enabled": false})).await.changed();
        let (last, good) = phone.takes_registration(&challenge, "acct", "s3cret", 0).await;
        assert!(good && header(&last, "Expires") == "0", "{last}");
        is_told(&admin, &id, "OFFLINE").await;
    }
}

#[tokio::test]
async fn a_changed_trunk_registers_anew_and_a_removed_one_goes() {
    let server = serve().await;
    let admin = server.portsip().admin().await;
    let provider = Provider::of(&server, Wire::Udp).await;
    let id = make(&server, account(&provider).with("password", "wrong")).await;
    let challenge = challenge(Digest::Md5, "n1");
    let mut phone = provider.listens().await;
    let (refused, good) = phone.takes_registration(&challenge, "acct", "s3cret", 600).await;
    assert!(!good, "{refused}");
    is_told(&admin, &id, "OFFLINE").await;
    // Not before somebody has seen to it: providers shut those out who ask in vain.
    assert!(phone.hears_no("REGISTER ").await);
    let path = format!("/providers/{id}");
    admin.post(&path, json!({"password": "s3cret"})).await.changed();
    loop {
        // The old one takes itself off first, with what it had.
        let (taken, good) = phone.takes_registration(&challenge, "acct", "s3cret", 600).await;
        if good {
            assert_eq!(header(&taken, "Expires"), "600", "{taken}");
            break;
        }
    }
    is_told(&admin, &id, "ONLINE").await;
    admin.act(&format!("{path}/destroy")).await.destroyed();
    let (last, _) = phone.takes_registration(&challenge, "acct", "s3cret", 0).await;
    assert_eq!(header(&last, "Expires"), "0", "{last}");
}

#[tokio::test]
async fn calls_come_to_the_line_that_was_registered_also_after_a_restart() {
    let mut server = serve().await;
    let admin = server.portsip().admin().await;
    let portsip = server.portsip();
    let ben = portsip
        .employ(portsip.home().await, Draft::user("ben", "4930100"))
        .await;
    let provider = Provider::of(&server, Wire::Udp).await;
    let id = make(&server, account(&provider)).await;
    let challenge = challenge(Digest::Md5, "n1");
    let mut phone = provider.listens().await;
    let (taken, _) = phone.takes_registration(&challenge, "acct", "s3cret", 600).await;
    let own = line(&taken);
    assert!(own.len() >= 32 && own != "acct", "{own}");
    is_told(&admin, &id, "ONLINE").await;
    server.restart().await;
    // Another process has the trunk at once, and the provider hears of the same line.
    let (again, _) = phone.takes_registration(&challenge, "acct", "s3cret", 600).await;
    assert_eq!(line(&again), own);
    is_told(&admin, &id, "ONLINE").await;
    let desk = registered(&server, &ben, Wire::Udp).await;
    // From an address that nobody knows.
    let other = Phone::of(&server, &ben, Wire::Udp).await;
    let target = format!("sip:{own}@127.0.0.1");
    let to = "sip:+4930100@carrier.test";
    let mut caller = Side::comes(other, &target, to, "sip:+41446681800@carrier.test", OFFER).await;
    let mut desk = Side::is_rung(desk).await;
    desk.takes(ANSWER).await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    desk.is_hung_up().await;
}

#[tokio::test]
async fn another_process_takes_over_what_a_killed_one_kept() {
    let mut server = serve().await;
    let admin = server.portsip().admin().await;
    let provider = Provider::of(&server, Wire::Tcp).await;
    let id = make(&server, account(&provider)).await;
    let challenge = challenge(Digest::Md5, "n1");
    let mut phone = provider.accepts().await;
    let (first, _) = phone.takes_registration(&challenge, "acct", "s3cret", 600).await;
    is_told(&admin, &id, "ONLINE").await;
    let beside = server.beside(Some(SipOptions::default())).await;
    // It asks in vain, until it is clear that the other one is no more.
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.kill();
    let early = tokio::time::timeout(Duration::from_secs(1), provider.accepts()).await;
    assert!(early.is_err());
    server.clock.advance(Duration::from_secs(61));
    // The other one asks for the right every 20 seconds, which is as long as anything is waited for here.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut phone = provider.accepts().await;
    let (second, good) = phone.takes_registration(&challenge, "acct", "s3cret", 600).await;
    assert!(good, "{second}");
    // The provider is given the same line, elsewhere.
    assert_eq!(line(&first), line(&second));
    let own = beside.sip(Wire::Tcp).port().to_string();
    assert!(header(&second, "Contact").contains(&own), "{second}");
    let admin = beside.portsip().bearer(&admin.token());
    is_told(&admin, &id, "ONLINE").await;
}
