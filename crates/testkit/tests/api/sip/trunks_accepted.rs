//! Trunks whose providers register here.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use jackfield_testkit::{
    Draft, Person, SipOptions, TestServer,
    sip::{Digest, Link, Phone, Side, Wire},
};
use serde_json::json;

use super::{
    calls::{record, registered},
    serve, serve_with,
    trunks::{ANSWER, OFFER, OUTSIDE, header, make},
    trunks_in::{comes, numbered, wanted},
    trunks_registered::is_told,
};

const SECRET: &str = "s3cret";

/// A trunk whose provider registers as this.
fn gateway(account: &str) -> Draft {
    Draft::provider("Gateway")
        .with("auth_mode", "ACCEPT_REGISTER")
        .with("username", account)
        .with("password", SECRET)
        .with("did_numbers", "4930100")
        .with("outbound_server", "")
        .with("outbound_server_port", 0)
        .with("concurrency", 0)
}

/// The telephone of a provider, at an address that no telephone has.
async fn provider(server: &TestServer, wire: Wire, name: &str) -> Phone {
    let home = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    let link = Link::open_from(wire, server.sip(wire), home).await;
    let mut phone = Phone::new(link, name, "home.test");
    SECRET.clone_into(&mut phone.password);
    phone
}

/// A call of the provider's from where it is, for a number.
async fn calls_in(phone: Phone) -> Side {
    Side::comes(
        phone,
        "sip:+4930100@127.0.0.1",
        "sip:+4930100@home.test",
        "sip:+41446681800@home.test",
        OFFER,
    )
    .await
}

#[tokio::test]
async fn a_provider_registers_calls_and_is_called_also_after_a_restart() {
    for (wire, digest) in [(Wire::Udp, Digest::Md5), (Wire::Tcp, Digest::Sha256)] {
        let mut server = serve().await;
        let (admin, ada) = (server.portsip().admin().await, server.portsip().user("ada").await);
        let ben = numbered(&server, "ben", "4930100").await;
        let id = make(&server, gateway("acct").with("auth_id", "auth7")).await;
        is_told(&admin, &id, "OFFLINE").await;
        let mut phone = provider(&server, wire, "auth7").await;
        phone.digest = Some(digest);
        let reply = phone.register(600).await.is(200);
        let contact = phone.contact.clone();
        assert!(
            reply
                .header("Contact")
                .starts_with(&format!("{contact};expires=")),
            "{}",
            reply.header("Contact")
        );
        is_told(&admin, &id, "ONLINE").await;
        if wire == Wire::Udp {
            server.restart().await;
            is_told(&admin, &id, "ONLINE").await;
        }
        // It calls from where it is, without a proof.
        let desk = registered(&server, &ben, Wire::Udp).await;
        let mut caller = comes(phone, wanted("+4930100")).await;
        let mut rung = Side::is_rung(desk).await;
        rung.takes(ANSWER).await;
        let _ = caller.is_answered(200).await;
        caller.hangs_up().await;
        rung.is_hung_up().await;
        let kept = record(&ben).await;
        assert_eq!(
            (&kept["direction"], &kept["trunk"], &kept["did_cid"]),
            (&json!("INBOUND_CALL"), &json!("Gateway"), &json!("4930100"))
        );
        // And it is called there.
        let own = Phone::of(&server, &ada, Wire::Udp).await;
        let mut caller2 = Side::calls(own, OUTSIDE, OFFER).await;
        let mut far = Side::is_rung(caller.phone).await;
        let place = contact.split(['@', ';']).nth(1).unwrap();
        let line = format!("INVITE sip:+4930901820@{place};transport=");
        assert!(far.invite().starts_with(&line), "{}", far.invite());
        let from = header(far.invite(), "From");
        assert!(from.starts_with("<sip:acct@home.test>"), "{from}");
        far.says(180, "").await;
        far.says(200, ANSWER).await;
        assert!(caller2.is_answered_and_says(200, "").await.ends_with(ANSWER));
        let _ = far.phone.until("ACK ").await;
        far.hangs_up().await;
        caller2.is_hung_up().await;
        let kept = record(&ada).await;
        assert_eq!(
            (&kept["direction"], &kept["trunk"]),
            (&json!("OUTBOUND_CALL"), &json!("Gateway"))
        );
        // It takes itself off.
        let mut phone = far.phone;
        let _ = phone.register(0).await.is(200);
        is_told(&admin, &id, "OFFLINE").await;
        let mut caller = Side::calls(caller2.phone, OUTSIDE, OFFER).await;
        let refused = caller.is_answered(503).await;
        assert!(phone.hears_no("INVITE ").await, "{refused}");
    }
}

