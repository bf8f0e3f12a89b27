//! `cargo xtask bench calls`: what reports of calls cost, and what lists and differences cost where there are many, on SQLite.
//!
//! Reports go into the directory in this process, without a dialect: batches from several tasks at once, each batch a unit of
//! work that is on disk before it is answered. Lists and differences are asked of the released server over HTTP, on a database
//! with many entries and on one with few, which were filled by SQL.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use jackfield_directory::{Keeper, Reported};
use jackfield_domain::{
    ApiKeyId, BuiltInRole, CallDirection, Caller, Contact, ContactPatch, EndReason, NewCallRecord, Reporter,
    TenantId, Timestamp, UserId,
    capability::{ManageTenants, ManageUsers},
};
use jackfield_server::{App, World};
use rusqlite::Connection;

use crate::{
    Failed, Result,
    data::{self, PASSWORD},
    http,
    load::{self, Load, to_float},
    note, process,
    requests::CONNECTIONS,
    rounds::{Place, Programs},
};

/// Calls of one batch.
const BATCH: usize = 100;
/// Batches that are under way at the same time.
const REPORTERS: usize = 16;
/// Users of the tenant whose calls are reported.
const USERS: usize = 1000;
/// Entries that a follower is behind.
const BEHIND: usize = 100;
/// Calls of the user whose list is read, a few more than are skipped.
const CALLS: usize = 51_000;
/// Entries of the short journal and of the long one.
const ENTRIES: [i64; 2] = [10_000, 10_000_000];
const DOMAIN: &str = "calls.example";
/// Who follows and lists.
const FOLLOWER: &str = "user0";
const WARM: Duration = Duration::from_millis(300);

/// How the measurement is done.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often each request is measured; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: u16,
    /// How many seconds each measurement takes.
    #[arg(long, default_value_t = 2.0)]
    seconds: f32,
}

/// A tenant with users, and who may do what in it.
struct Firm {
    app: App,
    tenant: TenantId,
    follower: UserId,
}

impl Firm {
    async fn make(place: &Place, users: usize) -> Result<Self> {
        let app = open(place).await?;
        app.ensure_administrator().await?;
        let hash = data::hash()?;
        let program = Arc::new(Caller::program(TenantId::SYSTEM));
        let tenant = app
            .directory
            .create_tenant(&program.grant::<ManageTenants>()?, data::tenant("Calls", DOMAIN))
            .await?;
        let grant = Arc::new(Caller::program(tenant)).grant::<ManageUsers>()?;
        let mut follower = UserId::FIRST;
        for number in 0..users {
            let new = data::person(&format!("user{number}"), &extension(number), &hash);
            let id = app.directory.create_user(&grant, new).await?;
            if number == 0 {
                follower = id;
            }
        }
        Ok(Self {
            app,
            tenant,
            follower,
        })
    }

    fn engine(&self) -> Result<Reporter> {
        Ok(Arc::new(Caller::engine(self.tenant, ApiKeyId::FIRST)).reporter()?)
    }

    /// Reports calls and makes sure that all of them are new.
    async fn report(&self, calls: Vec<NewCallRecord>) -> Result<()> {
        let told = self
            .app
            .directory
            .report_call_records(&self.engine()?, calls)
            .await?;
        if told.iter().all(|told| matches!(told, Reported::New(_))) {
            Ok(())
        } else {
            Err(Failed::new("a report was refused or known already"))
        }
    }
}

async fn open(place: &Place) -> Result<App> {
    let find = |name: &str| {
        let found = place.environment.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into())
    };
    Ok(App::open(data::settings(&find)?, World::real()).await?)
}

fn extension(number: usize) -> String {
    format!("2{number:05}")
}

/// Call number `number`: from outside to one of the users, or between two of them.
fn call(number: u64, users: usize) -> NewCallRecord {
    let index = |shift: u32| {
        usize::try_from(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift).unwrap_or(0) % users
    };
    let start =
        Timestamp::from_micros(1_760_000_000_000_000 + i64::try_from(number).unwrap_or(0) * 1_000_000);
    let moment = |seconds| start.plus(Duration::from_secs(seconds));
    let internal = number.is_multiple_of(2);
    NewCallRecord {
        caller: if internal {
            extension(index(40))
        } else {
            format!("+49305{number:07}")
        },
        caller_domain: DOMAIN.into(),
        caller_display_name: "Ada Mustermann".into(),
        callee: extension(index(20)),
        callee_domain: DOMAIN.into(),
        callee_display_name: "Grace Mustermann".into(),
        rang_at: Some(moment(2)),
        answered_at: Some(moment(7)),
        call_id: format!("{number:016x}@pbx.example"),
        end_reason: Some(EndReason::CallerDisconnected),
        status_code: 200,
        destination: extension(index(20)),
        trunk: "telco".into(),
        ..NewCallRecord::between(
            format!("engine-1:{number}"),
            if internal {
                CallDirection::Internal
            } else {
                CallDirection::Inbound
            },
            start,
            moment(67),
        )
    }
}

