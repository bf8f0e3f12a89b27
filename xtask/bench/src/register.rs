//! `cargo xtask bench register`: what a registration costs, beside Debian's Kamailio with its credentials in memory.
//!
//! sipp is the telephones, with the same scenario for both: `REGISTER`, the challenge, `REGISTER` with its proof, 200. Ours makes
//! bindings durable and looks extensions up in its database; Kamailio keeps both in memory. The two are loaded in turns, with three
//! kinds of registrations: of telephones that renew what they have, which is what they do all day; of those that were started
//! anew, which is a renewal too; and of those that nobody knows, each of which is on disk before it is answered.
//! Kamailio is measured where it is installed; `--install-kamailio` installs it.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    Failed, Result,
    load::to_float,
    note, process, report,
    rounds::Programs,
    sip::{self, Edge, PASSWORD, REGISTER, Sipp},
};

/// CPU a registration, as a multiple of Kamailio's.
const MOST: f64 = 1.1;
/// Instructions a registration, likewise.
const MOST_INSTRUCTIONS: f64 = 1.0;
/// Telephones in the first run under callgrind, each registers and renews; in the second it is twice as many, and the difference
/// counts.
const COUNTED: usize = 500;

/// How the measurement is done.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often each server is measured.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// How many telephones register in each run.
    #[arg(long, default_value_t = 20_000)]
    telephones: usize,
    /// How many of them at once.
    #[arg(long, default_value_t = 100)]
    at_once: usize,
    /// Install Debian's Kamailio when it is missing.
    #[arg(long)]
    install_kamailio: bool,
    /// Count instructions too, with valgrind. Takes some minutes.
    #[arg(long)]
    instructions: bool,
}

/// A running Kamailio; it ends with this value.
struct Kamailio {
    child: Child,
    sip: SocketAddr,
}

impl Kamailio {
    fn start(folder: &Path, before: &[&str]) -> Result<Self> {
        let sip = sip::free_port()?;
        let config = folder.join("kamailio.cfg");
        fs::write(&config, config_text(sip))?;
        let log = fs::File::create(folder.join("kamailio.log"))?;
        let mut words = before.iter().chain(&["kamailio"]);
        let program = words.next().copied().unwrap_or("kamailio");
        let child = Command::new(program)
            .args(words)
            .args(["-DD", "-E", "-m", "512", "-M", "32", "-f"])
            .arg(&config)
            .args(["-Y", &folder.display().to_string(), "-P"])
            .arg(folder.join("kamailio.pid"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let mut kamailio = Self { child, sip };
        let began = Instant::now();
        while !kamailio.answers()? {
            if kamailio.child.try_wait()?.is_some() || began.elapsed() > Duration::from_mins(1) {
                let why = fs::read_to_string(folder.join("kamailio.log")).unwrap_or_default();
                return Err(Failed::new(format!("kamailio does not start:\n{why}")));
            }
        }
        Ok(kamailio)
    }

    /// Whether it answers a request of no use to anybody.
    fn answers(&self) -> Result<bool> {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(200)))?;
        let own = socket.local_addr()?;
        let text = format!(
            "OPTIONS sip:{} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKready\r\nMax-Forwards: 70\r\n\
             From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: ready\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
            self.sip
        );
        socket.send_to(text.as_bytes(), self.sip)?;
        Ok(socket.recv(&mut [0; 2000]).is_ok())
    }

    fn stop(mut self) -> Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // Its children end with it only when it is told, not when it is killed.
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
            let _ = self.child.wait();
        }
    }
}

