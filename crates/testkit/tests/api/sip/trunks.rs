//! Calls to the world, over providers of our own.

use std::net::SocketAddr;

use jackfield_testkit::{
    Draft, Person, TestServer,
    sip::{Challenge, Digest, Phone, Provider, Side, Wire},
};
use serde_json::{Value, json};

use super::{calls::record, serve};

pub(super) const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=offer\r\n";
pub(super) const ANSWER: &str = "v=0\r\no=- 2 2 IN IP4 192.0.2.2\r\ns=answer\r\n";
/// A number outside that a standard user may call.
pub(super) const OUTSIDE: &str = "030901820";

/// A trunk to an address.
pub(super) fn trunk(name: &str, address: SocketAddr, wire: Wire) -> Draft {
    Draft::provider(name)
        .with("auth_mode", "IP_AUTH")
        .with("transport", wire.word().to_ascii_uppercase())
        .with("hostname", address.ip().to_string())
        .with("port", address.port())
        .with("outbound_server", "")
        .with("outbound_server_port", 0)
        .with("concurrency", 0)
        // What is sent to it is only what a test wants.
        .with("keep_alive", false)
}

/// Makes a trunk; gives its id.
pub(super) async fn make(server: &TestServer, draft: Draft) -> String {
    server
        .portsip()
        .admin()
        .await
        .post("/providers", draft)
        .await
        .created()
}

/// The value of a header of a request.
pub(super) fn header<'a>(text: &'a str, name: &str) -> &'a str {
    let lines = text.split("\r\n").filter_map(|line| line.split_once(": "));
    lines
        .filter(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
        .next()
        .unwrap_or_default()
}

pub(super) async fn calls_out(server: &TestServer, person: &Person, number: &str) -> Side {
    Side::calls(Phone::of(server, person, Wire::Udp).await, number, OFFER).await
}

/// What a record says of the way.
pub(super) fn way(record: &Value) -> [Value; 4] {
    ["direction", "trunk", "outbound_caller_id", "status_code"].map(|name| record[name].clone())
}

#[tokio::test]
async fn a_call_goes_out_over_a_trunk_and_either_side_hangs_up() {
    for (wire, caller_ends) in [(Wire::Udp, true), (Wire::Tcp, false)] {
        let server = serve().await;
        let ada = server.portsip().user("ada").await;
        let provider = Provider::of(&server, wire).await;
        let address = provider.address();
        make(
            &server,
            trunk("Carrier", address, wire).with("did_numbers", "+4930100-+4930199"),
        )
        .await;
        let mut caller = calls_out(&server, &ada, OUTSIDE).await;
        let mut far = provider.is_called().await;
        let invite = far.invite().to_owned();
        assert!(
            invite.starts_with(&format!("INVITE sip:+4930901820@{address} SIP/2.0\r\n")),
            "{invite}"
        );
        assert!(
            invite.ends_with(OFFER) && invite.contains("Max-Forwards: 69"),
            "{invite}"
        );
        let own = format!("<sip:+4930100@{}>", address.ip());
        assert!(header(&invite, "From").starts_with(&own), "{invite}");
        assert_eq!(header(&invite, "P-Asserted-Identity"), own);
        assert_eq!(header(&invite, "Privacy"), "");
        far.says(183, "").await;
        let _ = caller.is_answered(180).await;
        far.says(200, ANSWER).await;
        assert!(caller.is_answered(200).await.ends_with(ANSWER));
        let _ = far.phone.until("ACK ").await;
        assert_eq!(ada.get("/user/status").await.is(200)["status"], "ON_CALL");
        if caller_ends {
            caller.hangs_up().await;
            far.is_hung_up().await;
        } else {
            far.hangs_up().await;
            caller.is_hung_up().await;
        }
        let kept = record(&ada).await;
        assert_eq!(
            way(&kept),
            [
                json!("OUTBOUND_CALL"),
                json!("Carrier"),
                json!("+4930100"),
                json!(200)
            ]
        );
        assert_eq!(
            [&kept["caller"], &kept["callee"], &kept["destination"]],
            [&json!(ada.number), &json!("+4930901820"), &json!(OUTSIDE)]
        );
    }
}