#[tokio::test]
async fn a_call_from_elsewhere_is_proved() {
    let server = serve().await;
    let ben = numbered(&server, "ben", "4930100").await;
    let desk = registered(&server, &ben, Wire::Udp).await;
    make(&server, gateway("acct")).await;
    for wire in [Wire::Udp, Wire::Tcp] {
        let mut wrong = provider(&server, wire, "acct").await;
        "wrong".clone_into(&mut wrong.password);
        let mut refused = Side::calls(wrong, "+4930100", OFFER).await;
        let _ = refused.is_answered(407).await;
    }
    let phone = provider(&server, Wire::Tcp, "acct").await;
    let mut caller = Side::calls(phone, "+4930100", OFFER).await;
    let mut rung = Side::is_rung(desk).await;
    rung.takes(ANSWER).await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    rung.is_hung_up().await;
    assert_eq!(record(&ben).await["did_cid"], "4930100");
    // It is no extension: it watches nobody.
    let mut phone = provider(&server, Wire::Udp, "acct").await;
    let target = [("Event", "dialog"), ("Contact", "<sip:a@127.0.0.2:9>")];
    let _ = phone.ask("SUBSCRIBE", &target).await.is(401);
}

#[tokio::test]
async fn what_comes_over_a_trusted_proxy_is_proved() {
    let server = serve_with(SipOptions {
        trusted: true,
        ..SipOptions::default()
    })
    .await;
    let ben = numbered(&server, "ben", "4930100").await;
    let desk = registered(&server, &ben, Wire::Udp).await;
    let admin = server.portsip().admin().await;
    let id = make(&server, gateway("acct")).await;
    // From the address of the proxy, which telephones call from as well.
    let link = Link::open(Wire::Udp, server.sip(Wire::Udp)).await;
    let mut phone = Phone::new(link, "acct", "home.test");
    SECRET.clone_into(&mut phone.password);
    let (contact, path) = (phone.contact.clone(), "<sip:proxy.test;lr>");
    for headers in [&[][..], &[("Path", path)]] {
        let mut all = vec![("Contact", contact.as_str()), ("Expires", "600")];
        all.extend(headers);
        let _ = phone.ask("REGISTER", &all).await.is(200);
        is_told(&admin, &id, "ONLINE").await;
        // The trunks are read anew a moment after each change.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let (back, stranger) = is_a_stranger(phone).await;
        assert!(stranger, "{headers:?}");
        phone = back;
    }
    let mut caller = Side::calls(phone, "+4930100", OFFER).await;
    let mut rung = Side::is_rung(desk).await;
    rung.takes(ANSWER).await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    rung.is_hung_up().await;
}

/// Whether a call that comes from there without a proof is asked for one; gives the telephone back.
async fn is_a_stranger(phone: Phone) -> (Phone, bool) {
    let mut side = calls_in(phone).await;
    let challenged = side.is_challenged().await;
    if !challenged {
        let _ = side.is_answered(480).await;
    }
    (side.phone, challenged)
}

#[tokio::test]
async fn what_ends_a_registration_ends_its_calls() {
    let server = serve().await;
    let admin = server.portsip().admin().await;
    numbered(&server, "ben", "4930100").await;
    let id = make(&server, gateway("acct")).await;
    let path = format!("/providers/{id}");
    let mut phone = provider(&server, Wire::Udp, "acct").await;
    for (change, back) in [
        (json!({"password": "an0ther"}), json!({"password": SECRET})),
        (json!({"enabled": false}), json!({"enabled": true})),
        (json!({"username": "renamed"}), json!({"username": "acct"})),
    ] {
        let _ = phone.register(600).await.is(200);
        is_told(&admin, &id, "ONLINE").await;
        let mut known = comes(phone, wanted("+4930100")).await;
        let _ = known.is_answered(480).await;
        admin.post(&path, change.clone()).await.changed();
        // Within a second.
        tokio::time::sleep(Duration::from_millis(900)).await;
        let (back_again, stranger) = is_a_stranger(known.phone).await;
        assert!(stranger, "{change}");
        is_told(&admin, &id, "OFFLINE").await;
        phone = back_again;
        let refused = phone.register(600).await.status;
        let expected = if change["enabled"] == false { 403 } else { 401 };
        assert_eq!(refused, expected, "{change}");
        admin.post(&path, back).await.changed();
    }
    let _ = phone.register(600).await.is(200);
    admin.act(&format!("{path}/destroy")).await.destroyed();
    let _ = phone.register(600).await.is(401);
    tokio::time::sleep(Duration::from_millis(900)).await;
    let (_, stranger) = is_a_stranger(phone).await;
    assert!(stranger);
    // Its name is free again.
    make(&server, gateway("acct")).await;
}

#[tokio::test]
async fn a_disabled_tenant_loses_its_trunks() {
    let server = serve().await;
    let portsip = server.portsip();
    let company = portsip.company("away.test").await;
    let id = company.admin.post("/providers", gateway("acct")).await.created();
    let mut phone = provider(&server, Wire::Udp, "acct").await;
    "away.test".clone_into(&mut phone.domain);
    let _ = phone.register(600).await.is(200);
    is_told(&company.admin, &id, "ONLINE").await;
    let root = portsip.root().await;
    let path = format!("/tenants/{}", company.id);
    root.post(&path, json!({"enabled": false})).await.changed();
    let _ = phone.register(600).await.is(403);
    root.post(&path, json!({"enabled": true})).await.changed();
    is_told(&company.admin, &id, "OFFLINE").await;
    let _ = phone.register(600).await.is(200);
}

