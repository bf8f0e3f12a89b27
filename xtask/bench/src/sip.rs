//! What measurements of telephones have in common: the server with a SIP port, and sipp, which is the telephones.

use std::{
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    ops::Range,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    Engine, Failed, Result, data, process,
    rounds::{Place, Programs},
    server::Server,
};

/// The password of every extension.
pub(crate) const PASSWORD: &str = "Kx7!mQ2zRw";

/// The number of an extension, as the data has them.
pub(crate) fn number(index: usize) -> String {
    format!("2{index:07}")
}

/// A port of UDP that was free a moment ago.
pub(crate) fn free_port() -> Result<SocketAddr> {
    Ok(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// A server with one tenant and so many users, which takes telephones.
pub(crate) struct Edge {
    pub(crate) server: Server,
    /// Where it takes them, over UDP and TCP.
    pub(crate) sip: SocketAddr,
}

/// A database for one.
pub(crate) fn place(programs: &Programs, name: &str, users: usize) -> Result<Place> {
    let place = Place::new(Engine::Sqlite, &programs.work, name)?;
    data::fill(&place.environment, users, 1)?;
    Ok(place)
}

impl Edge {
    pub(crate) fn start(programs: &Programs, place: &mut Place) -> Result<Self> {
        Self::start_under(programs, place, &[])
    }

    /// The same, run by another program, given with its arguments.
    pub(crate) fn start_under(programs: &Programs, place: &mut Place, before: &[&str]) -> Result<Self> {
        let sip = free_port()?;
        for (name, value) in [
            ("JACKFIELD_SIP", "on".to_owned()),
            ("JACKFIELD_SIP_LISTEN", sip.to_string()),
            // sipp 3.6 knows nothing else and gives up when it is offered.
            ("JACKFIELD_SIP_DIGESTS", "md5".to_owned()),
            // All of its telephones are one source.
            ("JACKFIELD_SIP_RATE", "0".to_owned()),
        ] {
            place.environment.retain(|(own, _)| own != name);
            place.environment.push((name.to_owned(), value));
        }
        let server = programs.jackfield_under(place, Some("warn"), before)?;
        Ok(Self { server, sip })
    }
}

/// Writes the file of extensions that sipp goes through, one a line: its number, what it proves itself by, and the number of the one
/// that it calls.
pub(crate) fn people(path: &Path, users: Range<usize>) -> Result<()> {
    let mut text = "SEQUENTIAL\n".to_owned();
    for index in users.clone() {
        let (number, called) = (number(index), number(index + users.len()));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{number};[authentication username={number} password={PASSWORD}];{called}"
        );
    }
    fs::write(path, text)?;
    Ok(())
}

/// More arguments for [`REGISTER`]: the numbers of the first two requests of a telephone.
pub(crate) const FIRST: [&str; 6] = ["-key", "asks", "1", "-key", "proves", "2"];

/// What sipp does.
pub(crate) struct Sipp<'a> {
    /// The folder that holds `people.csv`, and takes what sipp writes.
    pub(crate) folder: &'a Path,
    /// The scenario.
    pub(crate) scenario: &'a str,
    /// Where it goes.
    pub(crate) to: SocketAddr,
    /// How many times, how many a second, and how many at once.
    pub(crate) times: usize,
    pub(crate) rate: usize,
    pub(crate) at_once: usize,
    /// The port that it sends from; 0 for any.
    pub(crate) from: u16,
    /// More arguments.
    pub(crate) more: &'a [&'a str],
}

impl Sipp<'_> {
    /// The command.
    pub(crate) fn command(&self) -> Result<Command> {
        let scenario = self.folder.join("scenario.xml");
        fs::write(&scenario, self.scenario)?;
        let mut command = Command::new("sipp");
        command
            .arg(self.to.to_string())
            .args([
                "-i",
                "127.0.0.1",
                "-t",
                "u1",
                "-nostdin",
                "-inf",
                "people.csv",
                "-sf",
            ])
            .arg(scenario)
            .args(["-m", &self.times.to_string(), "-r", &self.rate.to_string()])
            .args(["-l", &self.at_once.to_string()])
            .args([
                "-timeout",
                "600",
                "-timeout_error",
                "-trace_err",
                "-error_file",
                "errors.log",
            ])
            .args(self.more)
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if self.from > 0 {
            command.args(["-p", &self.from.to_string()]);
        }
        Ok(command)
    }

    /// Runs it to its end, which has to be a good one: no call of it has failed.
    pub(crate) fn run(&self) -> Result<()> {
        let ended = self.command()?.output().map_err(|error| {
            Failed::new(format!(
                "sipp cannot be started ({error}); on Debian: apt-get install sip-tester"
            ))
        })?;
        if ended.status.success() {
            return Ok(());
        }
        let errors = fs::read_to_string(self.folder.join("errors.log")).unwrap_or_default();
        let errors: String = errors.chars().take(2000).collect();
        Err(Failed::new(format!(
            "sipp failed ({}): {}\n{errors}",
            ended.status,
            String::from_utf8_lossy(&ended.stderr)
        )))
    }
}

/// Processor time of a process and of all that it started.
pub(crate) fn cpu_of_family(pid: u32) -> Result<Duration> {
    let mut all = process::cpu(pid)?;
    for child in children(pid) {
        all += cpu_of_family(child)?;
    }
    Ok(all)
}

fn children(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_ascii_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect()
}

/// A telephone registers: refused once, then with its proof. The numbers of both requests are handed in, as `asks` and `proves`.
pub(crate) const REGISTER: &str = include_str!("register.xml");
