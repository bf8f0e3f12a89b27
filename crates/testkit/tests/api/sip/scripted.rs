//! Telephones that a script moves: PJSIP from Python, `JsSIP` from Node.
//!
//! Their packages are no Debian packages. `scripts/test` gets them and says where they are; where it cannot, it says so, and
//! these tests are passed over.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use jackfield_testkit::{PASSWORD, Person, SipOptions, TestServer, sip::Wire};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{ChildStdout, Command},
};

use super::{control::records, serve_with};

/// A Python that has the package `pjsua2-python`.
const PYTHON: &str = "JACKFIELD_TEST_PYTHON";
/// A folder `node_modules` with `jssip` and `jssip-node-websocket`.
const NODE: &str = "JACKFIELD_TEST_NODE_MODULES";

/// What a variable says; none, and a line for who reads the output, when nobody set it.
#[expect(clippy::print_stdout, reason = "whoever reads the output has to know")]
fn named(variable: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).filter(|value| !value.is_empty());
    if found.is_none() {
        println!("SKIPPED: {variable} is not set; scripts/test sets it where it can get the packages");
    }
    found.map(PathBuf::from)
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("phones").join(name)
}

/// Runs a telephone to its end, which has to be a good one.
async fn run(mut command: Command) {
    let ended = command
        .kill_on_drop(true)
        .output()
        .await
        .expect("the program is there");
    let words = String::from_utf8_lossy(&ended.stdout);
    let complaints = String::from_utf8_lossy(&ended.stderr);
    assert!(
        ended.status.success() && words.lines().any(|line| line == "done"),
        "{words}\n{complaints}"
    );
}

/// What PJSIP does by its script, with telephones of these people.
fn pjsip(
    python: PathBuf,
    scenario: &str,
    server: &TestServer,
    wire: Wire,
    people: &[&Person],
) -> (Command, Folder) {
    let folder = Folder::new();
    let mut command = Command::new(python);
    command
        .arg(script("pjsua.py"))
        .args([scenario, &server.sip(wire).to_string(), wire.word(), "home.test"])
        .arg(&folder.0)
        .args(people.iter().map(|person| &person.number))
        .env("PHONE_PASSWORD", PASSWORD)
        .kill_on_drop(true);
    (command, folder)
}

/// A folder that goes away with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("jackfield-pjsip-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

async fn two_of_pjsip(wire: Wire, digests: &'static str) {
    let Some(python) = named(PYTHON) else { return };
    let sip = SipOptions {
        digests,
        ..SipOptions::default()
    };
    let server = serve_with(sip).await;
    let [ada, ben] = people(&server).await;
    let (command, _folder) = pjsip(python, "speaks", &server, wire, &[&ada, &ben]);
    run(command).await;
    for (person, reason) in [(&ada, "CALLEE_DISCONNECTED"), (&ben, "CALLEE_DISCONNECTED")] {
        let found = person.get("/user/cdrs").await.is(200);
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
        assert_eq!(found["items"][0]["end_reason"], reason, "{found}");
        assert_eq!(person.get("/user/status").await.is(200)["status"], "OFFLINE");
    }
}

/// What PJSIP says next.
async fn says(lines: &mut Lines<BufReader<ChildStdout>>, word: &str) {
    loop {
        let line = lines.next_line().await.expect("it can be read");
        let line = line.expect("PJSIP says it before it ends");
        assert!(!line.starts_with("failed"), "{line}");
        if line == word {
            return;
        }
    }
}

#[tokio::test]
async fn a_call_of_pjsip_is_placed_and_ended_over_the_api() {
    let Some(python) = named(PYTHON) else { return };
    let server = serve_with(SipOptions::default()).await;
    let [ada, ben] = people(&server).await;
    let (mut command, _folder) = pjsip(python, "steered", &server, Wire::Udp, &[&ada, &ben]);
    let mut phones = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program is there");
    let mut lines = BufReader::new(phones.stdout.take().expect("it is piped")).lines();
    says(&mut lines, "ready").await;
    let own = server.voipstudio().with_token(&ada.token());
    let made = own.post("/calls", json!({"to": ben.number})).await.is(201);
    assert_eq!(made["data"]["state"], "RINGING", "{made}");
    says(&mut lines, "speaks").await;
    let listed = own.get("/calls").await.is(200);
    assert_eq!(listed["data"][0]["state"], "CONNECTED", "{listed}");
    let _ = own
        .delete(&format!("/calls/{}", listed["data"][0]["id"]))
        .await
        .is(204);
    says(&mut lines, "done").await;
    let kept = records(&ben, 1).await;
    let parts = ["caller", "callee", "status_code"].map(|name| kept[0][name].clone());
    assert_eq!(
        parts,
        [json!(ada.number), json!(ben.number), json!(200)],
        "{}",
        kept[0]
    );
}

/// PJSIP sends its own `REFER`, in one of two ways; the second telephone is left, and the two others hear each other.
async fn pjsip_transfers(scenario: &str, reason: &str) {
    let Some(python) = named(PYTHON) else { return };
    let server = serve_with(SipOptions::default()).await;
    let [ada, ben] = people(&server).await;
    let carl = server.portsip().user("carl").await;
    let (command, _folder) = pjsip(python, scenario, &server, Wire::Udp, &[&ada, &ben, &carl]);
    run(command).await;
    let found = records(&ada, 2).await;
    let parts = |record: &Value| ["callee", "end_reason"].map(|name| record[name].clone());
    assert_eq!(
        parts(&found[0]),
        [json!(carl.number), json!("CALLER_DISCONNECTED")],
        "{}",
        found[0]
    );
    assert_eq!(
        parts(&found[1]),
        [json!(ben.number), json!(reason)],
        "{}",
        found[1]
    );
}

#[tokio::test]
async fn pjsip_transfers_blindly() {
    pjsip_transfers("blind", "BLIND_TRANSFER_COMPLETED").await;
}

#[tokio::test]
async fn pjsip_transfers_to_whom_it_has_asked() {
    pjsip_transfers("attended", "CONSULT_TRANSFER_COMPLETED").await;
}

async fn people(server: &TestServer) -> [Person; 2] {
    server.portsip().users(["ada", "ben"]).await
}

#[tokio::test]
async fn two_of_pjsip_speak_over_udp_with_sha256() {
    two_of_pjsip(Wire::Udp, "sha256").await;
}

#[tokio::test]
async fn two_of_pjsip_speak_over_tcp_with_what_they_choose() {
    two_of_pjsip(Wire::Tcp, "sha256,md5").await;
}

/// `JsSIP` knows MD5 alone, and passes over what it does not know.
#[tokio::test]
async fn jssip_registers_over_web_socket() {
    let Some(modules) = named(NODE) else { return };
    let server = serve_with(SipOptions::default()).await;
    let [ada, _] = people(&server).await;
    let mut command = Command::new("node");
    command
        .arg(script("jssip.js"))
        .args([&server.sip(Wire::WebSocket).to_string(), "home.test", &ada.number])
        .env("PHONE_PASSWORD", PASSWORD)
        .env("NODE_PATH", modules);
    run(command).await;
    assert_eq!(ada.get("/user/status").await.is(200)["status"], "OFFLINE");
}
