//! What a caller hears before anybody answers: the descriptions of called sides that ring.

use jackfield_testkit::sip::{Phone, Provider, Side, Wire};

use super::{
    calls::{ANSWER, OFFER, record, registered, rings},
    serve,
    trunks::{calls_out, make, trunk},
};

const OTHER: &str = "v=0\r\no=- 3 3 IN IP4 192.0.2.3\r\ns=other\r\n";

#[tokio::test]
async fn what_a_telephone_says_before_it_answers_is_heard() {
    for status in [183, 180] {
        let server = serve().await;
        let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
        let (mut caller, mut other) = rings(&server, (&ada, OFFER), &ben).await;
        other.says(180, "").await;
        let bare = caller.is_answered(180).await;
        assert!(bare.contains("Content-Length: 0\r\n"), "{bare}");
        other.says(status, ANSWER).await;
        let early = loop {
            let early = caller.is_answered(status).await;
            // What it says with 180 is the same as before, until it has a body.
            if !early.contains("Content-Length: 0\r\n") {
                break early;
            }
        };
        assert!(early.ends_with(ANSWER), "{early}");
        assert!(early.contains("Content-Type: application/sdp\r\n"), "{early}");
        other.says(200, ANSWER).await;
        let answer = caller.is_answered(200).await;
        assert!(answer.ends_with(ANSWER), "{answer}");
        let _ = other.phone.until("ACK ").await;
        assert!(
            caller.phone.hears_no("INVITE ").await,
            "he is asked again without need"
        );
        caller.hangs_up().await;
        other.is_hung_up().await;
        assert_eq!(record(&ada).await["status_code"], 200);
    }
}

#[tokio::test]
async fn an_answer_without_a_description_is_that_of_before() {
    for wire in [Wire::Udp, Wire::Tcp] {
        let server = serve().await;
        let ada = server.portsip().user("ada").await;
        let provider = Provider::of(&server, wire).await;
        make(&server, trunk("Carrier", provider.address(), wire)).await;
        let mut caller = calls_out(&server, &ada, "030901820").await;
        let mut far = provider.is_called().await;
        far.says(183, ANSWER).await;
        assert!(caller.is_answered(183).await.ends_with(ANSWER));
        far.says(200, "").await;
        let answer = caller.is_answered(200).await;
        assert!(answer.ends_with(ANSWER), "{answer}");
        let _ = far.phone.until("ACK ").await;
        caller.settles().await;
        // And it is what the side is known by, when it is transferred for example.
        caller.send("INVITE", OFFER, None).await;
        let asked = far.phone.until("INVITE ").await;
        far.answers(&asked, 200, ANSWER).await;
        assert!(caller.is_answered(200).await.ends_with(ANSWER));
        let _ = far.phone.until("ACK ").await;
        caller.hangs_up().await;
        far.is_hung_up().await;
    }
}

#[tokio::test]
async fn of_several_the_first_is_heard_and_who_answers_is_heard_then() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let desk = registered(&server, &ben, Wire::Udp).await;
    let mobile = registered(&server, &ben, Wire::Tcp).await;
    let phone = Phone::of(&server, &ada, Wire::Udp).await;
    let mut caller = Side::calls(phone, &ben.number, OFFER).await;
    let (mut desk, mut mobile) = (Side::is_rung(desk).await, Side::is_rung(mobile).await);
    desk.says(183, ANSWER).await;
    assert!(caller.is_answered(183).await.ends_with(ANSWER));
    mobile.says(183, OTHER).await;
    assert!(caller.phone.hears_no("SIP/2.0 183").await);
    mobile.says(200, OTHER).await;
    let cancel = desk.phone.until("CANCEL ").await;
    desk.answers(&cancel, 200, "").await;
    desk.says(487, "").await;
    let answer = caller.is_answered(200).await;
    assert!(answer.ends_with(ANSWER), "a dialog has one answer: {answer}");
    // The origin stays, and its number counts.
    let asked = caller.is_asked(OFFER).await;
    assert!(asked.contains("o=- 2 3 IN IP4 192.0.2.2\r\n"), "{asked}");
    assert!(asked.ends_with("s=other\r\n"), "{asked}");
    let _ = mobile.phone.until("ACK ").await;
    assert!(mobile.phone.hears_no("INVITE ").await, "he knows the caller");
    caller.hangs_up().await;
    mobile.is_hung_up().await;
}

#[tokio::test]
async fn who_called_without_a_description_hears_it_with_the_answer() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let (mut caller, mut other) = rings(&server, (&ada, ""), &ben).await;
    other.says(183, ANSWER).await;
    let ringing = caller.is_answered(180).await;
    assert!(ringing.contains("Content-Length: 0\r\n"), "{ringing}");
    other.says(200, ANSWER).await;
    let answer = caller.is_answered_and_says(200, OFFER).await;
    assert!(answer.ends_with(ANSWER), "{answer}");
    let _ = other.phone.until("ACK ").await;
    caller.hangs_up().await;
    other.is_hung_up().await;
}
