//! The run: everything is started, then loaded in turns, round after round.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    Engine, Failed, Options, Result,
    bare::{Bare, Step},
    ceiling,
    data::{self, Data},
    http, lite,
    load::{self, Load, Sample},
    note,
    postgres::Database,
    process::{self, Memory},
    requests::{self, CONNECTIONS, Kinds, MANY, PORTSIP, Tokens, VOIPSTUDIO},
    server::Server,
};

/// Before each measurement, how long the same load runs uncounted.
const WARM: Duration = Duration::from_millis(300);
/// Users of the database on which memory is measured, and their tenants.
const SMALL: (usize, usize) = (10_000, 5);
/// How often a start is timed.
const STARTS: usize = 5;

/// What is measured. The order is the order of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    BareUser,
    StoredUser,
    CachedUser,
    QuietStoredUser,
    QuietCachedUser,
    VoipStudioUser,
    LoopUser,
    BareList,
    List,
    ClerksList,
    VoipStudioList,
    QuietList,
    LoopList,
    BareCreate,
    Create,
    QuietCreate,
    LoopCreate,
    CreateMany,
    LoneCreateMany,
    CreateOne,
}

/// What a run found.
pub(crate) struct Figures {
    /// All samples of each kind.
    pub(crate) samples: BTreeMap<What, Vec<Sample>>,
    /// Bytes of one user's settings, of the answer with him, of the list, and of a body that creates one.
    pub(crate) sizes: [usize; 4],
    /// Whether the bare loop printed the same bytes as the server.
    pub(crate) same_list: Option<bool>,
    /// How long the server took to be ready, on the full database and on none.
    pub(crate) ready: [Duration; 2],
    /// The server's memory with [`SMALL`] users, after all loads.
    pub(crate) memory: Memory,
    /// The size of the database file, when there is one.
    pub(crate) file: Option<u64>,
    /// The load of the machine when the rounds began.
    pub(crate) load_average: String,
}

enum Work {
    Http {
        address: std::net::SocketAddr,
        pid: u32,
        load: Load,
    },
    Loop(lite::Loop),
    Bare(Bare, Step),
}

/// Where a database is, as settings of the server.
pub(crate) struct Place {
    pub(crate) environment: Vec<(String, String)>,
    database: Option<Database>,
    directory: PathBuf,
}

impl Place {
    pub(crate) fn new(engine: Engine, work: &Path, name: &str) -> Result<Self> {
        let directory = work.join(name);
        let mut environment = vec![
            ("JACKFIELD_DATA_DIR".to_owned(), directory.display().to_string()),
            ("JACKFIELD_ADMIN_PASSWORD".to_owned(), data::PASSWORD.to_owned()),
            // Several servers run side by side, and telephones have one port.
            ("JACKFIELD_SIP".to_owned(), "off".to_owned()),
        ];
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Database::create(name)?),
        };
        if let Some(database) = &database {
            environment.push(("JACKFIELD_DATABASE_URL".to_owned(), database.url()?));
            environment.push(("JACKFIELD_MASTER_KEY".to_owned(), "5a".repeat(32)));
        }
        Ok(Self {
            environment,
            database,
            directory,
        })
    }

    /// The same data once more: a copy of the file. PostgreSQL serves several servers from one database.
    fn twin(&self, work: &Path, name: &str) -> Result<Self> {
        let directory = work.join(name);
        let mut environment = self.environment.clone();
        if self.database.is_none() {
            data::copy(&self.directory, &directory)?;
            for (key, value) in &mut environment {
                if key == "JACKFIELD_DATA_DIR" {
                    *value = directory.display().to_string();
                }
            }
        }
        Ok(Self {
            environment,
            database: None,
            directory,
        })
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.directory.join("jackfield.db")
    }
}

/// What is needed to start servers.
pub(crate) struct Programs {
    /// This program.
    bench: PathBuf,
    /// The released one, which was built beside it.
    jackfield: PathBuf,
    pub(crate) work: PathBuf,
    _scratch: Scratch,
}

impl Programs {
    /// Finds them, and makes a folder for what they leave, which goes with this value.
    pub(crate) fn new() -> Result<Self> {
        let work = std::env::temp_dir().join(format!("jackfield-bench-{}", std::process::id()));
        fs::create_dir(&work)?;
        let scratch = Scratch(work.clone());
        let bench = std::env::current_exe()?;
        let jackfield = bench.with_file_name("jackfield");
        if !jackfield.exists() {
            let path = jackfield.display();
            return Err(Failed::new(format!(
                "{path} is not there; start this with `cargo xtask bench`"
            )));
        }
        Ok(Self {
            bench,
            jackfield,
            work,
            _scratch: scratch,
        })
    }

    pub(crate) fn jackfield(&self, place: &Place, log: Option<&str>) -> Result<Server> {
        self.jackfield_under(place, log, &[])
    }