/// A registrar and nothing else: two workers, one password for everybody, bindings in memory.
fn config_text(sip: SocketAddr) -> String {
    let mut text = format!(
        "#!KAMAILIO\ndebug=-1\nlog_stderror=yes\nfork=yes\nchildren=2\ndisable_tcp=yes\nauto_aliases=no\n\
         listen=udp:{sip}\n"
    );
    for module in [
        "pv",
        "sl",
        "tm",
        "rr",
        "maxfwd",
        "textops",
        "siputils",
        "usrloc",
        "registrar",
        "auth",
    ] {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "loadmodule \"{module}.so\"");
    }
    let _ = write!(
        text,
        "modparam(\"usrloc\", \"db_mode\", 0)\nmodparam(\"auth\", \"qop\", \"auth\")\n\
         modparam(\"auth\", \"nonce_expire\", 600)\n\
         request_route {{\n  if (!mf_process_maxfwd_header(\"10\")) {{ sl_send_reply(\"483\", \"Too Many Hops\"); exit; }}\n\
         \x20 if (!is_method(\"REGISTER\")) {{ sl_send_reply(\"405\", \"Method Not Allowed\"); exit; }}\n\
         \x20 if (!pv_auth_check(\"$fd\", \"{PASSWORD}\", \"0\", \"1\")) {{ auth_challenge(\"$fd\", \"1\"); exit; }}\n\
         \x20 save(\"location\");\n}}\n"
    );
    text
}

fn installed() -> Option<String> {
    let told = Command::new("kamailio").arg("-v").output().ok()?;
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    let version = text.split_ascii_whitespace().nth(2)?;
    Some(version.to_owned())
}

fn kamailio_version(install: bool) -> Result<Option<String>> {
    if installed().is_none() && install {
        note("installing kamailio");
        let done = Command::new("apt-get")
            .args(["install", "-y", "-qq", "--no-install-recommends", "kamailio"])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null())
            .status()?;
        if !done.success() {
            return Err(Failed::new(
                "kamailio cannot be installed; as root: apt-get install kamailio",
            ));
        }
    }
    Ok(installed())
}

/// What kind of registrations a run makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Each under a `Call-ID` that is new, with the contact from before.
    Restart,
    /// Under the same one as the time before.
    Renewal,
    /// With a contact that was not there before.
    First,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Renewal, Self::Restart, Self::First];
    /// In turns: each first registration gives a telephone one more device, which would be told to the others of a round.
    const TURNS: [&[Self]; 2] = [&[Self::Renewal, Self::Restart], &[Self::First]];

    const fn title(self) -> &'static str {
        match self {
            Self::First => "a telephone that nobody knows",
            Self::Restart => "a telephone that was started anew",
            Self::Renewal => "a telephone that renews",
        }
    }
}

/// Telephones at one port, and how often they registered.
struct Telephones<'a> {
    folder: &'a Path,
    port: u16,
    runs: u32,
    /// The part of all `Call-ID`s that a start changes.
    started: u32,
}

impl Telephones<'_> {
    /// All of them register at a server.
    fn register(&mut self, to: SocketAddr, kind: Kind, times: usize, at_once: usize) -> Result<()> {
        self.runs += 1;
        if kind == Kind::First {
            self.port = sip::free_port()?.port();
        }
        if kind != Kind::Renewal {
            self.started = self.runs;
        }
        let call_id = format!("%u-{}@bench", self.started);
        let (asks, proves) = ((2 * self.runs).to_string(), (2 * self.runs + 1).to_string());
        Sipp {
            folder: self.folder,
            scenario: REGISTER,
            to,
            times,
            rate: 20_000,
            at_once,
            from: self.port,
            more: &[
                "-cid_str", &call_id, "-key", "asks", &asks, "-key", "proves", &proves,
            ],
        }
        .run()
    }
}

/// One run against a server: microseconds of processor time each, and how many a second.
fn sample(
    telephones: &mut Telephones<'_>,
    to: SocketAddr,
    pid: u32,
    kind: Kind,
    options: &Options,
) -> Result<(f64, f64)> {
    let (before, began) = (sip::cpu_of_family(pid)?, Instant::now());
    telephones.register(to, kind, options.telephones, options.at_once)?;
    let span = began.elapsed().as_secs_f64();
    // What was answered from memory is written down within some seconds; it belongs to the price.
    std::thread::sleep(Duration::from_secs(4));
    let cpu = sip::cpu_of_family(pid)?.saturating_sub(before);
    let times = to_float(options.telephones as u64);
    Ok((cpu.as_secs_f64() * 1e6 / times, times / span))
}

