//! `cargo xtask tidy`: conventions of the house that neither the compiler nor clippy knows.
//!
//! Every check explains itself, because the person it stops has usually never heard of the convention: what it found
//! and where, why the convention exists, what to do. A check is a function from what was read (the crate graph, the
//! files) to a list of places; reading stands apart in [`tree`], so that the unit tests hand in what they like.

use cargo_metadata::Metadata;

mod dependencies;
mod imports;
mod migrations;
mod sources;
mod tree;

/// One place that breaks a convention: `path:line: what`, or a crate's name instead of the path.
type Place = String;

/// A convention, and where the tree breaks it.
struct Check {
    /// What the check looks at, as the heading of its part of the report.
    title: &'static str,
    /// Why the convention exists.
    why: &'static str,
    /// What the reader of the report should do.
    remedy: &'static str,
    /// Where the convention is broken; empty when all is well.
    places: Vec<Place>,
}

/// What `tidy` has to say.
pub(crate) struct Report {
    /// Whether every check passed.
    pub(crate) clean: bool,
    /// The report for a person.
    pub(crate) text: String,
}

/// Runs every check on the workspace that `metadata` (read without dependencies) describes.
///
/// Fails when a file cannot be read.
pub(crate) fn run(metadata: &Metadata) -> Result<Report, String> {
    let root = metadata.workspace_root.as_std_path();
    let files = tree::read(root)?;
    let crates = tree::crates(metadata);
    Ok(report(&[
        imports::table(&crates),
        dependencies::reasons(&files),
        migrations::twins(&files),
        sources::long_files(&files),
        sources::ignored_tests(&files),
        sources::unfinished(&files),
        sources::vendor_words(&files),
        sources::readme(&files),
        sources::crate_fronts(&files, &tree::roots(metadata)),
    ]))
}

/// Puts the outcome of all checks into words; a broken one first says where, then why, then what to do.
fn report(checks: &[Check]) -> Report {
    let mut lines = Vec::new();
    let mut broken = 0_usize;
    for check in checks {
        if check.places.is_empty() {
            lines.push(format!("ok      {}", check.title));
            continue;
        }
        broken += 1;
        lines.push(format!("FAILED  {}", check.title));
        lines.extend(check.places.iter().map(|place| format!("          {place}")));
        lines.push(format!("        why:  {}", check.why));
        lines.push(format!("        do:   {}", check.remedy));
    }
    lines.push(match broken {
        0 => format!("tidy: all {} checks passed", checks.len()),
        n => format!("tidy: {n} of {} checks failed", checks.len()),
    });
    Report {
        clean: broken == 0,
        text: lines.join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_check_says_where_why_and_what_to_do() {
        let check = |places: &[&str]| Check {
            title: "no toads",
            why: "toads eat the flies",
            remedy: "carry the toad out",
            places: places.iter().map(ToString::to_string).collect(),
        };
        let good = report(&[check(&[])]);
        assert!(good.clean);
        assert_eq!(good.text, "ok      no toads\ntidy: all 1 checks passed");

        let bad = report(&[check(&[]), check(&["pond.rs:3: a toad"])]);
        assert!(!bad.clean);
        for part in [
            "pond.rs:3: a toad",
            "toads eat the flies",
            "carry the toad out",
            "1 of 2 checks failed",
        ] {
            assert!(bad.text.contains(part), "{part:?} is missing in:\n{}", bad.text);
        }
    }

    #[test]
    fn this_workspace_can_be_read() {
        let metadata = cargo_metadata::MetadataCommand::new()
            .manifest_path(crate::root().join("Cargo.toml"))
            .no_deps()
            .exec()
            .unwrap();
        let report = run(&metadata).unwrap();
        assert!(report.text.contains("imports"), "{}", report.text);
    }
}
