//! What the directory knows of devices, and what ends their bindings.

use std::time::Duration;

use jackfield_testkit::{
    Person, TestServer,
    sip::{Phone, Wire},
};
use serde_json::json;

use super::serve;

/// Whether a person has a device.
async fn online(server: &TestServer, person: &Person) -> bool {
    let admin = server.portsip().admin().await;
    let path = format!("/users/{}/status", person.id);
    admin.get(&path).await.is(200)["status"] == "ONLINE"
}

#[tokio::test]
async fn bindings_outlive_a_restart() {
    let mut server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let _ = phone.register(600).await.is(200);
    server.restart().await;
    assert!(online(&server, &alice).await);
    // The telephone goes on: its challenge is of another process, which it is told, and its numbers go on counting.
    let reply = phone.register(600).await.is(200);
    assert_eq!(reply.headers("Contact").len(), 1);
    phone.cseq -= 1;
    let _ = phone.register(0).await.is(500);
}

#[tokio::test]
async fn a_server_that_stops_writes_down_what_was_renewed() {
    let mut server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let _ = phone.register(600).await.is(200);
    server.clock.advance(Duration::from_mins(5));
    let reply = phone.register(600).await.is(200);
    assert!(
        reply.header("Contact").ends_with(";expires=600"),
        "{}",
        reply.text
    );
    server.restart().await;
    server.clock.advance(Duration::from_secs(599));
    assert!(online(&server, &alice).await);
    server.clock.advance(Duration::from_secs(1));
    assert!(!online(&server, &alice).await);
}

#[tokio::test]
async fn a_device_is_dropped_at_once_and_comes_back_by_itself() {
    let server = serve().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    phone.contact = format!("{};+sip.instance=\"<urn:uuid:1>\"", phone.contact);
    let _ = phone.register(600).await.is(200);
    let drop = format!("/users/{}/status/%3Curn%3Auuid%3A1%3E/destroy_status", alice.id);
    admin.act(&drop).await.destroyed();
    assert!(!online(&server, &alice).await);
    let reply = phone.ask("REGISTER", &[]).await.is(200);
    assert_eq!(reply.headers("Contact").len(), 0);
    let _ = phone.register(600).await.is(200);
    assert!(online(&server, &alice).await);
}

#[tokio::test]
async fn who_is_disabled_or_gets_another_password_is_unbound_and_cannot_come_back() {
    let server = serve().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let _ = phone.register(600).await.is(200);
    let path = format!("/users/{}", alice.id);

    admin.post(&path, json!({"enabled": false})).await.changed();
    assert!(!online(&server, &alice).await);
    let _ = phone.register(600).await.is(403);
    admin.post(&path, json!({"enabled": true})).await.changed();
    let _ = phone.register(600).await.is(200);

    let password = format!("/users/{}/extension_password", alice.id);
    let new = json!({"password": "An0ther!wqzKp"});
    admin.post(&password, new).await.changed();
    assert!(!online(&server, &alice).await);
    let _ = phone.register(600).await.is(401);
    phone.password = "An0ther!wqzKp".into();
    phone.session = None;
    let _ = phone.register(600).await.is(200);
    assert!(online(&server, &alice).await);

    admin
        .act(&format!("/users/{}/destroy", alice.id))
        .await
        .destroyed();
    phone.session = None;
    let _ = phone.register(600).await.is(401);
}

#[tokio::test]
async fn a_locked_tenant_has_no_devices() {
    let server = serve().await;
    let portsip = server.portsip();
    let (root, alice) = (portsip.root().await, portsip.user("alice").await);
    let mut phone = Phone::of(&server, &alice, Wire::Tcp).await;
    let _ = phone.register(600).await.is(200);
    let path = format!("/tenants/{}", portsip.home().await.id);
    root.post(&path, json!({"enabled": false})).await.changed();
    let _ = phone.register(600).await.is(403);
    root.post(&path, json!({"enabled": true})).await.changed();
    assert!(
        !online(&server, &alice).await,
        "what was bound is not bound again by itself"
    );
    let _ = phone.register(600).await.is(200);
    // Under another domain nothing of it is true any more.
    root.post(&path, json!({"domain": "renamed.test"}))
        .await
        .changed();
    assert!(!online(&server, &alice).await);
    let _ = phone.register(600).await.is(401);
    phone.domain = "renamed.test".into();
    phone.session = None;
    let _ = phone.register(600).await.is(200);
    assert!(online(&server, &alice).await);
}

#[tokio::test]
async fn a_binding_ends_by_the_clock() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let _ = phone.register(60).await.is(200);
    server.clock.advance(Duration::from_secs(59));
    assert!(online(&server, &alice).await);
    let _ = phone.register(60).await.is(200);
    server.clock.advance(Duration::from_secs(59));
    assert!(online(&server, &alice).await, "it was renewed");
    server.clock.advance(Duration::from_secs(1));
    assert!(!online(&server, &alice).await);
}