/// Instructions a registration of a program under callgrind: the difference of two runs, so that its start does not count.
fn instructions(folder: &Path, start: impl Fn(&[&str]) -> Result<Counted>) -> Result<f64> {
    let mut counts = Vec::new();
    for times in [COUNTED, 2 * COUNTED] {
        let out = folder.join(format!("callgrind.{times}"));
        let file = format!("--callgrind-out-file={}.%p", out.display());
        let counted = start(&["valgrind", "--tool=callgrind", "--trace-children=yes", &file])?;
        let mut telephones = Telephones {
            folder,
            port: sip::free_port()?.port(),
            runs: 0,
            started: 0,
        };
        // The first half makes what the second renews, so that each count holds as many of both.
        telephones.register(counted.sip, Kind::First, times, 10)?;
        telephones.register(counted.sip, Kind::Renewal, times, 10)?;
        std::thread::sleep(Duration::from_secs(4));
        (counted.stop)()?;
        counts.push(total(folder, &format!("callgrind.{times}."))?);
    }
    match counts[..] {
        [less, more] => Ok((more - less) / to_float(2 * COUNTED as u64)),
        _ => Err(Failed::new("there are not two counts")),
    }
}

/// A program that is counted.
struct Counted {
    sip: SocketAddr,
    stop: Box<dyn FnOnce() -> Result<()>>,
}

/// The instructions in all files of callgrind whose names begin so.
fn total(folder: &Path, begins: &str) -> Result<f64> {
    let mut all = 0;
    for entry in fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !name.starts_with(begins) {
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        let summary = text.lines().rev().find_map(|line| {
            let rest = line
                .strip_prefix("totals:")
                .or_else(|| line.strip_prefix("summary:"))?;
            rest.split_ascii_whitespace().next()?.parse::<u64>().ok()
        });
        all += summary.ok_or_else(|| Failed::new(format!("{} tells no total", path.display())))?;
    }
    Ok(to_float(all))
}

/// What the rounds of one kind found.
#[derive(Default)]
struct Samples {
    ours: Vec<f64>,
    our_rate: Vec<f64>,
    theirs: Vec<f64>,
    their_rate: Vec<f64>,
    pairs: Vec<f64>,
}

impl Samples {
    fn rows(&mut self, title: &str) -> String {
        let middle = |values: &mut Vec<f64>| report::median(values).unwrap_or(0.0);
        let (cpu, rate) = (middle(&mut self.ours), middle(&mut self.our_rate));
        if self.pairs.is_empty() {
            return format!(
                "| {title}: CPU µs | {cpu:.1} | – | – | ≤ {MOST} | |\n| {title}: a second | {rate:.0} | – | – | | |\n"
            );
        }
        let (theirs, their_rate) = (middle(&mut self.theirs), middle(&mut self.their_rate));
        let least = self.pairs.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.pairs.iter().copied().fold(0.0, f64::max);
        let ratio = middle(&mut self.pairs);
        format!(
            "| {title}: CPU µs | {cpu:.1} | {theirs:.1} | {ratio:.2} ({least:.2}–{most:.2}) | ≤ {MOST} | {} |\n\
             | {title}: a second | {rate:.0} | {their_rate:.0} | {:.2} | | |\n",
            report::verdict(ratio <= MOST),
            rate / their_rate
        )
    }
}