pub(super) fn challenge(digest: Digest, nonce: &str) -> Challenge {
    Challenge {
        digest,
        realm: "carrier, test".into(),
        nonce: nonce.into(),
        stale: false,
    }
}

#[tokio::test]
async fn a_provider_that_asks_for_a_proof_gets_one() {
    let (md5, sha256) = (challenge(Digest::Md5, "n1"), challenge(Digest::Sha256, "n2"));
    for (wire, challenges, name) in [
        (Wire::Udp, vec![md5.clone()], "acct"),
        (Wire::Tcp, vec![sha256.clone(), md5], "acct"),
        (Wire::Udp, vec![sha256], "other"),
    ] {
        let server = serve().await;
        let ada = server.portsip().user("ada").await;
        let provider = Provider::of(&server, wire).await;
        let draft = trunk("Carrier", provider.address(), wire)
            .with("username", "acct")
            .with("password", "s3cret");
        make(
            &server,
            if name == "acct" {
                draft
            } else {
                draft.with("auth_id", name)
            },
        )
        .await;
        let mut caller = calls_out(&server, &ada, OUTSIDE).await;
        let mut far = provider.is_called().await;
        assert!(far.demands(&challenges, name, "s3cret").await, "{}", far.invite());
        assert!(
            header(far.invite(), "From").starts_with("<sip:acct@127.0.0.2>"),
            "{}",
            far.invite()
        );
        far.says(200, ANSWER).await;
        let _ = caller.is_answered(200).await;
        caller.hangs_up().await;
        far.is_hung_up().await;
        assert_eq!(
            way(&record(&ada).await),
            [
                json!("OUTBOUND_CALL"),
                json!("Carrier"),
                json!("acct"),
                json!(200)
            ]
        );
    }
}

#[tokio::test]
async fn a_wrong_password_leads_to_the_next_trunk() {
    let server = serve().await;
    let ada = server.portsip().user("ada").await;
    let first = Provider::of(&server, Wire::Udp).await;
    let second = Provider::of(&server, Wire::Udp).await;
    let draft = trunk("First", first.address(), Wire::Udp);
    make(&server, draft.with("username", "acct").with("password", "wrong")).await;
    make(&server, trunk("Second", second.address(), Wire::Udp)).await;
    let mut caller = calls_out(&server, &ada, OUTSIDE).await;
    let mut far = first.is_called().await;
    let challenge = challenge(Digest::Md5, "n");
    assert!(
        !far.demands(std::slice::from_ref(&challenge), "acct", "s3cret")
            .await
    );
    far.refuses_with(407, &format!("Proxy-Authenticate: {}\r\n", challenge.text()))
        .await;
    let mut other = second.is_called().await;
    other.says(200, ANSWER).await;
    let _ = caller.is_answered(200).await;
    other.hangs_up().await;
    caller.is_hung_up().await;
    assert_eq!(way(&record(&ada).await)[1], json!("Second"));
}

#[tokio::test]
async fn what_a_provider_says_decides_whether_another_is_asked() {
    for (status, next, told) in [
        (503, true, 0),
        (404, true, 0),
        (486, false, 486),
        (603, false, 486),
    ] {
        let server = serve().await;
        let ada = server.portsip().user("ada").await;
        let first = Provider::of(&server, Wire::Udp).await;
        let second = Provider::of(&server, Wire::Udp).await;
        make(&server, trunk("First", first.address(), Wire::Udp)).await;
        make(&server, trunk("Second", second.address(), Wire::Udp)).await;
        let mut caller = calls_out(&server, &ada, OUTSIDE).await;
        first.is_called().await.says(status, "").await;
        if next {
            let mut far = second.is_called().await;
            far.says(180, "").await;
            let _ = caller.is_answered(180).await;
            // It rang, so another trunk would ring there again.
            far.says(480, "").await;
            let _ = caller.is_answered(480).await;
            assert_eq!(way(&record(&ada).await)[1], json!("Second"));
        } else {
            let _ = caller.is_answered(told).await;
            assert!(second.is_left_alone().await, "{status}");
            assert_eq!(
                way(&record(&ada).await),
                [
                    json!("OUTBOUND_CALL"),
                    json!("First"),
                    json!(ada.number),
                    json!(told)
                ]
            );
        }
    }
}

