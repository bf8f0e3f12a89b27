//! The commands that the README and the demo show, pasted into a shell.

use std::{
    fs,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    folder::Folder,
    serve::{PASSWORD, Server},
};

/// Whether there is a curl to paste commands for; says so when there is none.
fn curl_is_there() -> bool {
    let there = Command::new("curl")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok();
    if !there {
        println!("skipped: there is no curl");
    }
    there
}

#[test]
fn the_commands_of_the_demo_work_when_pasted() {
    if !curl_is_there() {
        return;
    }
    let folder = Folder::new("demo");
    let environment = [("JACKFIELD_ADMIN_PASSWORD", PASSWORD)];
    let server = Server::start(&folder.0, &["--demo"], &environment);
    let said = server.printed.join("\n");
    let (people, commands) = said.split_once("Try:\n").expect("it says what to try");
    let (commands, _) = commands
        .split_once("\nThe API is described")
        .expect("it says where the API is described");
    assert!(people.contains("25 users"), "{people}");
    // As a person would: into one shell, each answer on its own line.
    let script: String = commands
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            if line.starts_with("TOKEN=") {
                format!("{line}\n")
            } else {
                format!("{line}\necho\n")
            }
        })
        .collect();
    let output = Command::new("sh")
        .arg("-c")
        .arg(&script)
        .output()
        .expect("there is a shell");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    let answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    assert_eq!(answers.len(), 3, "{text}");
    let (page, sales, own) = (&answers[0], &answers[1], &answers[2]);
    assert_eq!(
        (&page["count"], page["items"].as_array().map(Vec::len)),
        (&json!(25), Some(3)),
        "{page}"
    );
    assert_eq!(sales["count"], 4, "{sales}");
    assert_eq!(own["name"], "ada", "{own}");
    server.kill();
    let again = Server::start(&folder.0, &["--demo"], &environment);
    assert!(
        again.printed.join("\n").contains("is there already"),
        "{:?}",
        again.printed
    );
}

#[cfg(unix)]
#[test]
fn the_feed_of_the_readme_works_when_pasted() {
    const README: &str = include_str!("../../../../README.md");
    let missing = |program: &str| {
        let mut command = Command::new(program);
        command
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_err()
    };
    if missing("curl") || missing("awk") {
        println!("skipped: there is no curl or no awk");
        return;
    }
    let folder = Folder::new("feed");
    let server = Server::start(&folder.0, &["--demo"], &[("JACKFIELD_ADMIN_PASSWORD", PASSWORD)]);
    let (_, section) = README
        .split_once("## Report calls: the feed")
        .expect("the README has the section");
    let script = section
        .split("```")
        .nth(1)
        .and_then(|block| block.strip_prefix("sh\n"))
        .expect("a block of commands");
    assert_eq!(script.matches("curl ").count(), 2, "{script}");
    let script = script
        .replace("127.0.0.1:8887", &server.address.to_string())
        .replace("$(jackfield ", &format!("$({} ", env!("CARGO_BIN_EXE_jackfield")))
        .replace("curl ", "curl -s ")
        .replace("json' \\\n", "json' -w '\\n' \\\n");
    let call = |id: &str| {
        json!({
            "external_id": id, "direction": "internal",
            "started_at": "2026-03-02T09:00:00Z", "ended_at": "2026-03-02T09:01:00Z",
        })
    };
    let lines = format!("{}\n{}\nnonsense\n", call("1"), call("2"));
    fs::write(folder.0.join("calls.ndjson"), lines).expect("the folder can be written");
    let mut shell = Command::new("sh");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("JACKFIELD_") {
            shell.env_remove(name);
        }
    }
    let output = shell
        .args(["-c", &script])
        .current_dir(&folder.0)
        .output()
        .expect("there is a shell");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    let answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    let counts: Vec<_> = answers
        .iter()
        .map(|answer| ["accepted", "known", "refused"].map(|name| answer[name].as_u64()))
        .collect();
    // The second stream repeats the record of the first.
    assert_eq!(
        counts,
        [[Some(1), Some(0), Some(0)], [Some(1), Some(1), Some(1)]],
        "{text}"
    );
}

/// The commands of a section of the README, each on one line.
fn commands_of(section: &str) -> Vec<String> {
    let readme = include_str!("../../../../README.md");
    let (_, rest) = readme.split_once(section).expect("the README has the section");
    let (_, rest) = rest.split_once("```sh\n").expect("it has commands");
    let (block, _) = rest.split_once("```").expect("they end");
    block.replace("\\\n", " ").lines().map(str::to_owned).collect()
}

fn shell(command: &str) -> Value {
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("{command} --silent --fail-with-body"))
        .output()
        .expect("there is a shell");
    assert!(output.status.success(), "{command}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {output:?}"))
}