/// Records a second and processor microseconds for each, while reporters hand in batches.
async fn feed(firm: &Arc<Firm>, next: &Arc<AtomicU64>, span: Duration) -> Result<(f64, f64)> {
    let (began, before) = (Instant::now(), process::cpu(std::process::id())?);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..REPORTERS {
        let (firm, next) = (Arc::clone(firm), Arc::clone(next));
        tasks.spawn(async move {
            let mut count = 0_u64;
            while began.elapsed() < span {
                let first = next.fetch_add(BATCH as u64, Ordering::Relaxed);
                let calls = (first..first + BATCH as u64)
                    .map(|number| call(number, USERS))
                    .collect();
                firm.report(calls).await.map_err(|failed| failed.to_string())?;
                count += BATCH as u64;
            }
            Ok::<_, String>(count)
        });
    }
    let mut count = 0;
    while let Some(done) = tasks.join_next().await {
        count += done?.map_err(Failed::new)?;
    }
    let cpu = process::cpu(std::process::id())?.saturating_sub(before);
    Ok((
        to_float(count) / began.elapsed().as_secs_f64(),
        cpu.as_secs_f64() * 1e6 / to_float(count),
    ))
}

/// Writes entries into the journal, and into the tenant's own numbering of calls, as so many changes by others would have.
fn stuff(file: &Path, tenant: TenantId, entries: i64) -> Result<()> {
    let connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN")?;
    let sequence = "SELECT sequence FROM journal_heads WHERE tenant_id = ?1";
    let last: i64 = connection.query_row(sequence, [tenant.get()], |row| row.get(0))?;
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) ";
    let journal = "INSERT INTO journal (tenant_id, sequence, kind, record, change, actor_tenant, actor_user, at, detail, \
                   owner) SELECT ?1, ?3 + i, CASE i % 3 WHEN 0 THEN 'contact' WHEN 1 THEN 'user' ELSE 'phone' END, i, \
                   'UPDATED', ?1, NULL, i, NULL, i % 1000 FROM n";
    connection.execute(&format!("{numbers}{journal}"), [tenant.get(), entries, last])?;
    let calls = "INSERT INTO call_record_entries (tenant_id, user_id, position, record, at) SELECT ?1, 0, i, i, i FROM n";
    connection.execute(&format!("{numbers}{calls}"), [tenant.get(), entries])?;
    let sql = "UPDATE journal_heads SET sequence = sequence + ?2 WHERE tenant_id = ?1";
    connection.execute(sql, [tenant.get(), entries])?;
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// Two tokens of the follower, for contacts and for calls, that are [`BEHIND`] entries behind.
async fn fall_behind(firm: &Firm) -> Result<[String; 2]> {
    let caller = Arc::new(Caller {
        home: firm.tenant,
        user: Some(firm.follower),
        acting_in: None,
        role: BuiltInRole::Admin.name().into(),
        ..Caller::program(firm.tenant)
    });
    let keeper = Keeper::from(&caller.own()?);
    let directory = &firm.app.directory;
    for number in 0..u64::try_from(CALLS / BATCH)? {
        let calls = (number * BATCH as u64..(number + 1) * BATCH as u64).map(|number| call(number, 1));
        firm.report(calls.collect()).await?;
    }
    let contacts = directory.follow_items::<Contact>(&keeper).await?;
    let calls = directory
        .follow_call_records(&caller.own()?.permitted()?, None)
        .await?;
    for _ in 0..BEHIND {
        directory
            .create_item::<Contact>(&keeper, ContactPatch::default())
            .await?;
    }
    let first = CALLS as u64;
    let new = first..first + BEHIND as u64;
    firm.report(new.map(|number| call(number, 1)).collect()).await?;
    Ok([contacts, calls])
}

fn post(path: String, token: &str) -> Load {
    let token = token.to_owned();
    Load {
        requests: Arc::new(move |_, out: &mut Vec<u8>| http::post(out, &path, &token, b"")),
        next: Arc::new(AtomicU64::new(0)),
        status: 200,
        connections: CONNECTIONS,
    }
}

fn get(path: &'static str, token: &str) -> Load {
    let token = token.to_owned();
    Load {
        requests: Arc::new(move |_, out: &mut Vec<u8>| http::get(out, format_args!("{path}"), &token)),
        ..post(String::new(), "")
    }
}

