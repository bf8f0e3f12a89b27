//! Signs of life between a trunk and its provider.

use std::time::Duration;

use jackfield_testkit::{
    Draft, Person,
    sip::{Digest, Phone, Provider, Wire},
};
use serde_json::json;

use super::{
    serve,
    trunks::{challenge, header, make, trunk},
    trunks_registered::{account, is_told},
};

/// A trunk that asks each second.
fn watched(draft: Draft) -> Draft {
    draft.with("keep_alive", true).with("keep_alive_interval", 1)
}

/// Is asked for a sign of life, and gives one.
async fn lives(phone: &mut Phone, status: u16) -> String {
    let asked = phone.until("OPTIONS ").await;
    phone.replies(&asked, status, "").await;
    asked
}

#[tokio::test]
async fn a_provider_is_asked_for_signs_of_life() {
    for wire in [Wire::Udp, Wire::Tcp] {
        let server = serve().await;
        let admin = server.portsip().admin().await;
        let provider = Provider::of(&server, wire).await;
        let address = provider.address();
        let id = make(&server, watched(trunk("Carrier", address, wire))).await;
        let mut phone = provider.listens().await;
        let first = lives(&mut phone, 200).await;
        assert!(
            first.starts_with(&format!("OPTIONS sip:{address} SIP/2.0\r\n")),
            "{first}"
        );
        is_told(&admin, &id, "ONLINE").await;
        // A refusal is a sign as well.
        let second = lives(&mut phone, 403).await;
        assert_eq!(header(&first, "Call-ID"), header(&second, "Call-ID"));
        assert_ne!(header(&first, "CSeq"), header(&second, "CSeq"));
        is_told(&admin, &id, "ONLINE").await;
        change(&admin, &id, json!({"keep_alive": false})).await;
        let _ = phone.hears_no("OPTIONS ").await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert!(phone.hears_no("OPTIONS ").await, "it is not asked any more");
        is_told(&admin, &id, "ONLINE").await;
    }
}

async fn change(admin: &Person, id: &str, change: serde_json::Value) {
    admin.post(&format!("/providers/{id}"), change).await.changed();
}

#[tokio::test]
async fn a_provider_that_gives_none_is_offline_until_it_does() {
    let server = serve().await;
    let admin = server.portsip().admin().await;
    let provider = Provider::of(&server, Wire::Tcp).await;
    let address = provider.address();
    let id = make(&server, watched(trunk("Carrier", address, Wire::Tcp))).await;
    let mut phone = provider.accepts().await;
    let _ = lives(&mut phone, 200).await;
    is_told(&admin, &id, "ONLINE").await;
    // Its connection ends, and nobody takes another one.
    drop((phone, provider));
    is_told(&admin, &id, "OFFLINE").await;
    let again = Provider::at(&server, address);
    let mut phone = again.accepts().await;
    let _ = lives(&mut phone, 200).await;
    is_told(&admin, &id, "ONLINE").await;
    // What is disabled is asked nothing, and calls cannot take it.
    change(&admin, &id, json!({"enabled": false})).await;
    is_told(&admin, &id, "OFFLINE").await;
}

#[tokio::test]
async fn who_registered_is_asked_too_and_registers_anew_when_there_is_no_answer() {
    let server = serve().await;
    let admin = server.portsip().admin().await;
    let provider = Provider::of(&server, Wire::Tcp).await;
    let id = make(&server, watched(account(&provider))).await;
    let challenge = challenge(Digest::Md5, "n1");
    let mut phone = provider.accepts().await;
    let (_, good) = phone.takes_registration(&challenge, "acct", "s3cret", 600).await;
    assert!(good);
    is_told(&admin, &id, "ONLINE").await;
    let _ = lives(&mut phone, 200).await;
    let _ = lives(&mut phone, 481).await;
    is_told(&admin, &id, "ONLINE").await;
    // A provider that was away may have forgotten what it was told.
    let address = provider.address();
    drop((phone, provider));
    is_told(&admin, &id, "OFFLINE").await;
    let again = Provider::at(&server, address);
    let mut phone = again.accepts().await;
    let (_, good) = phone.takes_registration(&challenge, "acct", "s3cret", 600).await;
    assert!(good);
    is_told(&admin, &id, "ONLINE").await;
}
