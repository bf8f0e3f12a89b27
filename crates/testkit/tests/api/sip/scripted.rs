//! Telephones that a script moves: PJSIP from Python, `JsSIP` from Node.
//!
//! Their packages are no Debian packages. `scripts/test` gets them and says where they are; where it cannot, it says so, and
//! these tests are passed over.

use std::path::{Path, PathBuf};

use jackfield_testkit::{PASSWORD, SipOptions, TestServer, sip::Wire};
use tokio::process::Command;

use super::serve_with;

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
        .env("PHONE_PASSWORD", PASSWORD)
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

async fn pjsip(wire: Wire, digests: &'static str) {
    let Some(python) = named(PYTHON) else { return };
    let sip = SipOptions {
        digests,
        ..SipOptions::default()
    };
    let server = serve_with(sip).await;
    let (ada, ben) = people(&server).await;
    let folder = std::env::temp_dir().join(format!("jackfield-pjsip-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    let mut command = Command::new(python);
    command
        .arg(script("pjsua.py"))
        .args([&server.sip(wire).to_string(), wire.word(), "home.test"])
        .args([&ada.number, &ben.number])
        .arg(&folder);
    run(command).await;
    std::fs::remove_dir_all(&folder).ok();
    for (person, reason) in [(&ada, "CALLEE_DISCONNECTED"), (&ben, "CALLEE_DISCONNECTED")] {
        let found = person.get("/user/cdrs").await.is(200);
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
        assert_eq!(found["items"][0]["end_reason"], reason, "{found}");
        assert_eq!(person.get("/user/status").await.is(200)["status"], "OFFLINE");
    }
}

async fn people(server: &TestServer) -> (jackfield_testkit::Person, jackfield_testkit::Person) {
    let portsip = server.portsip();
    (portsip.user("ada").await, portsip.user("ben").await)
}

#[tokio::test]
async fn two_of_pjsip_speak_over_udp_with_sha256() {
    pjsip(Wire::Udp, "sha256").await;
}

#[tokio::test]
async fn two_of_pjsip_speak_over_tcp_with_what_they_choose() {
    pjsip(Wire::Tcp, "sha256,md5").await;
}

/// `JsSIP` knows MD5 alone, and passes over what it does not know.
#[tokio::test]
async fn jssip_registers_over_web_socket() {
    let Some(modules) = named(NODE) else { return };
    let server = serve_with(SipOptions::default()).await;
    let (ada, _) = people(&server).await;
    let mut command = Command::new("node");
    command
        .arg(script("jssip.js"))
        .args([&server.sip(Wire::WebSocket).to_string(), "home.test", &ada.number])
        .env("NODE_PATH", modules);
    run(command).await;
    assert_eq!(ada.get("/user/status").await.is(200)["status"], "OFFLINE");
}
