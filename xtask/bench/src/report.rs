//! The figures as Markdown, beside what they should be.

use std::{fmt::Write as _, fs, path::Path, process::Command, time::Duration};

use jackfield_domain::Clock;
use jackfield_server::entropy::SystemClock;

use crate::{
    Engine, Options, Result,
    load::Sample,
    process,
    requests::{CONNECTIONS, MANY},
    rounds::{Figures, What},
};

/// Between these lines of the file stands what a run wrote; what is around them is written by hand and stays.
const BEGIN: &str = "<!-- figures: begin -->";
const END: &str = "<!-- figures: end -->";

/// A request whose processor time is compared with that of another.
struct Row {
    title: &'static str,
    what: What,
    than: What,
    /// What it is compared with, in words.
    basis: &'static str,
    /// The ratio should be at most this; without a target it is for knowing.
    most: Option<f64>,
}

const ROWS: [Row; 11] = [
    Row {
        title: "read a user, from the store",
        what: What::StoredUser,
        than: What::BareUser,
        basis: "bare server",
        most: Some(2.5),
    },
    Row {
        title: "read a user, from the store",
        what: What::StoredUser,
        than: What::LoopUser,
        basis: "bare loop over SQLite",
        most: None,
    },
    Row {
        title: "read a user, from the cache",
        what: What::CachedUser,
        than: What::BareUser,
        basis: "bare server",
        most: Some(1.5),
    },
    Row {
        title: "list 100 users",
        what: What::List,
        than: What::BareList,
        basis: "bare server",
        most: Some(24.0),
    },
    Row {
        title: "list 100 users",
        what: What::List,
        than: What::LoopList,
        basis: "bare loop over SQLite",
        most: Some(1.6),
    },
    Row {
        title: "list 100 users, by a custom role",
        what: What::ClerksList,
        than: What::List,
        basis: "the same by the administrator",
        most: Some(1.2),
    },
    Row {
        title: "list 100 users, by VoIPstudio's dialect",
        what: What::VoipStudioList,
        than: What::List,
        basis: "the same by PortSIP's",
        most: Some(1.2),
    },
    Row {
        title: "read a user, from the store, by VoIPstudio's dialect",
        what: What::VoipStudioUser,
        than: What::StoredUser,
        basis: "the same by PortSIP's",
        most: Some(1.2),
    },
    Row {
        title: "create a user, 16 connections",
        what: What::Create,
        than: What::BareCreate,
        basis: "bare server",
        most: Some(7.5),
    },
    Row {
        title: "create a user, 16 connections",
        what: What::Create,
        than: What::LoopCreate,
        basis: "bare loop over SQLite, 16 a commit",
        most: None,
    },
    Row {
        title: "create a user, 64 connections",
        what: What::CreateMany,
        than: What::BareCreate,
        basis: "bare server at 16",
        most: Some(7.5),
    },
];

/// The same requests to the server that logs warnings only.
const QUIET: [(&str, What, What); 4] = [
    (
        "read a user, from the store",
        What::QuietStoredUser,
        What::BareUser,
    ),
    (
        "read a user, from the cache",
        What::QuietCachedUser,
        What::BareUser,
    ),
    ("list 100 users", What::QuietList, What::BareList),
    (
        "create a user, 16 connections",
        What::QuietCreate,
        What::BareCreate,
    ),
];

/// At 64 connections, how many times the rate of one commit for each request.
const GROUP_COMMIT: f64 = 2.0;
/// Megabytes of memory.
const MEMORY: f64 = 60.0;
/// Until the server is ready.
const READY: Duration = Duration::from_secs(1);

/// The middle of the samples, and how far they lie apart.
struct Summary {
    cpu: f64,
    lowest: f64,
    highest: f64,
    rate: f64,
}

fn summary(samples: &[Sample]) -> Option<Summary> {
    let mut cpu: Vec<f64> = samples.iter().map(|sample| sample.cpu).collect();
    let mut rate: Vec<f64> = samples.iter().map(|sample| sample.rate).collect();
    Some(Summary {
        cpu: median(&mut cpu)?,
        rate: median(&mut rate)?,
        lowest: *cpu.first()?,
        highest: *cpu.last()?,
    })
}

/// Sorts the values and gives the middle one, or the mean of the two in the middle.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *values.get(values.len() / 2 - 1)?;
    Some(f64::midpoint(lower, upper))
}