#[tokio::test]
async fn one_contact_at_a_time_and_requests_in_their_order() {
    let server = serve().await;
    let admin = server.portsip().admin().await;
    let id = make(&server, gateway("acct")).await;
    let mut phone = provider(&server, Wire::Udp, "acct").await;
    // Nothing is bound, and it may ask.
    let reply = phone.ask("REGISTER", &[]).await.is(200);
    assert_eq!(reply.header("Contact"), "");
    let two = "<sip:a@127.0.0.2:9>, <sip:b@127.0.0.2:9>";
    let _ = phone
        .ask("REGISTER", &[("Contact", two), ("Expires", "600")])
        .await
        .is(403);
    let _ = phone.register(600).await.is(200);
    phone.cseq -= 2;
    let _ = phone.register(600).await.is(500);
    phone.cseq += 2;
    // Another device of the provider's takes its place, and what the first one takes off is not there any more.
    let mut other = provider(&server, Wire::Tcp, "acct").await;
    let reply = other.register(600).await.is(200);
    assert_eq!(reply.headers("Contact").len(), 1);
    let reply = phone.register(0).await.is(200);
    assert!(
        reply
            .header("Contact")
            .contains(other.contact.trim_matches(['<', '>']))
    );
    is_told(&admin, &id, "ONLINE").await;
    let reply = phone
        .ask("REGISTER", &[("Contact", "*"), ("Expires", "0")])
        .await
        .is(200);
    assert_eq!(reply.header("Contact"), "");
    is_told(&admin, &id, "OFFLINE").await;
    // It registers nobody else.
    let text = phone.request("REGISTER", &[]);
    let _ = phone.send(&text).await.is(401);
    let credentials = phone.credentials("REGISTER").unwrap();
    let text = phone.request("REGISTER", &[("Authorization", &credentials)]);
    let text = text.replace("sip:acct@", "sip:1000@");
    let _ = phone.send(&text).await.is(403);
    // A binding ends by itself.
    let _ = phone.register(60).await.is(200);
    is_told(&admin, &id, "ONLINE").await;
    server.clock.advance(Duration::from_secs(61));
    is_told(&admin, &id, "OFFLINE").await;
}

#[tokio::test]
async fn a_name_is_that_of_one_extension_or_trunk() {
    let server = serve().await;
    let portsip = server.portsip();
    let admin: Person = portsip.admin().await;
    let ada = portsip.user("ada").await;
    let refused = async |draft: Draft, status: u16, field: &str| {
        let answer = admin.post("/providers", draft).await.is(status);
        assert_eq!(answer["errors"][0]["detail"]["field"], field, "{answer}");
    };
    refused(gateway(&ada.number), 409, "username").await;
    refused(gateway(""), 400, "username").await;
    refused(gateway("acct").with("password", ""), 400, "password").await;
    let id = make(&server, gateway("7001")).await;
    refused(gateway("7001"), 409, "username").await;
    refused(gateway("other").with("auth_id", "7001"), 409, "username").await;
    let user = admin.post("/users", Draft::user("carl", "7001")).await.is(409);
    assert_eq!(user["errors"][0]["detail"]["field"], "extension_number", "{user}");
    let path = format!("/providers/{id}");
    let lost = admin.post(&path, json!({"username": ""})).await.is(400);
    assert_eq!(lost["errors"][0]["detail"]["field"], "username", "{lost}");
    let taken = admin.post(&path, json!({"username": ada.number})).await.is(409);
    assert_eq!(taken["errors"][0]["detail"]["field"], "username", "{taken}");
    admin.post(&path, json!({"username": "7002"})).await.changed();
    admin.post("/users", Draft::user("carl", "7001")).await.created();
    // Another way of knowing each other takes no name, and another tenant has names of its own.
    let by_address = gateway("7002").with("auth_mode", "REGISTER_AUTH");
    make(&server, by_address.with("registration", false)).await;
    let company = portsip.company("away.test").await;
    company.admin.post("/providers", gateway("7002")).await.created();
    // Nobody dials an account.
    let caller = Phone::of(&server, &ada, Wire::Udp).await;
    let mut caller = Side::calls(caller, "7002", OFFER).await;
    let _ = caller.is_answered(404).await;
    // Who guesses names learns nothing of them.
    for name in ["7002", "nobody"] {
        let mut phone = provider(&server, Wire::Udp, name).await;
        "wrong".clone_into(&mut phone.password);
        let reply = phone.register(600).await.is(401);
        assert_eq!(reply.challenges().len(), 2);
    }
}
