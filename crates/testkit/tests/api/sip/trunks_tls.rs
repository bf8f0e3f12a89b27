//! Trunks over connections: what ends them, and whom they trust. The authority of the providers is one that browsers do not know.

use jackfield_testkit::{
    SipOptions, TestServer,
    sip::{Digest, Provider, Side, Wire},
};
use serde_json::json;

use super::{
    calls::{record, registered},
    serve, serve_with,
    trunks::{ANSWER, OUTSIDE, calls_out, challenge, header, make, trunk, way},
    trunks_in::{comes, numbered, wanted},
    trunks_registered::{account, is_told},
};

/// A server that believes the authority of the providers.
async fn believing() -> TestServer {
    serve_with(SipOptions {
        carriers: true,
        ..SipOptions::default()
    })
    .await
}

/// An odd request of a provider does not end the connection that the call goes over.
async fn says_something_odd(far: &mut Side) {
    let odd = far.invite().replace("INVITE", "NEWMETHOD");
    far.phone.link.send(odd.as_bytes()).await;
    let refused = far.phone.until("SIP/2.0 405").await;
    assert!(header(&refused, "Allow").contains("INVITE"), "{refused}");
}

#[tokio::test]
async fn a_connection_to_a_provider_outlives_odd_requests() {
    let server = serve().await;
    let ada = server.portsip().user("ada").await;
    let provider = Provider::of(&server, Wire::Tcp).await;
    make(&server, trunk("Carrier", provider.address(), Wire::Tcp)).await;
    let mut caller = calls_out(&server, &ada, OUTSIDE).await;
    let mut far = provider.is_called().await;
    says_something_odd(&mut far).await;
    far.takes(ANSWER).await;
    let _ = caller.is_answered(200).await;
    caller.settles().await;
    far.reaches(&mut caller).await;
    caller.hangs_up().await;
    far.is_hung_up().await;
}

#[tokio::test]
async fn a_call_goes_out_over_tls_to_a_provider_with_an_authority_of_its_own() {
    let server = believing().await;
    let ada = server.portsip().user("ada").await;
    let provider = Provider::of(&server, Wire::Tls).await;
    make(&server, trunk("Carrier", provider.address(), Wire::Tls)).await;
    let mut caller = calls_out(&server, &ada, OUTSIDE).await;
    let mut far = provider.is_called().await;
    let invite = far.invite().to_owned();
    // The way of the answer, and of what comes later, is one of ours (RFC 3261 §18.1.1).
    let own = server.sip(Wire::Tls).to_string();
    assert!(
        header(&invite, "Via").starts_with(&format!("SIP/2.0/TLS {own};")),
        "{invite}"
    );
    assert!(header(&invite, "Contact").contains(&own), "{invite}");
    far.takes(ANSWER).await;
    assert!(caller.is_answered(200).await.ends_with(ANSWER));
    caller.settles().await;
    says_something_odd(&mut far).await;
    far.reaches(&mut caller).await;
    caller.hangs_up().await;
    far.is_hung_up().await;
    assert_eq!(
        way(&record(&ada).await)[..2],
        [json!("OUTBOUND_CALL"), json!("Carrier")]
    );
    // And the next one over the same connection.
    let mut caller = calls_out(&server, &ada, OUTSIDE).await;
    let mut far = Side::is_rung(far.phone).await;
    far.says(486, "").await;
    let _ = caller.is_answered(486).await;
}

#[tokio::test]
async fn a_provider_that_nobody_vouches_for_is_not_asked() {
    let server = serve().await;
    let ada = server.portsip().user("ada").await;
    let (doubtful, good) = (
        Provider::of(&server, Wire::Tls).await,
        Provider::of(&server, Wire::Udp).await,
    );
    make(&server, trunk("Doubtful", doubtful.address(), Wire::Tls)).await;
    make(&server, trunk("Good", good.address(), Wire::Udp)).await;
    let mut caller = calls_out(&server, &ada, OUTSIDE).await;
    assert!(doubtful.is_distrusted().await);
    let mut far = good.is_called().await;
    far.says(486, "").await;
    let _ = caller.is_answered(486).await;
    assert_eq!(way(&record(&ada).await)[1], json!("Good"));
}

#[tokio::test]
async fn a_trunk_over_tls_registers_and_is_called_over_what_it_opened() {
    let server = believing().await;
    let admin = server.portsip().admin().await;
    let ben = numbered(&server, "ben", "4930100").await;
    let desk = registered(&server, &ben, Wire::Udp).await;
    let provider = Provider::of(&server, Wire::Tls).await;
    let id = make(&server, account(&provider)).await;
    let mut phone = provider.listens().await;
    let challenge = challenge(Digest::Sha256, "n1");
    let (request, good) = phone.takes_registration(&challenge, "acct", "s3cret", 600).await;
    assert!(good, "{request}");
    assert!(header(&request, "Contact").contains("transport=TLS"), "{request}");
    is_told(&admin, &id, "ONLINE").await;
    let mut caller = comes(phone, wanted("4930100")).await;
    let mut desk = Side::is_rung(desk).await;
    desk.takes(ANSWER).await;
    let _ = caller.is_answered(200).await;
    desk.hangs_up().await;
    caller.is_hung_up().await;
}