pub(crate) fn verdict(good: bool) -> &'static str {
    if good { "ok" } else { "**missed**" }
}

/// The tables of a run.
pub(crate) fn markdown(options: &Options, figures: &Figures) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = fill(&mut text, options, figures);
    text
}

fn fill(text: &mut String, options: &Options, figures: &Figures) -> std::fmt::Result {
    let get = look(figures);
    conditions(text, options, figures)?;

    writeln!(
        text,
        "| request | CPU µs | (range) | compared with | CPU µs | ratio | target | |"
    )?;
    writeln!(text, "| --- | ---: | ---: | --- | ---: | ---: | ---: | --- |")?;
    for row in &ROWS {
        let (Some(ours), Some(other)) = (get(row.what), get(row.than)) else {
            continue;
        };
        let ratio = ours.cpu / other.cpu;
        write!(
            text,
            "| {} | {:.1} | {:.1}–{:.1} | {} | {:.1} | {ratio:.2} | ",
            row.title, ours.cpu, ours.lowest, ours.highest, row.basis, other.cpu,
        )?;
        match row.most {
            Some(most) => writeln!(text, "≤ {most} | {} |", verdict(ratio <= most))?,
            None => writeln!(text, "– | |")?,
        }
    }
    others(text, figures)?;
    rates(text, figures)?;
    quiet(text, figures)
}

/// Summaries by what was measured.
fn look(figures: &Figures) -> impl Fn(What) -> Option<Summary> + '_ {
    |what| figures.samples.get(&what).and_then(|samples| summary(samples))
}

/// Everything with a target that is not processor time.
fn others(text: &mut String, figures: &Figures) -> std::fmt::Result {
    let get = look(figures);
    writeln!(text, "\n| | measured | target | |\n| --- | ---: | ---: | --- |")?;
    if let (Some(grouped), Some(lone)) = (get(What::CreateMany), get(What::LoneCreateMany)) {
        let ratio = grouped.rate / lone.rate;
        writeln!(
            text,
            "| create a user, {MANY} connections: rate, against one commit a request | {:.0}/s : {:.0}/s = {ratio:.2} \
             | ≥ {GROUP_COMMIT} | {} |",
            grouped.rate,
            lone.rate,
            verdict(ratio >= GROUP_COMMIT)
        )?;
    }
    let megabytes = |bytes: u64| crate::load::to_float(bytes) / 1e6;
    let resident = megabytes(figures.memory.resident);
    writeln!(
        text,
        "| resident memory after all loads, on 10,000 users (peak) | {resident:.1} MB ({:.1} MB) | < {MEMORY} MB | {} |",
        megabytes(figures.memory.peak),
        verdict(resident < MEMORY)
    )?;
    for (place, ready) in ["the full database", "an empty data directory"]
        .into_iter()
        .zip(figures.ready)
    {
        writeln!(
            text,
            "| from start to ready, on {place} | {:.0} ms | < 1 s | {} |",
            ready.as_secs_f64() * 1e3,
            verdict(ready < READY)
        )?;
    }

    Ok(())
}

fn rates(text: &mut String, figures: &Figures) -> std::fmt::Result {
    let get = look(figures);
    writeln!(
        text,
        "\nRequests a second, and as a share of what it is compared with:\n"
    )?;
    writeln!(
        text,
        "| request | connections | a second | bare server | share |\n| --- | ---: | ---: | ---: | ---: |"
    )?;
    for (title, connections, what, than) in [
        (
            "read a user, from the store",
            CONNECTIONS,
            What::StoredUser,
            What::BareUser,
        ),
        (
            "read a user, from the cache",
            CONNECTIONS,
            What::CachedUser,
            What::BareUser,
        ),
        ("list 100 users", CONNECTIONS, What::List, What::BareList),
        (
            "list 100 users, by a custom role",
            CONNECTIONS,
            What::ClerksList,
            What::BareList,
        ),
        ("create a user", 1, What::CreateOne, What::BareCreate),
        ("create a user", CONNECTIONS, What::Create, What::BareCreate),
        ("create a user", MANY, What::CreateMany, What::BareCreate),
        (
            "create a user, one commit a request",
            MANY,
            What::LoneCreateMany,
            What::BareCreate,
        ),
    ] {
        let (Some(ours), Some(bare)) = (get(what), get(than)) else {
            continue;
        };
        let share = ours.rate / bare.rate * 100.0;
        writeln!(
            text,
            "| {title} | {connections} | {:.0} | {:.0} | {share:.0} % |",
            ours.rate, bare.rate
        )?;
    }

    Ok(())
}

