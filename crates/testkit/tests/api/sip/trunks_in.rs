//! Calls from the world, sent by providers of our own.

use jackfield_testkit::{
    Draft, Person, TestServer,
    sip::{Link, Phone, Provider, Side, Wire},
};
use serde_json::{Value, json};

use super::{
    calls::{record, registered},
    serve,
    trunks::{ANSWER, OFFER, header, make, trunk},
};

const CALLER: &str = "sip:+41446681800@carrier.test";

/// Who calls, and for what.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    target: &'a str,
    to: &'a str,
    from: &'a str,
}

/// A call for a number, as the server has it on its own address.
pub(super) fn wanted(target: &str) -> Wanted<'_> {
    Wanted {
        target,
        to: "sip:somebody@carrier.test",
        from: CALLER,
    }
}

/// Calls until the server knows the provider: a trunk that was made a moment ago is known a moment later.
pub(super) async fn comes(mut phone: Phone, wanted: Wanted<'_>) -> Side {
    let mut attempts = 0;
    loop {
        let target = format!("sip:{}@127.0.0.1", wanted.target);
        let mut side = Side::comes(phone, &target, wanted.to, wanted.from, OFFER).await;
        if !side.is_challenged().await {
            return side;
        }
        attempts += 1;
        assert!(attempts < 200, "the server does not know the provider");
        phone = side.phone;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// A user whose extension is a number of the world.
pub(super) async fn numbered(server: &TestServer, name: &str, number: &str) -> Person {
    let portsip = server.portsip();
    portsip
        .employ(portsip.home().await, Draft::user(name, number))
        .await
}

fn way(record: &Value) -> [Value; 5] {
    ["direction", "trunk", "did_cid", "caller", "status_code"].map(|name| record[name].clone())
}

#[tokio::test]
async fn a_call_comes_in_over_a_trunk_and_either_side_hangs_up() {
    for (wire, caller_ends) in [(Wire::Udp, true), (Wire::Tcp, false)] {
        let server = serve().await;
        let ben = numbered(&server, "ben", "4930100").await;
        let desk = registered(&server, &ben, Wire::Udp).await;
        let provider = Provider::of(&server, wire).await;
        let draft = trunk("Carrier", provider.address(), wire).with("did_numbers", "4930100-4930199");
        make(&server, draft).await;
        let mut caller = comes(provider.speaks().await, wanted("+4930100")).await;
        let mut desk = Side::is_rung(desk).await;
        let invite = desk.invite().to_owned();
        assert!(
            header(&invite, "From").starts_with("<sip:+41446681800@home.test>"),
            "{invite}"
        );
        assert!(invite.ends_with(OFFER), "{invite}");
        desk.says(180, "").await;
        let _ = caller.is_answered(180).await;
        desk.says(200, ANSWER).await;
        assert!(caller.is_answered(200).await.ends_with(ANSWER));
        let _ = desk.phone.until("ACK ").await;
        assert_eq!(ben.get("/user/status").await.is(200)["status"], "ON_CALL");
        if caller_ends {
            caller.hangs_up().await;
            desk.is_hung_up().await;
        } else {
            desk.hangs_up().await;
            caller.is_hung_up().await;
        }
        assert_eq!(
            way(&record(&ben).await),
            [
                json!("INBOUND_CALL"),
                json!("Carrier"),
                json!("4930100"),
                json!("+41446681800"),
                json!(200)
            ]
        );
    }
}

#[tokio::test]
async fn the_number_is_where_the_provider_puts_it_and_as_it_writes_it() {
    let server = serve().await;
    let ben = numbered(&server, "ben", "4930901820").await;
    let provider = Provider::of(&server, Wire::Udp).await;
    let draft = trunk("Carrier", provider.address(), Wire::Udp).with("did_numbers", "+4930901820");
    make(&server, draft).await;
    let mut phone = provider.speaks().await;
    let mut desk = registered(&server, &ben, Wire::Udp).await;
    for (target, to, from, shown) in [
        (
            "030901820",
            "sip:x@carrier.test",
            "sip:anonymous@anonymous.invalid",
            "<sip:anonymous@anonymous.invalid>",
        ),
        (
            "acct7",
            "sip:+4930901820@carrier.test",
            "sip:%3Cb%0D%0Ac@x",
            "<sip:%3Cbc@home.test>",
        ),
        (
            "004930901820",
            "sip:x@carrier.test",
            "sip:030%201@x",
            "<sip:030%201@home.test>",
        ),
    ] {
        let mut caller = comes(phone, Wanted { target, to, from }).await;
        let mut rung = Side::is_rung(desk).await;
        assert!(
            header(rung.invite(), "From").starts_with(shown),
            "{}",
            rung.invite()
        );
        rung.says(486, "").await;
        let _ = rung.phone.until("ACK ").await;
        let _ = caller.is_answered(480).await;
        (phone, desk) = (caller.phone, rung.phone);
    }
}

#[tokio::test]
async fn a_call_goes_to_a_ring_group_and_out_again() {
    let server = serve().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let [ben, carl] = portsip.users(["ben", "carl"]).await;
    let group = Draft::ring_group("Sales", "493040").json();
    let group = admin.post("/ring_groups", group).await.made();
    let list = json!({"items": [{"extension_number": ben.number}, {"extension_number": carl.number}]});
    admin
        .post(&format!("/ring_groups/{group}/agents"), list)
        .await
        .changed();
    let provider = Provider::of(&server, Wire::Udp).await;
    let back = Provider::of(&server, Wire::Udp).await;
    let draft =
        trunk("In", provider.address(), Wire::Udp).with("did_numbers", format!("493040;{}", ben.number));
    make(&server, draft).await;
    let (first, second) = (
        registered(&server, &ben, Wire::Udp).await,
        registered(&server, &carl, Wire::Udp).await,
    );
    let mut caller = comes(provider.speaks().await, wanted("493040")).await;
    let mut first = Side::is_rung(first).await;
    first.says(180, "").await;
    let mut second = Side::is_rung(second).await;
    second.takes(ANSWER).await;
    first.is_cancelled().await;
    let _ = caller.is_answered(200).await;
    second.hangs_up().await;
    caller.is_hung_up().await;
    let kept = record(&carl).await;
    assert_eq!(
        (&kept["service_number"], &kept["trunk"]),
        (&json!("493040"), &json!("In"))
    );
    // A rule of his sends it out again, over the other trunk.
    let rule = json!({"action": "FORWARD_TO_NUMBER", "number": "030901820"});
    let rules =
        json!({"available_office_hours_forward_rule": rule, "available_non_office_hours_forward_rule": rule});
    admin.post(&format!("/users/{}", ben.id), rules).await.changed();
    make(&server, trunk("Out", back.address(), Wire::Udp)).await;
    let mut caller = comes(caller.phone, wanted(&ben.number)).await;
    // The first trunk leads nowhere: its provider is the one that calls.
    let mut refused = Side::is_rung(caller.phone).await;
    refused.says(503, "").await;
    caller.phone = refused.phone;
    let mut far = back.is_called().await;
    far.says(200, ANSWER).await;
    let _ = caller.is_answered(200).await;
    far.hangs_up().await;
    caller.is_hung_up().await;
}

#[tokio::test]
async fn who_only_says_that_he_is_a_provider_has_to_prove_himself() {
    let server = serve().await;
    let ben = numbered(&server, "ben", "4930100").await;
    let _desk = registered(&server, &ben, Wire::Udp).await;
    let provider = Provider::of(&server, Wire::Udp).await;
    let stranger = Provider::of(&server, Wire::Udp).await;
    let draft = trunk("Carrier", provider.address(), Wire::Udp)
        .with("did_numbers", "4930100")
        .with("username", "acct")
        .with("password", "s3cret");
    let id = make(&server, draft).await;
    // It is known by now.
    let mut caller = comes(provider.speaks().await, wanted("9999")).await;
    let _ = caller.is_answered(404).await;
    let phone = Phone::new(
        Link::open(Wire::Udp, server.sip(Wire::Udp)).await,
        "acct",
        "127.0.0.2",
    );
    for phone in [phone, stranger.speaks().await] {
        let mut side = Side::comes(
            phone,
            "sip:4930100@127.0.0.1",
            "sip:4930100@home.test",
            "sip:acct@127.0.0.2",
            OFFER,
        )
        .await;
        assert!(side.is_challenged().await);
    }
    // Nor does it help to have been one.
    let admin = server.portsip().admin().await;
    admin
        .post(&format!("/providers/{id}"), json!({"enabled": false}))
        .await
        .changed();
    for attempt in 0.. {
        assert!(attempt < 200, "a disabled trunk is still known");
        let mut side = Side::comes(
            caller.phone,
            "sip:9999@127.0.0.1",
            "sip:9999@home.test",
            CALLER,
            OFFER,
        )
        .await;
        let challenged = side.is_challenged().await;
        caller = side;
        if challenged {
            break;
        }
        // Known for a moment yet, and the plan refuses what the directory says is disabled.
        let _ = caller.is_answered(403).await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn tenants_with_one_provider_are_not_confused() {
    let server = serve().await;
    let portsip = server.portsip();
    let ben = numbered(&server, "ben", "4930100").await;
    let other = portsip.company("other.test").await;
    let eve = portsip.employ(&other, Draft::user("eve", "4940100")).await;
    let provider = Provider::of(&server, Wire::Udp).await;
    let draft = trunk("Carrier", provider.address(), Wire::Udp);
    let home = portsip.admin().await;
    home.post("/providers", draft.clone().with("did_numbers", "4930100;5000"))
        .await
        .created();
    other
        .admin
        .post("/providers", draft.with("did_numbers", "4940100;5000"))
        .await
        .created();
    let (first, second) = (
        registered(&server, &ben, Wire::Udp).await,
        registered(&server, &eve, Wire::Udp).await,
    );
    let mut phone = provider.speaks().await;
    for (number, desk) in [("4930100", first), ("4940100", second)] {
        let mut caller = comes(phone, wanted(number)).await;
        let mut desk = Side::is_rung(desk).await;
        desk.says(486, "").await;
        let _ = caller.is_answered(480).await;
        phone = caller.phone;
    }
    assert_eq!(way(&record(&ben).await)[2], json!("4930100"));
    assert_eq!(way(&record(&eve).await)[2], json!("4940100"));
    // Of both, and of none.
    for number in ["5000", "6000"] {
        let mut caller = comes(phone, wanted(number)).await;
        let _ = caller.is_answered(404).await;
        phone = caller.phone;
    }
}

#[tokio::test]
async fn calls_that_come_in_count_for_their_trunk() {
    let server = serve().await;
    let ben = numbered(&server, "ben", "4930100").await;
    let carl = numbered(&server, "carl", "4930101").await;
    let desks = [
        registered(&server, &ben, Wire::Udp).await,
        registered(&server, &carl, Wire::Udp).await,
    ];
    let provider = Provider::of(&server, Wire::Udp).await;
    let draft = trunk("Carrier", provider.address(), Wire::Udp)
        .with("did_numbers", "4930100-4930199")
        .with("concurrency", 1);
    make(&server, draft).await;
    let mut caller = comes(provider.speaks().await, wanted("4930100")).await;
    let [first, mut second] = desks;
    let mut first = Side::is_rung(first).await;
    first.takes(ANSWER).await;
    let _ = caller.is_answered(200).await;
    caller.settles().await;
    let other = Side::comes(
        caller.phone,
        "sip:4930101@127.0.0.1",
        "sip:4930101@carrier.test",
        CALLER,
        OFFER,
    );
    let mut refused = other.await;
    let _ = refused.is_answered(503).await;
    assert!(second.hears_no("INVITE ").await);
}

/// No tag in `From`, no branch, and nobody says how long the body is (RFC 2543, RFC 4475 §3.4.1).
#[tokio::test]
async fn a_provider_of_the_old_standard_is_understood() {
    let server = serve().await;
    let ben = numbered(&server, "ben", "4930100").await;
    let desk = registered(&server, &ben, Wire::Udp).await;
    let provider = Provider::of(&server, Wire::Udp).await;
    let draft = trunk("Carrier", provider.address(), Wire::Udp).with("did_numbers", "4930100");
    make(&server, draft).await;
    // It is known by now.
    let mut known = comes(provider.speaks().await, wanted("9999")).await;
    let _ = known.is_answered(404).await;
    let mut phone = known.phone;
    let (local, from) = (phone.link.local(), "<sip:+41446681800@carrier.test;user=phone>");
    let says = |line: &str, to: &str, number: &str| {
        format!(
            "{line} SIP/2.0\r\nVia: SIP/2.0/UDP {local};rport\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: old\r\nCSeq: {number}\r\n\
             Contact: <sip:old@{local}>\r\n"
        )
    };
    let invite = says(
        "INVITE sip:4930100@127.0.0.1",
        "sip:4930100@carrier.test",
        "1 INVITE",
    );
    let invite = format!("{invite}Content-Type: application/sdp\r\n\r\n{OFFER}");
    phone.link.send(invite.as_bytes()).await;
    let mut desk = Side::is_rung(desk).await;
    assert!(desk.invite().ends_with(OFFER), "{}", desk.invite());
    desk.says(180, "").await;
    desk.says(200, ANSWER).await;
    let answer = phone.until("SIP/2.0 200").await;
    assert_eq!(header(&answer, "From"), from, "{answer}");
    let to = header(&answer, "To").to_owned();
    assert!(to.contains(";tag="), "{answer}");
    let ack = format!("{}\r\n", says("ACK sip:4930100@127.0.0.1", &to, "1 ACK"));
    phone.link.send(ack.as_bytes()).await;
    let _ = desk.phone.until("ACK ").await;
    desk.hangs_up().await;
    let bye = phone.until("BYE ").await;
    assert_eq!(
        (header(&bye, "From"), header(&bye, "To")),
        (to.as_str(), from),
        "{bye}"
    );
    phone.replies(&bye, 200, "").await;
    assert_eq!(record(&ben).await["end_reason"], "CALLEE_DISCONNECTED");
}
