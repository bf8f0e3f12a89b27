//! Lamps of telephones that ring with others, and calls that are picked up from a lamp.

use jackfield_testkit::{
    Draft, Person, SipOptions, TestServer,
    sip::{Link, MediaEngine, Phone, Provider, Side, Told, Watcher, Wire},
};
use serde_json::{Value, json};

use super::{
    calls::{ANSWER, record, registered},
    media::{MUSIC, queue},
    replaces::{CALLER, HERE, replaces},
    serve, serve_with,
    trunks::{make, trunk},
    trunks_in::{comes, wanted},
    watching::watching,
};

/// A ring group with members; gives its id.
pub(super) async fn group(server: &TestServer, strategy: &str, members: &[&Person]) -> String {
    let admin = server.portsip().admin().await;
    let draft = Draft::ring_group("Sales", "6001").with("ring_strategy", strategy);
    let id = admin.post("/ring_groups", draft).await.made();
    let items: Vec<Value> = members
        .iter()
        .map(|member| json!({"extension_number": member.number}))
        .collect();
    admin
        .post(&format!("/ring_groups/{id}/agents"), json!({"items": items}))
        .await
        .changed();
    id
}

async fn lamp(server: &TestServer, person: &Person, of: &Person) -> Watcher {
    watching(server, person, Wire::Udp, &of.number, "dialog").await
}

/// The header with which a telephone picks up what a lamp shows. Some take the tag of the telephone that rings for theirs.
fn naming(told: &Told, swapped: bool) -> String {
    let attribute = |name: &str| {
        let value = told.first(&format!("{name}=\""), "\"");
        assert!(value.len() >= 16, "{}", told.text);
        value.to_owned()
    };
    let (local, remote) = (attribute("local-tag"), attribute("remote-tag"));
    let (to, from) = if swapped { (remote, local) } else { (local, remote) };
    let call_id = attribute("call-id");
    format!("Replaces: {call_id};to-tag={to};from-tag={from};early-only\r\n")
}

#[tokio::test]
async fn a_call_of_a_ring_group_is_picked_up_from_the_lamp_of_a_member() {
    for swapped in [false, true] {
        let server = serve().await;
        let portsip = server.portsip();
        let [ada, ben, carl, dora] = portsip.users(["ada", "ben", "carl", "dora"]).await;
        group(&server, "RING_SIMULTANEOUSLY", &[&ben, &carl, &dora]).await;
        let (ben_phone, dora_phone) = (
            registered(&server, &ben, Wire::Udp).await,
            registered(&server, &dora, Wire::Udp).await,
        );
        let mut of_ben = lamp(&server, &carl, &ben).await;
        let mut of_dora = lamp(&server, &carl, &dora).await;
        let mut of_carl = lamp(&server, &ada, &carl).await;
        let phone = Phone::of(&server, &ada, Wire::Udp).await;
        let mut caller = Side::calls(phone, "6001", CALLER).await;
        let mut first = Side::is_rung(ben_phone).await;
        let mut second = Side::is_rung(dora_phone).await;
        first.says(180, "").await;
        let _ = caller.is_answered(180).await;
        let told = of_ben.is_told().await;
        let rings = [("recipient", "early", ada.number.as_str())];
        assert_eq!(told.calls(), rings);
        let own = format!("<local><identity>sip:{}@", ben.number);
        assert!(told.body().contains(&own), "{}", told.text);
        // Who knows the dialog that rings could speak for its telephone.
        let real = super::trunks::header(first.invite(), "Call-ID");
        assert!(!told.text.contains(real), "{}", told.text);
        second.says(180, "").await;
        assert_eq!(of_dora.is_told().await.calls(), rings);
        // One of them declines for himself; the other rings on.
        second.says(486, "").await;
        let _ = second.phone.until("ACK ").await;
        let over = [("recipient", "terminated", ada.number.as_str())];
        assert_eq!(of_dora.is_told().await.calls(), over);
        assert!(of_ben.is_left_alone().await);

        let mut picker = replaces(&server, &carl, &naming(&told, swapped)).await;
        let _ = picker.is_answered(200).await;
        let asked = picker.is_asked(HERE).await;
        assert!(asked.contains("s=offer\r\n"), "{asked}");
        first.is_cancelled().await;
        let answer = caller.is_answered(200).await;
        assert!(answer.contains("s=here\r\n"), "{answer}");
        assert_eq!(of_ben.is_told().await.calls(), over);
        assert_eq!(
            of_carl.is_told().await.calls(),
            [("recipient", "confirmed", ada.number.as_str())]
        );
        caller.hangs_up().await;
        picker.is_hung_up().await;
        let found = record(&ada).await;
        assert_eq!(
            (&found["callee"], &found["service_number"], &found["status_code"]),
            (&json!(carl.number), &json!("6001"), &json!(200))
        );
        // What the lamp named is not there any more.
        let mut late = replaces(&server, &carl, &naming(&told, swapped)).await;
        let _ = late.is_answered(481).await;
    }
}

