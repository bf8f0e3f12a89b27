//! baresip: two of them register, one calls the other, sound flows, and one hangs up.

use std::{
    f64::consts::TAU,
    fmt::Write as _,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use jackfield_testkit::{PASSWORD, Person, SipOptions, TestServer, sip::Wire};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
    time::{Instant, sleep, timeout_at},
};

use super::serve_with;

/// Nothing here takes longer, even on a machine that does ten other things.
const PATIENCE: Duration = Duration::from_mins(1);
/// Packets that somebody has to have heard: each is 20 ms of sound.
const PACKETS: u64 = 100;

/// A telephone, and the connection over which it is told what to do. It ends with the test.
struct Baresip {
    _process: Child,
    control: TcpStream,
    kept: Vec<u8>,
    folder: PathBuf,
}

impl Drop for Baresip {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// Ten seconds of a tone, mono, 8 kHz, as a file of the form WAV.
fn tone() -> Vec<u8> {
    let samples = (0..80_000_u32).flat_map(|at| {
        #[expect(clippy::cast_possible_truncation, reason = "a loudness of 8000 fits")]
        let sample = (8000.0 * (TAU * 440.0 * f64::from(at) / 8000.0).sin()) as i16;
        sample.to_le_bytes()
    });
    let mut file = b"RIFF".to_vec();
    file.extend(160_036_u32.to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(8000_u32.to_le_bytes());
    file.extend(16_000_u32.to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(160_000_u32.to_le_bytes());
    file.extend(samples);
    file
}

impl Baresip {
    /// A telephone of a person that has registered.
    async fn of(server: &TestServer, person: &Person, wire: Wire, answers: &str) -> Self {
        let number = &person.number;
        let folder = std::env::temp_dir().join(format!("jackfield-baresip-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let write = |name: &str, text: &[u8]| {
            std::fs::write(folder.join(name), text).expect("the folder can be written");
        };
        let control = free_port();
        let sound = folder.join("tone.wav").display().to_string();
        write("tone.wav", &tone());
        write("contacts", b"");
        let mut config = format!(
            "net_interface 127.0.0.1\nnet_af ipv4\nsip_listen 127.0.0.1:0\naudio_source aufile,{sound}\n\
             audio_alert aufile,{sound}\nctrl_tcp_listen {control}\nmodule_path {}\n",
            modules().display()
        );
        for module in ["g711", "aufile"] {
            let _ = writeln!(config, "module {module}.so");
        }
        for module in ["account", "menu", "ctrl_tcp", "presence"] {
            let _ = writeln!(config, "module_app {module}.so");
        }
        write("config", config.as_bytes());
        let account = format!(
            "<sip:{number}@home.test>;auth_user={number};auth_pass={PASSWORD};regint=60;pubint=60;answermode={answers};\
             outbound=\"sip:{};transport={}\"\n",
            server.sip(wire),
            wire.word(),
        );
        write("accounts", account.as_bytes());
        let process = Command::new("baresip")
            .args(["-4", "-f"])
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("baresip is installed (Debian: baresip; scripts/test does it)");
        let end = Instant::now() + PATIENCE;
        while person.get("/user/status").await.is(200)["status"] != "ONLINE" {
            assert!(Instant::now() < end, "{} never registers", person.name);
            sleep(Duration::from_millis(50)).await;
        }
        let control = TcpStream::connect(control).await.expect("baresip takes orders");
        Self {
            _process: process,
            control,
            kept: Vec::new(),
            folder,
        }
    }

    async fn does(&mut self, command: &str, with: &str) {
        let text = json!({"command": command, "params": with}).to_string();
        let text = format!("{}:{text},", text.len());
        self.control
            .write_all(text.as_bytes())
            .await
            .expect("it takes orders");
    }

    /// Waits until it tells of something.
    async fn tells(&mut self, what: &str, holds: impl Fn(&Value) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let event = timeout_at(end, self.event()).await;
            assert!(event.is_ok(), "baresip never told of {what}");
            if event.is_ok_and(|event| holds(&event)) {
                return;
            }
        }
    }

    /// The next event, or the answer to an order: JSON in a netstring.
    async fn event(&mut self) -> Value {
        loop {
            if let Some(colon) = self.kept.iter().position(|byte| *byte == b':') {
                let length = std::str::from_utf8(&self.kept[..colon]).expect("a length");
                let end = colon + 1 + length.parse::<usize>().expect("a length");
                if self.kept.len() > end {
                    let rest = self.kept.split_off(end + 1);
                    let whole = std::mem::replace(&mut self.kept, rest);
                    return serde_json::from_slice(&whole[colon + 1..end]).expect("JSON");
                }
            }
            let read = self.control.read_buf(&mut self.kept).await.expect("it speaks");
            assert!(read > 0, "baresip has ended");
        }
    }
}

/// Where its modules are: Debian has had them in two places.
fn modules() -> PathBuf {
    let known = [
        "/usr/lib/baresip/modules",
        "/usr/lib/x86_64-linux-gnu/baresip/modules",
    ];
    let found = known.iter().map(Path::new).find(|path| path.is_dir());
    found
        .expect("baresip's modules are where Debian puts them")
        .to_owned()
}

/// Free a moment ago; nobody else takes ports of this kind here.
fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

fn is(event: &Value, kind: &str) -> bool {
    event["type"] == kind
}

/// Over both protocols, from one to the other.
#[tokio::test]
async fn two_of_baresip_speak() {
    let sip = SipOptions {
        digests: "md5",
        ..SipOptions::default()
    };
    let server = serve_with(sip).await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let mut caller = Baresip::of(&server, &ada, Wire::Udp, "manual").await;
    let mut other = Baresip::of(&server, &ben, Wire::Tcp, "auto").await;
    caller
        .does("dial", &format!("sip:{}@home.test", ben.number))
        .await;
    for phone in [&mut caller, &mut other] {
        phone.tells("sound", |event| is(event, "CALL_RTPESTAB")).await;
        // Each tells what it has heard every five seconds.
        let heard = |event: &Value| {
            is(event, "CALL_RTCP") && event["rtcp_stats"]["rx"]["sent"].as_u64() > Some(PACKETS)
        };
        phone.tells("what it has heard", heard).await;
    }
    assert_eq!(ada.get("/user/status").await.is(200)["status"], "ON_CALL");
    other.does("hangup", "").await;
    for phone in [&mut caller, &mut other] {
        phone.tells("the end", |event| is(event, "CALL_CLOSED")).await;
    }
    let end = Instant::now() + PATIENCE;
    let record = loop {
        let found = ada.get("/user/cdrs").await.is(200);
        if let Some(record) = found["items"].get(0) {
            break record.clone();
        }
        assert!(Instant::now() < end, "the call leaves no record");
        sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(
        (&record["caller"], &record["callee"], &record["end_reason"]),
        (
            &json!(ada.number),
            &json!(ben.number),
            &json!("CALLEE_DISCONNECTED")
        ),
        "{record}"
    );
}

#[tokio::test]
async fn baresip_says_how_its_user_is() {
    let server = serve_with(SipOptions {
        digests: "md5",
        ..SipOptions::default()
    })
    .await;
    let ada = server.portsip().user("ada").await;
    let mut phone = Baresip::of(&server, &ada, Wire::Udp, "auto").await;
    for (command, seen) in [
        ("presence_offline", "AWAY"),
        ("presence_online", "AVAILABLE"),
        ("presence_offline", "AWAY"),
    ] {
        phone.does(command, "").await;
        let end = Instant::now() + PATIENCE;
        while ada.get("/user/status").await.is(200)["presence"] != seen {
            assert!(Instant::now() < end, "{command} is never seen");
            sleep(Duration::from_millis(50)).await;
        }
    }
}