    /// The same, run by another program, given with its arguments.
    pub(crate) fn jackfield_under(
        &self,
        place: &Place,
        log: Option<&str>,
        before: &[&str],
    ) -> Result<Server> {
        let mut environment = place.environment.clone();
        if let Some(log) = log {
            environment.push(("JACKFIELD_LOG".to_owned(), log.to_owned()));
        }
        let own = self.jackfield.display().to_string();
        let mut words: Vec<String> = before.iter().map(|&word| word.to_owned()).collect();
        words.extend([own, "serve".to_owned()]);
        let program = PathBuf::from(words.remove(0));
        Server::start(
            &program,
            &environment,
            &self.work.join("jackfield.log"),
            |address| {
                words.extend(["--listen".to_owned(), address.to_string()]);
                words
            },
        )
    }

    fn lone(&self, place: &Place) -> Result<Server> {
        Server::start(
            &self.bench,
            &place.environment,
            &self.work.join("lone.log"),
            |address| vec!["lone".to_owned(), address.port().to_string()],
        )
    }

    fn ceiling(&self, told: &ceiling::Told) -> Result<Server> {
        let path = self.work.join("ceiling.json");
        fs::write(&path, serde_json::to_vec(told)?)?;
        Server::start(&self.bench, &[], &self.work.join("ceiling.log"), |address| {
            vec![
                "ceiling".to_owned(),
                address.port().to_string(),
                path.display().to_string(),
            ]
        })
    }
}

/// A folder that is removed with this value.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            note(&format!("{} cannot be removed: {error}", self.0.display()));
        }
    }
}

/// Measures everything.
pub(crate) fn run(options: &Options) -> Result<Figures> {
    let programs = Programs::new()?;
    let (users, tenants) = (usize::try_from(options.users)?, usize::from(options.tenants));

    let place = Place::new(options.engine, &programs.work, "big")?;
    note(&format!(
        "filling a database with {users} users in {tenants} tenants"
    ));
    let data = data::fill(&place.environment, users, tenants)?;
    let file = fs::metadata(place.file()).ok().map(|file| file.len());
    let ready = starts(options, &programs, &place)?;
    let (samples, sizes, same_list, load_average) = turns(options, &programs, &place, &data)?;
    if let Some(database) = place.database {
        database.remove()?;
    }

    let place = Place::new(options.engine, &programs.work, "small")?;
    note(&format!("measuring memory with {} users", SMALL.0));
    let data = data::fill(&place.environment, SMALL.0, SMALL.1)?;
    let memory = memory(options, &programs, &place, &data)?;
    if let Some(database) = place.database {
        database.remove()?;
    }
    Ok(Figures {
        samples,
        sizes,
        same_list,
        ready,
        memory,
        file,
        load_average,
    })
}

/// The median time until the server is ready: on this database, and on an empty one.
fn starts(options: &Options, programs: &Programs, place: &Place) -> Result<[Duration; 2]> {
    let (mut full, mut empty) = (Vec::new(), Vec::new());
    for number in 0..STARTS {
        let server = programs.jackfield(place, None)?;
        full.push(server.ready_after);
        server.stop()?;
        let fresh = Place::new(options.engine, &programs.work, &format!("fresh{number}"))?;
        let server = programs.jackfield(&fresh, None)?;
        empty.push(server.ready_after);
        server.stop()?;
        if let Some(database) = fresh.database {
            database.remove()?;
        }
    }
    full.sort_unstable();
    empty.sort_unstable();
    let middle = |list: &[Duration]| list.get(list.len() / 2).copied().unwrap_or_default();
    Ok([middle(&full), middle(&empty)])
}

type Turns = (BTreeMap<What, Vec<Sample>>, [usize; 4], Option<bool>, String);