#[tokio::test]
async fn a_lamp_names_the_call_that_rings_at_an_extension_and_its_user_alone_picks_that_up() {
    let server = serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    let mut of_ben = lamp(&server, &carl, &ben).await;
    let phone = Phone::of(&server, &ada, Wire::Udp).await;
    let mut caller = Side::calls(phone, &ben.number, CALLER).await;
    let mut rings = Side::is_rung(ben_phone).await;
    rings.says(180, "").await;
    let _ = caller.is_answered(180).await;
    let told = of_ben.is_told().await;
    assert_eq!(told.calls(), [("recipient", "early", ada.number.as_str())]);
    let named = naming(&told, false);
    let foreign = server.portsip().company("foreign.test").await.admin;
    for person in [&carl, &foreign] {
        let mut stranger = replaces(&server, person, &named).await;
        let _ = stranger.is_answered(481).await;
    }
    let mut elsewhere = replaces(&server, &ben, &named).await;
    let _ = elsewhere.is_answered(200).await;
    let _ = elsewhere.is_asked(HERE).await;
    rings.is_cancelled().await;
    let _ = caller.is_answered(200).await;
    // A call that is spoken is not named: it is not to be picked up.
    let told = of_ben.is_told().await;
    assert_eq!(told.calls(), [("recipient", "confirmed", ada.number.as_str())]);
    assert!(!told.body().contains("call-id="), "{}", told.text);
    caller.hangs_up().await;
    elsewhere.is_hung_up().await;
}

#[tokio::test]
async fn who_has_left_a_ring_group_is_not_relieved_of_its_call() {
    let server = serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let id = group(&server, "PRIORITIZED_HUNT", &[&ben, &carl]).await;
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    let mut of_ben = lamp(&server, &carl, &ben).await;
    let phone = Phone::of(&server, &ada, Wire::Udp).await;
    let mut caller = Side::calls(phone, "6001", CALLER).await;
    let mut rings = Side::is_rung(ben_phone).await;
    rings.says(180, "").await;
    let _ = caller.is_answered(180).await;
    let named = naming(&of_ben.is_told().await, false);
    let admin = server.portsip().admin().await;
    let members = json!({"items": [{"extension_number": carl.number}]});
    let path = format!("/ring_groups/{id}");
    admin.post(&format!("{path}/agents"), members).await.changed();
    let mut picker = replaces(&server, &carl, &named).await;
    let _ = picker.is_answered(481).await;
    // His own is his all the same.
    let mut own = replaces(&server, &ben, &named).await;
    let _ = own.is_answered(200).await;
    let _ = own.is_asked(HERE).await;
    rings.is_cancelled().await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    own.is_hung_up().await;
}