/// Measures, and gives the table.
pub(crate) fn run(options: &Options) -> Result<String> {
    let programs = Programs::new()?;
    let kamailio_version = kamailio_version(options.install_kamailio)?;
    let folder = programs.work.join("sipp");
    fs::create_dir(&folder)?;
    note(&format!(
        "filling a database with {} extensions",
        options.telephones
    ));
    let mut place = sip::place(&programs, "register", options.telephones)?;
    sip::people(&folder.join("people.csv"), 0..options.telephones)?;
    let load_average = process::load_average();
    let edge = Edge::start(&programs, &mut place)?;
    let kamailio = match &kamailio_version {
        Some(_) => Some(Kamailio::start(&folder, &[])?),
        None => None,
    };
    let telephones = || -> Result<Telephones<'_>> {
        Ok(Telephones {
            folder: &folder,
            port: sip::free_port()?.port(),
            runs: 0,
            started: 0,
        })
    };
    let (mut own, mut other) = (telephones()?, telephones()?);
    let mut samples: BTreeMap<&str, Samples> = BTreeMap::new();
    // What the first renewals renew: uncounted.
    own.register(edge.sip, Kind::First, options.telephones, options.at_once)?;
    if let Some(kamailio) = &kamailio {
        other.register(kamailio.sip, Kind::First, options.telephones, options.at_once)?;
    }
    let rounds = Kind::TURNS
        .iter()
        .flat_map(|kinds| (1..=options.rounds).map(move |round| (round, *kinds)));
    for (round, kinds) in rounds {
        for &kind in kinds {
            let title = kind.title();
            let samples = samples.entry(title).or_default();
            let (cpu, rate) = sample(&mut own, edge.sip, edge.server.pid(), kind, options)?;
            note(&format!(
                "round {round}: {title}: jackfield {cpu:.1} us, {rate:.0} a second"
            ));
            samples.ours.push(cpu);
            samples.our_rate.push(rate);
            if let Some(kamailio) = &kamailio {
                let (theirs, rate) = sample(&mut other, kamailio.sip, kamailio.child.id(), kind, options)?;
                note(&format!(
                    "round {round}: {title}: kamailio {theirs:.1} us, {rate:.0} a second"
                ));
                samples.theirs.push(theirs);
                samples.their_rate.push(rate);
                samples.pairs.push(cpu / theirs);
            }
        }
    }
    edge.server.stop()?;
    if let Some(kamailio) = kamailio {
        kamailio.stop()?;
    }
    let mut text = String::new();
    let version = kamailio_version.as_deref().unwrap_or("not installed");
    // As above.
    let _ = writeln!(
        text,
        "{} rounds of {} registrations each, {} at once, kamailio {version}, load average at their start {load_average}.\n\n\
         | a registration with its proof | jackfield | kamailio | ratio (pairs) | target | |\n\
         | --- | ---: | ---: | ---: | ---: | --- |",
        options.rounds, options.telephones, options.at_once
    );
    for kind in Kind::ALL {
        if let Some(samples) = samples.get_mut(kind.title()) {
            text.push_str(&samples.rows(kind.title()));
        }
    }
    if options.instructions {
        text.push_str(&count(
            &programs,
            &mut place,
            &folder,
            kamailio_version.is_some(),
        )?);
    }
    Ok(text)
}

/// The row of instructions.
fn count(programs: &Programs, place: &mut crate::rounds::Place, folder: &Path, both: bool) -> Result<String> {
    note("counting instructions");
    let place = std::cell::RefCell::new(place);
    let ours = instructions(folder, |before| {
        let edge = Edge::start_under(programs, &mut place.borrow_mut(), before)?;
        Ok(Counted {
            sip: edge.sip,
            stop: Box::new(move || edge.server.stop()),
        })
    })?;
    if !both {
        return Ok(format!(
            "| instructions | {ours:.0} | – | – | < {MOST_INSTRUCTIONS} | |\n"
        ));
    }
    let theirs = instructions(folder, |before| {
        let kamailio = Kamailio::start(folder, before)?;
        Ok(Counted {
            sip: kamailio.sip,
            stop: Box::new(move || kamailio.stop()),
        })
    })?;
    let ratio = ours / theirs;
    Ok(format!(
        "| instructions | {ours:.0} | {theirs:.0} | {ratio:.2} | < {MOST_INSTRUCTIONS} | {} |\n",
        report::verdict(ratio < MOST_INSTRUCTIONS)
    ))
}