fn quiet(text: &mut String, figures: &Figures) -> std::fmt::Result {
    let get = look(figures);
    writeln!(
        text,
        "\nThe same server with `JACKFIELD_LOG=warn`, so without a line for each request:\n"
    )?;
    writeln!(
        text,
        "| request | CPU µs | ratio to the bare server | a second |\n| --- | ---: | ---: | ---: |"
    )?;
    for (title, what, than) in QUIET {
        let (Some(ours), Some(bare)) = (get(what), get(than)) else {
            continue;
        };
        writeln!(
            text,
            "| {title} | {:.1} | {:.2} | {:.0} |",
            ours.cpu,
            ours.cpu / bare.cpu,
            ours.rate
        )?;
    }
    Ok(())
}

fn conditions(text: &mut String, options: &Options, figures: &Figures) -> std::fmt::Result {
    let today = SystemClock.now().to_string();
    let engine = match options.engine {
        Engine::Sqlite => format!("SQLite {}", rusqlite::version()),
        Engine::Postgres => "PostgreSQL; its own processes are not counted".to_owned(),
    };
    let [settings, user, list, create] = figures.sizes;
    writeln!(
        text,
        "- {}, {}",
        today.get(..10).unwrap_or_default(),
        process::machine()
    )?;
    writeln!(
        text,
        "- jackfield {} at {}, {}, {engine}",
        jackfield_server::routes::VERSION,
        said("git", &["rev-parse", "--short", "HEAD"]),
        said("rustc", &["--version"])
    )?;
    write!(text, "- {} users in {} tenants", options.users, options.tenants)?;
    if let Some(bytes) = figures.file {
        write!(text, ", a file of {} MB", bytes / 1_000_000)?;
    }
    writeln!(
        text,
        "; settings of a user {settings} bytes, answer with one user {user}, list of 100 {list}, request that creates \
         one {create}"
    )?;
    writeln!(
        text,
        "- {} rounds of {} s each, load average at their start {}",
        options.rounds, options.seconds, figures.load_average
    )?;
    match figures.same_list {
        Some(true) => writeln!(
            text,
            "- the bare loop over SQLite printed the same bytes as the server"
        )?,
        Some(false) => writeln!(
            text,
            "- the bare loop over SQLite printed **other bytes** than the server"
        )?,
        None => {}
    }
    writeln!(text)
}

/// What a program says about itself.
fn said(program: &str, arguments: &[&str]) -> String {
    Command::new(program)
        .args(arguments)
        .output()
        .ok()
        .filter(|output| output.status.success())
        .map_or_else(
            || format!("unknown {program}"),
            |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        )
}

/// Puts the tables into the file, in place of those of the last run.
pub(crate) fn write(path: &Path, figures: &str) -> Result<()> {
    let old = match fs::read_to_string(path) {
        Ok(old) => old,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(fs::write(path, replaced(&old, figures))?)
}

fn replaced(old: &str, figures: &str) -> String {
    let (before, after) = match (old.split_once(BEGIN), old.split_once(END)) {
        (Some((before, _)), Some((_, after))) => (before.to_owned(), after.to_owned()),
        _ if old.is_empty() => ("# Benchmarks\n\n".to_owned(), "\n".to_owned()),
        _ => (format!("{}\n\n", old.trim_end()), "\n".to_owned()),
    };
    format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", figures.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_some_values() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn figures_are_replaced_and_the_rest_stays() {
        let first = replaced("", "| a |\n");
        assert_eq!(first, format!("# Benchmarks\n\n{BEGIN}\n\n| a |\n\n{END}\n"));
        let edited = format!("{first}\nWhat it means.\n");
        let second = replaced(&edited, "| b |");
        assert_eq!(second, edited.replace("| a |", "| b |"));
        assert_eq!(
            replaced("# By hand\n", "x"),
            format!("# By hand\n\n{BEGIN}\n\nx\n\n{END}\n")
        );
    }
}
