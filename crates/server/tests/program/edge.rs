//! `jackfield edge`: telephones at one process, the APIs at another, one PostgreSQL under both.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use jackfield_testkit::{
    Database, PASSWORD,
    sip::{Link, Phone, Side, Wire},
};
use serde_json::{Value, json};

use crate::{
    folder::Folder,
    serve::{self, Server, get, post},
};

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n";

/// Waits until something holds, and tells how long it took.
fn until(what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what} never came");
        std::thread::sleep(Duration::from_millis(10));
    }
    began.elapsed()
}

/// The address of a telephones' port, in a line of the log.
fn port(line: &str) -> SocketAddr {
    let line: Value = serde_json::from_str(line).expect("a line of JSON");
    let text = line.to_string();
    let found = text.split('"').find_map(|part| part.parse().ok());
    found.expect("an address")
}

#[test]
fn an_edge_says_why_it_does_not_start() {
    let folder = Folder::new("edge-refused");
    let said = folder.complains(&["edge"]);
    assert!(
        said.contains("SQLite") && said.contains("--database-url"),
        "{said}"
    );
    assert!(!folder.0.join("data").exists(), "nothing was made");
    let url = "postgres://nobody@127.0.0.1:1/nothing";
    let said = folder.complains(&["edge", "--database-url", url, "--sip", "off"]);
    assert!(said.contains("--sip on"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_at_an_edge_is_one_of_the_server() {
    let Some(database) = Database::shared().await else {
        println!("skipped: JACKFIELD_TEST_POSTGRES is not set");
        return;
    };
    let (url, key) = (database.url(), "5a".repeat(32));
    let environment = [
        ("JACKFIELD_ADMIN_PASSWORD", serve::PASSWORD),
        ("JACKFIELD_DATABASE_URL", &url),
        ("JACKFIELD_MASTER_KEY", &key),
        ("JACKFIELD_SIP_LISTEN", "127.0.0.1:0"),
    ];
    let server = Server::start(database.folder(), &[], &environment);
    let edge = Server::start_command(database.folder(), &["edge"], &environment);
    let address = port(&edge.says(&["telephones may register", "udp"]));

    // An operator's tools are answered, and no API.
    for (path, status, word) in [
        ("/livez", 200, "ok"),
        ("/readyz", 200, "ready"),
        ("/metrics", 200, "jackfield_"),
        ("/api/users", 404, "jackfield serve"),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let (found, text) = plain(edge.address, &request);
        assert!(found == status && text.contains(word), "{path}: {text}");
    }

    let token = server.token("admin", serve::PASSWORD);
    let tenant = json!({
        "name": "Edge", "domain": "edge.test", "timezone": "UTC", "currency": "EUR", "region": "DEU", "max_extensions": 10,
    });
    let (status, made) = post(server.address, &token, "/tenants", &tenant).expect("an answer");
    assert_eq!(status, 201, "{made}");
    let token = serve::acting(&server, made["id"].as_str().expect("an id"));
    let ids: Vec<String> = ["1001", "1002"]
        .map(|number| {
            let user = json!({
                "name": format!("user{number}"), "password": PASSWORD, "email": "", "display_name": "",
                "role": "StandardUser", "extension_number": number, "extension_password": PASSWORD,
                "voicemail_pin": "274916",
            });
            let (status, made) = post(server.address, &token, "/users", &user).expect("an answer");
            assert_eq!(status, 201, "{made}");
            made["id"].as_str().expect("an id").to_owned()
        })
        .into();
    let status = |id: &str| get(server.address, &token, &format!("/users/{id}/status"));

    let mut phones = Vec::new();
    for number in ["1001", "1002"] {
        let link = Link::open(Wire::Udp, address).await;
        let mut phone = Phone::new(link, number, "edge.test");
        let _ = phone.register(600).await.is(200);
        phones.push(phone);
    }
    let seen = status(&ids[1]);
    assert_eq!(seen["status"], "ONLINE", "{seen}");

    // A call through the edge goes on in the server's eyes too, and leaves its record there.
    let desk = phones.pop().expect("a telephone");
    let caller = phones.pop().expect("a telephone");
    let mut caller = Side::calls(caller, "1002", SDP).await;
    let mut other = Side::is_rung(desk).await;
    other.takes(SDP).await;
    let _ = caller.is_answered(200).await;
    until("the call", || status(&ids[0])["status"] == "ON_CALL");
    caller.hangs_up().await;
    other.is_hung_up().await;
    let own = json!({"username": "user1001", "domain": "edge.test", "password": PASSWORD});
    let (_, signed) = post(server.address, "", "/auth/sign_in", &own).expect("an answer");
    let own = signed["access_token"]
        .as_str()
        .unwrap_or_else(|| panic!("no token in {signed}"));
    let records = || get(server.address, own, "/user/cdrs");
    until("the record", || {
        records()["items"].as_array().is_some_and(|all| all.len() == 1)
    });

    // What is dropped at the server has ended at the edge, at once.
    let mut phone = other.phone;
    let reply = phone.ask("REGISTER", &[]).await.is(200);
    assert_eq!(reply.headers("Contact").len(), 1, "{}", reply.text);
    let seen = status(&ids[1]);
    let instance = seen["registration"][0]["instance_id"].as_str();
    let instance = instance.unwrap_or_else(|| panic!("no device in {seen}"));
    let began = Instant::now();
    let path = format!("/users/{}/status/{instance}/destroy_status", ids[1]);
    let (answer, body) = post(server.address, &token, &path, &json!({})).expect("an answer");
    assert_eq!(answer, 204, "{body}");
    let reply = phone.ask("REGISTER", &[]).await.is(200);
    assert_eq!(reply.headers("Contact").len(), 0, "{}", reply.text);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());

    // So has the right to register of somebody who is disabled.
    let _ = phone.register(600).await.is(200);
    let disable = json!({"enabled": false});
    let (answer, body) =
        post(server.address, &token, &format!("/users/{}", ids[1]), &disable).expect("an answer");
    assert!(answer < 300, "{answer}: {body}");
    let _ = phone.register(600).await.is(403);
    edge.kill();
    server.kill();
}

/// A request whose answer is text.
fn plain(address: SocketAddr, request: &str) -> (u16, String) {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).expect("the edge takes connections");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("it answers");
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
    (status.expect("a status"), text)
}