/// What is compared: the title, the figure, and what it is compared with at most so many times.
const COMPARED: [(&str, &str, &str, f64); 3] = [
    ("list 100 calls, skip=50000", "deep", "first", 3.0),
    (
        "difference of 100 calls, 10,000,000 entries",
        "calls 1",
        "calls 0",
        1.5,
    ),
    (
        "difference of 100 contacts, journal of 10,000,000",
        "contacts 1",
        "contacts 0",
        1.5,
    ),
];
/// Records a second and core.
const FEED: f64 = 20_000.0;

/// Measures and gives the tables.
pub(crate) fn run(options: &Options) -> Result<String> {
    let programs = Programs::new()?;
    let runtime = data::server_runtime()?;
    let span = Duration::from_secs_f32(options.seconds);
    let mut samples: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut keep = |what: &str, value: f64| samples.entry(what.to_owned()).or_default().push(value);

    let place = Place::new(crate::Engine::Sqlite, &programs.work, "feed")?;
    let load_average = process::load_average();
    runtime.block_on(async {
        let firm = Arc::new(Firm::make(&place, USERS).await?);
        let next = Arc::new(AtomicU64::new(0));
        feed(&firm, &next, WARM).await?;
        for round in 1..=options.rounds {
            let (rate, cpu) = feed(&firm, &next, span).await?;
            note(&format!(
                "round {round}: {rate:.0} records a second, {cpu:.1} us of processor time each"
            ));
            keep("rate", rate);
            keep("feed", cpu);
        }
        Ok::<_, Failed>(())
    })?;

    let mut servers = Vec::new();
    for (index, entries) in ENTRIES.into_iter().enumerate() {
        note(&format!("filling a database with {entries} entries"));
        let place = Place::new(crate::Engine::Sqlite, &programs.work, &format!("entries{index}"))?;
        let tokens = runtime.block_on(async {
            let firm = Firm::make(&place, 2).await?;
            stuff(&place.file(), firm.tenant, entries)?;
            fall_behind(&firm).await
        })?;
        let server = programs.jackfield(&place, None)?;
        let session = http::sign_in(server.address, DOMAIN, FOLLOWER, PASSWORD)?;
        servers.push((server, session, tokens));
    }
    let mut loads = Vec::new();
    for (index, (server, session, [contacts, calls])) in servers.iter().enumerate() {
        let path = format!("/api/user/contacts/sync_tokens/{contacts}/diff");
        loads.push((format!("contacts {index}"), server, post(path, session)));
        let path = format!("/api/user/cdrs/sync_tokens/{calls}/diff");
        loads.push((format!("calls {index}"), server, post(path, session)));
        if index == 1 {
            loads.push(("first".to_owned(), server, get("/api/user/cdrs?skip=0", session)));
            loads.push((
                "deep".to_owned(),
                server,
                get("/api/user/cdrs?skip=50000", session),
            ));
        }
    }
    for round in 1..=options.rounds {
        for (what, server, load) in &loads {
            let sample = load::run(load, server.address, server.pid(), WARM, span)?;
            note(&format!(
                "round {round}: {what}: {:.1} us of processor time",
                sample.cpu
            ));
            keep(what, sample.cpu);
        }
    }
    drop(loads);
    for (server, ..) in servers {
        server.stop()?;
    }
    Ok(tables(options, &load_average, &mut samples))
}

fn tables(options: &Options, load_average: &str, samples: &mut BTreeMap<String, Vec<f64>>) -> String {
    let mut middle = |what: &str| {
        samples
            .get_mut(what)
            .and_then(|values| crate::report::median(values))
            .unwrap_or(0.0)
    };
    let mut text = String::new();
    let (rate, cpu) = (middle("rate"), middle("feed"));
    let per_core = 1e6 / cpu;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} rounds of {} s each on SQLite, load average at their start {load_average}.\n\n\
         | calls reported in batches of {BATCH}, {REPORTERS} at once, durable | measured | target | |\n\
         | --- | ---: | ---: | --- |\n\
         | records a second and core | {per_core:.0} ({cpu:.1} µs each) | ≥ {FEED:.0} | {} |\n\
         | records a second, all told | {rate:.0} | | |\n\n\
         | request | CPU µs | compared with | CPU µs | ratio | target | |\n\
         | --- | ---: | --- | ---: | ---: | ---: | --- |",
        options.rounds,
        options.seconds,
        crate::report::verdict(per_core >= FEED),
    );
    for (title, what, than, most) in COMPARED {
        let (ours, other) = (middle(what), middle(than));
        let ratio = ours / other;
        let basis = if than == "first" {
            "skip=0"
        } else {
            "10,000 entries"
        };
        let _ = writeln!(
            text,
            "| {title} | {ours:.1} | {basis} | {other:.1} | {ratio:.2} | ≤ {most} | {} |",
            crate::report::verdict(ratio <= most)
        );
    }
    text
}