/// Loads all servers in turns.
fn turns(options: &Options, programs: &Programs, place: &Place, data: &Data) -> Result<Turns> {
    let sqlite = options.engine == Engine::Sqlite;
    // Copies are made before the original is open.
    let quiet_place = place.twin(&programs.work, "quiet")?;
    let bare_place = sqlite.then(|| place.twin(&programs.work, "bare")).transpose()?;
    let lone_place = sqlite.then(|| place.twin(&programs.work, "lone")).transpose()?;
    let ours = programs.jackfield(place, None)?;
    let quiet = programs.jackfield(&quiet_place, Some("warn"))?;
    let lone = lone_place
        .as_ref()
        .map(|place| programs.lone(place))
        .transpose()?;
    note("signing in");
    let tokens = Tokens::get(&ours, &data.domains)?;
    let quiet_tokens = Tokens::get(&quiet, &data.domains)?;

    let (tenant, id) = data.users.first().copied().unwrap_or_default();
    let user = http::fetch(ours.address, &format!("/api/users/{id}"), tokens.of(tenant))?;
    let list = http::fetch(ours.address, PORTSIP.list, tokens.of(0))?;
    let kinds = Kinds::new(data);
    let mut create = Vec::new();
    (kinds.create(&tokens, 1).requests)(0, &mut create);
    let sizes = [data.settings_bytes, user.len(), list.len(), create.len()];
    let ceiling = programs.ceiling(&ceiling::Told {
        tokens: tokens.administrators.to_vec(),
        user: String::from_utf8(user)?,
        list: String::from_utf8(list.clone())?,
    })?;

    let at = |server: &Server, load: Load| Work::Http {
        address: server.address,
        pid: server.pid(),
        load,
    };
    let first = tokens.of(0);
    let voipstudio = tokens.clone().of_voipstudio(&ours, &data.domains)?;
    let mut all = BTreeMap::from([
        (
            What::VoipStudioUser,
            at(&ours, kinds.any_user(&voipstudio, &VOIPSTUDIO)),
        ),
        (
            What::VoipStudioList,
            at(&ours, requests::list(voipstudio.of(0), &VOIPSTUDIO)),
        ),
        (What::BareUser, at(&ceiling, kinds.any_user(&tokens, &PORTSIP))),
        (What::StoredUser, at(&ours, kinds.any_user(&tokens, &PORTSIP))),
        (What::CachedUser, at(&ours, kinds.known_users(&tokens))),
        (
            What::QuietStoredUser,
            at(&quiet, kinds.any_user(&quiet_tokens, &PORTSIP)),
        ),
        (
            What::QuietCachedUser,
            at(&quiet, kinds.known_users(&quiet_tokens)),
        ),
        (What::BareList, at(&ceiling, requests::list(first, &PORTSIP))),
        (What::List, at(&ours, requests::list(first, &PORTSIP))),
        (
            What::ClerksList,
            at(&ours, requests::list(&tokens.clerk, &PORTSIP)),
        ),
        (
            What::QuietList,
            at(&quiet, requests::list(quiet_tokens.of(0), &PORTSIP)),
        ),
        (What::BareCreate, at(&ceiling, kinds.create(&tokens, CONNECTIONS))),
        (What::Create, at(&ours, kinds.create(&tokens, CONNECTIONS))),
        (
            What::QuietCreate,
            at(&quiet, kinds.create(&quiet_tokens, CONNECTIONS)),
        ),
        (What::CreateMany, at(&ours, kinds.create(&tokens, MANY))),
        (What::CreateOne, at(&ours, kinds.create(&tokens, 1))),
    ]);
    if let Some(lone) = &lone {
        let tokens = Tokens::get(lone, &data.domains)?;
        all.insert(What::LoneCreateMany, at(lone, kinds.create(&tokens, MANY)));
    }
    let mut same_list = None;
    if sqlite {
        let domain = data.domains.first().map_or("", String::as_str);
        let bare = lite::Loop::open(&place.file(), domain)?;
        same_list = Some(bare.list()? == list);
        all.insert(What::LoopList, Work::Loop(bare));
    }

    if let Some(place) = &bare_place {
        for (what, step) in [(What::LoopUser, Step::Read), (What::LoopCreate, Step::Create)] {
            all.insert(what, Work::Bare(Bare::open(&place.file(), data)?, step));
        }
    }

    let load_average = process::load_average();
    let samples = rounds(options, &mut all)?;
    for server in [Some(ours), Some(quiet), lone, Some(ceiling)]
        .into_iter()
        .flatten()
    {
        server.stop()?;
    }
    Ok((samples, sizes, same_list, load_average))
}

/// Takes all measurements in turns, round after round.
fn rounds(options: &Options, all: &mut BTreeMap<What, Work>) -> Result<BTreeMap<What, Vec<Sample>>> {
    let span = Duration::from_secs_f32(options.seconds);
    let mut samples: BTreeMap<What, Vec<Sample>> = BTreeMap::new();
    for round in 1..=options.rounds {
        for (what, work) in all.iter_mut() {
            let sample = match work {
                Work::Http { address, pid, load } => load::run(load, *address, *pid, WARM, span)?,
                Work::Loop(bare) => bare.run(span)?,
                Work::Bare(bare, step) => bare.run(*step, span)?,
            };
            note(&format!(
                "round {round}: {what:?}: {:.1} us of processor time, {:.0} a second",
                sample.cpu, sample.rate
            ));
            samples.entry(*what).or_default().push(sample);
        }
    }
    Ok(samples)
}

/// Puts every kind of load on a server and reads how much memory it then has.
fn memory(options: &Options, programs: &Programs, place: &Place, data: &Data) -> Result<Memory> {
    let server = programs.jackfield(place, None)?;
    let tokens = Tokens::get(&server, &data.domains)?;
    let kinds = Kinds::new(data);
    let span = Duration::from_secs_f32(options.seconds);
    let loads = [
        ("reading any user", kinds.any_user(&tokens, &PORTSIP)),
        ("reading a few users", kinds.known_users(&tokens)),
        ("listing", requests::list(tokens.of(0), &PORTSIP)),
        ("creating", kinds.create(&tokens, CONNECTIONS)),
        ("creating over many connections", kinds.create(&tokens, MANY)),
    ];
    for (name, load) in loads {
        load::run(&load, server.address, server.pid(), WARM, span)?;
        let resident = process::memory(server.pid())?.resident / 1_000_000;
        note(&format!("{resident} MB after {name}"));
    }
    let memory = process::memory(server.pid())?;
    server.stop()?;
    Ok(memory)
}