#[tokio::test]
async fn what_the_last_provider_says_of_the_number_is_told_to_the_caller() {
    // What says nothing of the number means no more than that the trunk does not work.
    for (status, told) in [(404, 404), (410, 410), (484, 484), (403, 503), (500, 503)] {
        let server = serve().await;
        let ada = server.portsip().user("ada").await;
        let provider = Provider::of(&server, Wire::Udp).await;
        make(&server, trunk("Only", provider.address(), Wire::Udp)).await;
        let mut caller = calls_out(&server, &ada, OUTSIDE).await;
        provider.is_called().await.says(status, "").await;
        let _ = caller.is_answered(told).await;
        assert_eq!(way(&record(&ada).await)[3], json!(told));
    }
}

#[tokio::test]
async fn a_provider_that_is_silent_is_given_up() {
    let server = serve().await;
    let ada = server.portsip().user("ada").await;
    let (silent, good) = (
        Provider::of(&server, Wire::Udp).await,
        Provider::of(&server, Wire::Udp).await,
    );
    let gone = Provider::of(&server, Wire::Tcp).await.address();
    make(&server, trunk("Silent", silent.address(), Wire::Udp)).await;
    make(&server, trunk("Gone", gone, Wire::Tcp)).await;
    make(
        &server,
        trunk("Nowhere", gone, Wire::Udp).with("hostname", "nowhere.invalid"),
    )
    .await;
    make(&server, trunk("Good", good.address(), Wire::Udp)).await;
    let mut caller = calls_out(&server, &ada, OUTSIDE).await;
    let mut far = good.is_called().await;
    far.says(200, ANSWER).await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    far.is_hung_up().await;
    assert_eq!(way(&record(&ada).await)[1], json!("Good"));
}

#[tokio::test]
async fn the_caller_id_is_the_one_that_was_chosen() {
    let server = serve().await;
    let admin = server.portsip().admin().await;
    let ada = server.portsip().user("ada").await;
    let first = Provider::of(&server, Wire::Udp).await;
    let address = first.address();
    let id = make(
        &server,
        trunk("Carrier", address, Wire::Udp).with("username", "acct"),
    )
    .await;
    let shown = json!([{"provider_id": id, "caller_id": "+49 30 177", "preferred": true}]);
    let path = format!("/users/{}", ada.id);
    admin
        .post(&path, json!({"outbound_caller_ids": shown}))
        .await
        .changed();
    let mut caller = calls_out(&server, &ada, OUTSIDE).await;
    let mut far = first.is_called().await;
    assert!(
        header(far.invite(), "From").starts_with("<sip:+4930177@127.0.0.2>"),
        "{}",
        far.invite()
    );
    far.says(486, "").await;
    let _ = caller.is_answered(486).await;
    let _ = far.phone.until("ACK ").await;
    assert_eq!(way(&record(&ada).await)[2], json!("+4930177"));
    // Anonymously, another; the provider is told whose call it is.
    let ben = server.portsip().user("ben").await;
    let path = format!("/users/{}", ben.id);
    admin
        .post(&path, json!({"anonymous_outbound_calls": true}))
        .await
        .changed();
    let mut caller = calls_out(&server, &ben, OUTSIDE).await;
    let mut far = Side::is_rung(far.phone).await;
    let invite = far.invite().to_owned();
    assert!(
        header(&invite, "From").starts_with("\"Anonymous\" <sip:anonymous@anonymous.invalid>"),
        "{invite}"
    );
    assert_eq!(header(&invite, "Privacy"), "id");
    assert_eq!(header(&invite, "P-Asserted-Identity"), "<sip:acct@127.0.0.2>");
    assert!(!invite.contains(&ben.number), "{invite}");
    far.says(200, ANSWER).await;
    let _ = caller.is_answered(200).await;
    far.hangs_up().await;
    caller.is_hung_up().await;
    assert_eq!(way(&record(&ben).await)[1..3], [json!("Carrier"), json!(null)]);
}