#[tokio::test]
async fn who_hears_the_music_of_a_queue_is_picked_up_too() {
    let engine = MediaEngine::start(Wire::Udp).await;
    let server = serve_with(engine.options()).await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    queue(&server, Draft::call_queue("Support", "6000"), &[&ben, &carl]).await;
    let mut of_ben = lamp(&server, &carl, &ben).await;
    let phone = Phone::of(&server, &ada, Wire::Udp).await;
    let mut caller = Side::calls(phone, "6000", CALLER).await;
    let mut music = Side::is_rung(engine.listens(&server).await).await;
    music.says(200, MUSIC).await;
    let _ = caller.is_answered(200).await;
    let _ = music.phone.until("ACK ").await;
    caller.settles().await;
    let mut agent = Side::is_rung(ben_phone).await;
    agent.says(180, "").await;
    let told = of_ben.is_told().await;
    assert_eq!(told.calls(), [("recipient", "early", ada.number.as_str())]);
    let mut picker = replaces(&server, &carl, &naming(&told, false)).await;
    let _ = picker.is_answered(200).await;
    let asked = picker.is_asked(HERE).await;
    assert!(asked.contains("s=offer\r\n"), "{asked}");
    agent.is_cancelled().await;
    let asked = caller.is_asked(CALLER).await;
    assert!(asked.contains("s=here\r\n"), "{asked}");
    music.is_hung_up().await;
    picker.hangs_up().await;
    caller.is_hung_up().await;
    assert_eq!(record(&ada).await["callee"], carl.number);
}

#[tokio::test]
async fn the_lamp_of_a_member_does_not_tell_everybody_who_calls_from_outside() {
    let server = serve().await;
    let portsip = server.portsip();
    let (admin, [ben, carl]) = (portsip.admin().await, portsip.users(["ben", "carl"]).await);
    group(&server, "RING_SIMULTANEOUSLY", &[&ben]).await;
    let provider = Provider::of(&server, Wire::Udp).await;
    let draft = trunk("Carrier", provider.address(), Wire::Udp).with("did_numbers", "6001");
    make(&server, draft).await;
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    let mut of_carl = lamp(&server, &carl, &ben).await;
    let mut of_admin = lamp(&server, &admin, &ben).await;
    let mut caller = comes(provider.speaks().await, wanted("6001")).await;
    let mut rings = Side::is_rung(ben_phone).await;
    rings.says(180, "").await;
    assert_eq!(of_carl.is_told().await.calls(), [("recipient", "early", "")]);
    let shown = [("recipient", "early", "+41446681800")];
    assert_eq!(of_admin.is_told().await.calls(), shown);
    rings.says(200, ANSWER).await;
    assert!(caller.is_answered(200).await.ends_with(ANSWER));
    let _ = rings.phone.until("ACK ").await;
    caller.hangs_up().await;
    rings.is_hung_up().await;
}

#[tokio::test]
async fn a_lamp_of_another_process_shows_a_call_of_a_ring_group_when_it_is_answered() {
    let server = serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    group(&server, "RING_SIMULTANEOUSLY", &[&ben]).await;
    let beside = server.beside(Some(SipOptions::default())).await;
    let link = Link::open(Wire::Udp, beside.sip(Wire::Udp)).await;
    let phone = Phone::new(link, &carl.number, carl.domain.as_deref().unwrap());
    let mut lamp = Watcher::new(phone, &ben.number, "dialog");
    let _ = lamp.asks(600).await.is(200);
    assert_eq!(lamp.is_told().await.calls(), []);
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    let phone = Phone::of(&server, &ada, Wire::Udp).await;
    let mut caller = Side::calls(phone, "6001", CALLER).await;
    let mut rings = Side::is_rung(ben_phone).await;
    rings.says(180, "").await;
    let _ = caller.is_answered(180).await;
    assert!(lamp.is_left_alone().await);
    rings.says(200, ANSWER).await;
    let _ = caller.is_answered(200).await;
    let _ = rings.phone.until("ACK ").await;
    assert_eq!(
        lamp.is_told().await.calls(),
        [("recipient", "confirmed", ada.number.as_str())]
    );
    caller.hangs_up().await;
    rings.is_hung_up().await;
    drop(beside);
}
