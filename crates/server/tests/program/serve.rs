//! The program as a process: started with nothing but a folder, played with, and killed in the middle of its work.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::folder::{Folder, program};

/// How long anything may take; a debug build on a busy machine hashes slowly.
const PATIENCE: Duration = Duration::from_mins(1);
pub(crate) const PASSWORD: &str = "Wq7!zKpT9x";
/// A hash of no known password, so that creating a user costs no hashing.
const HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$JYEZZ2Iyu2mmt6jWmQ8Z1yBcSgxTLmCyCvMCp0DcCHU";

/// A running server. Dropping it kills it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// What it printed before it was ready.
    pub(crate) printed: Vec<String>,
    lines: Receiver<String>,
}

impl Server {
    pub(crate) fn start(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let arguments = [&["serve"], arguments].concat();
        // Many of them run at the same time, and telephones have one port.
        let environment = [environment, &[("JACKFIELD_SIP", "off")]].concat();
        Self::start_command(folder, &arguments, &environment)
    }

    /// Starts a command that goes on until it is told to stop.
    pub(crate) fn start_command(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = program();
        command.args(arguments).current_dir(folder);
        command
            .envs(environment.iter().copied())
            .env("JACKFIELD_LISTEN", "127.0.0.1:0");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let stderr = child.stderr.take().expect("standard error is piped");
        let (sender, lines) = channel();
        // Read to its end, or the server would wait for somebody who takes its lines.
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut printed = Vec::new();
        let began = Instant::now();
        loop {
            match lines.recv_timeout(PATIENCE.saturating_sub(began.elapsed())) {
                Ok(line) => {
                    let address = ready(&line);
                    printed.push(line);
                    if let Some(address) = address {
                        return Self {
                            child,
                            address,
                            printed,
                            lines,
                        };
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    child.kill().ok();
                    child.wait().ok();
                    panic!(
                        "the server was not ready in time; it said:\n{}",
                        printed.join("\n")
                    );
                }
            }
        }
    }

    /// SIGKILL: the process gets no chance to finish anything.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("the process is there to be killed");
        self.child.wait().expect("it ends");
    }

    /// Waits for a line that holds all of these words.
    pub(crate) fn says(&self, words: &[&str]) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("the server never said {words:?}"));
            if words.iter().all(|word| line.contains(word)) {
                return line;
            }
        }
    }

    pub(crate) fn token(&self, username: &str, password: &str) -> String {
        let body = json!({"username": username, "password": password});
        let (status, answer) = post(self.address, "", "/auth/sign_in", &body).expect("the server answers");
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().expect("a token").to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The address in the log line that says that the server is ready.
fn ready(line: &str) -> Option<SocketAddr> {
    let entry: Value = serde_json::from_str(line).ok()?;
    let text = entry.to_string();
    if !text.contains("\"ready\"") {
        return None;
    }
    text.split('"').find_map(|part| part.parse().ok())
}

/// One request on a connection of its own. Nothing when the connection broke before a whole answer came.
fn ask(address: SocketAddr, request: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let text = String::from_utf8(answer).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())
            .flatten()
    });
    if body.len() < length.unwrap_or(0) {
        return None;
    }
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).unwrap_or(Value::Null)))
}