#[tokio::test]
async fn a_trunk_takes_no_more_calls_than_it_may() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let provider = Provider::of(&server, Wire::Udp).await;
    make(
        &server,
        trunk("Carrier", provider.address(), Wire::Udp).with("concurrency", 1),
    )
    .await;
    let mut caller = calls_out(&server, &ada, OUTSIDE).await;
    let mut far = provider.is_called().await;
    far.takes(ANSWER).await;
    let _ = caller.is_answered(200).await;
    let mut second = calls_out(&server, &ben, OUTSIDE).await;
    let _ = second.is_answered(503).await;
    // Help is called all the same.
    let mut help = calls_out(&server, &ben, "112").await;
    let mut far_help = Side::is_rung(far.phone).await;
    assert!(
        far_help.invite().starts_with("INVITE sip:112@127.0.0.2"),
        "{}",
        far_help.invite()
    );
    far_help.says(200, ANSWER).await;
    let _ = help.is_answered(200).await;
    help.hangs_up().await;
    far_help.is_hung_up().await;
}

#[tokio::test]
async fn help_is_called_by_who_may_not_call_out() {
    let server = serve().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let _ = admin
        .post("/roles", json!({"name": "Mute", "permissions": {}}))
        .await
        .is(201);
    let ada = portsip.user_as("ada", "Mute").await;
    let (dead, provider) = (
        Provider::of(&server, Wire::Udp).await,
        Provider::of(&server, Wire::Tcp).await,
    );
    make(&server, trunk("First", dead.address(), Wire::Udp)).await;
    make(&server, trunk("Second", provider.address(), Wire::Tcp)).await;
    let mut caller = calls_out(&server, &ada, OUTSIDE).await;
    let _ = caller.is_answered(403).await;
    let path = format!("/users/{}", ada.id);
    admin
        .post(&path, json!({"enabled": false, "anonymous_outbound_calls": true}))
        .await
        .changed();
    let mut caller = calls_out(&server, &ada, "112").await;
    dead.is_called().await.says(503, "").await;
    let mut far = provider.is_called().await;
    assert!(
        far.invite().starts_with("INVITE sip:112@127.0.0.2"),
        "{}",
        far.invite()
    );
    assert_eq!(header(far.invite(), "Privacy"), "");
    far.says(200, ANSWER).await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    far.is_hung_up().await;
}

#[tokio::test]
async fn a_forward_leads_outside_and_a_caller_who_gives_up_is_heard_there() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben] = portsip.users(["ada", "ben"]).await;
    let rule = json!({"action": "FORWARD_TO_NUMBER", "number": OUTSIDE});
    let rules =
        json!({"offline_office_hours_forward_rule": rule, "offline_non_office_hours_forward_rule": rule});
    portsip
        .admin()
        .await
        .post(&format!("/users/{}", ben.id), rules)
        .await
        .changed();
    let provider = Provider::of(&server, Wire::Udp).await;
    make(&server, trunk("Carrier", provider.address(), Wire::Udp)).await;
    let mut caller = calls_out(&server, &ada, &ben.number).await;
    let mut far = provider.is_called().await;
    far.says(180, "").await;
    let _ = caller.is_answered(180).await;
    caller.cancel().await;
    far.is_cancelled().await;
    let _ = caller.is_answered(487).await;
    assert_eq!(
        way(&record(&ada).await)[..2],
        [json!("OUTBOUND_CALL"), json!("Carrier")]
    );
}