#[test]
fn the_commands_of_the_readme_for_voipstudio_work_when_pasted() {
    if !curl_is_there() {
        return;
    }
    let folder = Folder::new("readme");
    let environment = [("JACKFIELD_ADMIN_PASSWORD", PASSWORD)];
    let server = Server::start(&folder.0, &["--demo"], &environment);
    let said = server.printed.join("\n");
    let ada = said
        .lines()
        .find(|line| line.trim_start().starts_with("ada "))
        .expect("it names Ada");
    let password = ada.split_whitespace().nth(2).expect("and tells her password");
    let commands = commands_of("## Point a VoIPstudio client at it");
    assert_eq!(commands.len(), 3, "{commands:?}");
    let here = server.address.to_string();
    let filled = |command: &str, token: &str| {
        command
            .replace("127.0.0.1:8887", &here)
            .replace("PASSWORD", password)
            .replace("USER_TOKEN", token)
    };
    let session = shell(&filled(&commands[0], ""));
    let token = session["user_token"].as_str().expect("a token");
    let users = shell(&filled(&commands[1], token));
    assert_eq!(
        (users["total"].as_i64(), users["data"].as_array().map(Vec::len)),
        (Some(25), Some(10))
    );
    let key = shell(&filled(&commands[2], token));
    assert_eq!(key["data"]["name"], "crm");
}

#[test]
fn the_commands_of_the_readme_for_ringme_work_when_pasted() {
    if Command::new("curl")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        println!("skipped: there is no curl");
        return;
    }
    let folder = Folder::new("ringme");
    let environment = [("JACKFIELD_ADMIN_PASSWORD", PASSWORD)];
    let server = Server::start(&folder.0, &["--demo"], &environment);
    let commands = commands_of("## Point a RingMe or Telphin client at it");
    assert_eq!(commands.len(), 5, "{commands:?}");
    let (program, arguments) = commands[0].split_once(' ').expect("a command has arguments");
    assert_eq!(program, "jackfield");
    let mut create = Command::new(env!("CARGO_BIN_EXE_jackfield"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("JACKFIELD_") {
            create.env_remove(name);
        }
    }
    let output = create
        .args(arguments.split_whitespace())
        .current_dir(&folder.0)
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{output:?}");
    let app: Value = serde_json::from_slice(&output.stdout).expect("an object");
    let here = server.address.to_string();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let filled = |command: &str, token: &str, extension: &str| {
        command
            .replace("127.0.0.1:8887", &here)
            .replace("CLIENT_ID", &text(&app["client_id"]))
            .replace("CLIENT_SECRET", &text(&app["client_secret"]))
            .replace("ACCESS_TOKEN", token)
            .replace("EXTENSION_ID", extension)
    };
    let tokens = shell(&filled(&commands[1], "", ""));
    let token = text(&tokens["access_token"]);
    let extensions = shell(&filled(&commands[2], &token, ""));
    let extension = extensions[0]["id"].to_string();
    let zoe = shell(&filled(&commands[3], &token, &extension));
    assert_eq!((&zoe["login"], &zoe["access"]), (&json!("zoe"), &json!("full")));
    let users = shell(&filled(&commands[4], &token, ""));
    assert_eq!(users.as_array().map(Vec::len), Some(2), "{users}");
}

#[cfg(unix)]
#[test]
fn the_commands_of_the_readme_for_omnidesk_work_when_pasted() {
    let mut curl = Command::new("curl");
    if curl.arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: there is no curl");
        return;
    }
    let folder = Folder::new("omnidesk");
    let server = Server::start(&folder.0, &["--demo"], &[("JACKFIELD_ADMIN_PASSWORD", PASSWORD)]);
    let commands = commands_of("## Point an Omnidesk client at it");
    assert_eq!(commands.len(), 4, "{commands:?}");
    let script = commands
        .join("\n")
        .replace("127.0.0.1:8887", &server.address.to_string())
        .replace("$(jackfield ", &format!("$({} ", env!("CARGO_BIN_EXE_jackfield")))
        .replace("curl ", "curl -s --fail-with-body -w '\\n' ");
    let mut shell = Command::new("sh");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("JACKFIELD_") {
            shell.env_remove(name);
        }
    }
    let output = shell.args(["-ec", &script]).current_dir(&folder.0).output();
    let output = output.expect("there is a shell");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    let answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    assert_eq!(answers[0]["result"][0]["name"], "ben", "{text}");
    assert_eq!(answers[1]["message"], "Maximum chats updated.", "{text}");
    assert_eq!(answers[2]["message"], "Status locked.", "{text}");
}