pub(crate) fn post(address: SocketAddr, token: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
    let body = body.to_string();
    ask(
        address,
        &format!(
            "POST /api{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    )
}

pub(crate) fn get(address: SocketAddr, token: &str, path: &str) -> Value {
    let head = format!(
        "GET /api{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    let (status, answer) = ask(address, &head).expect("the server answers");
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Signs the system administrator in and lets him act in a tenant.
pub(crate) fn acting(server: &Server, tenant: &str) -> String {
    let token = server.token("admin", PASSWORD);
    let switched = post(
        server.address,
        &token,
        &format!("/tenants/switch?id={tenant}"),
        &json!({}),
    );
    assert_eq!(switched.map(|(status, _)| status), Some(200));
    token
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = Folder::new("kill");
    let environment = [("JACKFIELD_ADMIN_PASSWORD", PASSWORD)];
    let mut server = Server::start(&folder.0, &[], &environment);
    let token = server.token("admin", PASSWORD);
    let tenant = json!({
        "name": "Kill", "domain": "kill.test", "timezone": "UTC", "currency": "EUR", "region": "DEU", "max_extensions": 100_000,
    });
    let (status, made) = post(server.address, &token, "/tenants", &tenant).expect("an answer");
    assert_eq!(status, 201, "{made}");
    let tenant = made["id"].as_str().expect("an id").to_owned();

    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    let next = Arc::new(AtomicU32::new(1000));
    for round in 1..=3 {
        let token = acting(&server, &tenant);
        let writers: Vec<_> = (0..8)
            .map(|_| {
                let (acknowledged, next) = (Arc::clone(&acknowledged), Arc::clone(&next));
                let (token, address) = (token.clone(), server.address);
                thread::spawn(move || {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed).to_string();
                        let user = json!({
                            "name": format!("user{number}"), "password_hash": HASH, "email": "", "display_name": "",
                            "role": "StandardUser", "extension_number": number, "extension_password": PASSWORD,
                            "voicemail_pin": "274916",
                        });
                        match post(address, &token, "/users", &user) {
                            Some((201, _)) => acknowledged.lock().expect("no writer panics").insert(number),
                            Some((status, answer)) => panic!("{status}: {answer}"),
                            None => return,
                        };
                    }
                })
            })
            .collect();
        let began = Instant::now();
        while acknowledged.lock().expect("no writer panics").len() < round * 60 {
            assert!(began.elapsed() < PATIENCE, "the writers come to nothing");
            thread::sleep(Duration::from_millis(2));
        }
        server.kill();
        for writer in writers {
            writer.join().expect("a writer ends with the connection");
        }
        server = Server::start(&folder.0, &[], &environment);
        let token = acting(&server, &tenant);
        let mut found = BTreeSet::new();
        loop {
            let page = get(
                server.address,
                &token,
                &format!("/users?top=100&skip={}", found.len()),
            );
            let items = page["items"].as_array().expect("items");
            if items.is_empty() {
                assert_eq!(page["count"], found.len());
                break;
            }
            found.extend(
                items
                    .iter()
                    .filter_map(|item| item["extension_number"].as_str().map(str::to_owned)),
            );
        }
        let lost: Vec<_> = acknowledged
            .lock()
            .expect("no writer panics")
            .difference(&found)
            .cloned()
            .collect();
        assert!(
            lost.is_empty(),
            "round {round}: {} of {} were lost: {lost:?}",
            lost.len(),
            found.len()
        );
    }
}

#[test]
fn it_starts_with_nothing_but_a_folder() {
    let folder = Folder::new("plain");
    let server = Server::start(&folder.0, &[], &[]);
    let said = server.printed.join("\n");
    let (_, rest) = said
        .split_once("the password is ")
        .expect("the first password is printed");
    let password = rest.lines().next().expect("a line").trim().to_owned();
    let token = server.token("admin", &password);
    assert_eq!(get(server.address, &token, "/tenants")["count"], 0);
    assert!(folder.0.join("data/jackfield.db").is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| {
            fs::metadata(folder.0.join(name))
                .expect("it is there")
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!((mode("data/master.key"), mode("data")), (0o600, 0o700));
    }
    server.kill();
    // The password is shown once, and no log line has it.
    let server = Server::start(&folder.0, &[], &[]);
    assert!(
        !server.printed.join("\n").contains("password"),
        "{:?}",
        server.printed
    );
    server.token("admin", &password);
    // One line for a request, and a program can read it. It is written after the answer, so it may be late.
    loop {
        let line = server
            .lines
            .recv_timeout(PATIENCE)
            .expect("the request is logged");
        assert!(!line.contains(&password), "{line}");
        let entry: Value = serde_json::from_str(&line).expect("a line of JSON");
        if entry.to_string().contains("/auth/sign_in") {
            break;
        }
    }
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_told_to() {
    let folder = Folder::new("term");
    let mut server = Server::start(&folder.0, &[], &[("JACKFIELD_ADMIN_PASSWORD", PASSWORD)]);
    server.token("admin", PASSWORD);
    let told = Command::new("kill")
        .arg(server.child.id().to_string())
        .status()
        .expect("kill is there");
    assert!(told.success());
    let began = Instant::now();
    let status = loop {
        if let Some(status) = server.child.try_wait().expect("the process can be asked") {
            break status;
        }
        assert!(began.elapsed() < PATIENCE, "it goes on");
        thread::sleep(Duration::from_millis(10));
    };
    assert!(status.success(), "{status}");
}
