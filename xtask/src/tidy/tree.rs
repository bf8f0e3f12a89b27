//! What the checks look at: the project's own text files and the graph of its crates.

use std::fs;
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata};

/// One text file of the project.
pub(super) struct File {
    /// Path from the root of the workspace, with `/` between its parts on every system.
    pub(super) path: String,
    /// What it holds.
    pub(super) text: String,
}

impl File {
    /// Whether the name ends in `.rs`.
    pub(super) fn is_rust(&self) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|extension| extension == "rs")
    }
}

/// One crate of the workspace.
pub(super) struct Crate {
    /// Its name without the prefix `jackfield-`.
    pub(super) name: String,
    /// The crates of the workspace that it imports, without the prefix, each with `true` when only its tests do.
    pub(super) imports: Vec<(String, bool)>,
}

/// The crates' folders carry no prefix, their packages do; the table of imports speaks of folders.
pub(super) fn short(package: &str) -> &str {
    package.strip_prefix("jackfield-").unwrap_or(package)
}

/// The crates of the workspace with the crates of the workspace that they import.
pub(super) fn crates(metadata: &Metadata) -> Vec<Crate> {
    let ours = metadata.workspace_packages();
    let mut crates: Vec<Crate> = ours
        .iter()
        .map(|package| Crate {
            name: short(&package.name).to_owned(),
            imports: package
                .dependencies
                .iter()
                .filter(|dependency| ours.iter().any(|ours| *ours.name == *dependency.name))
                .map(|dependency| {
                    (
                        short(&dependency.name).to_owned(),
                        dependency.kind == DependencyKind::Development,
                    )
                })
                .collect(),
        })
        .collect();
    crates.sort_by(|a, b| a.name.cmp(&b.name));
    crates
}

/// The root files (`lib.rs`, `main.rs`, …) of every library and program of the workspace, as paths from its root.
pub(super) fn roots(metadata: &Metadata) -> Vec<String> {
    let mut roots: Vec<String> = metadata
        .workspace_packages()
        .iter()
        .flat_map(|package| &package.targets)
        .filter(|target| target.is_lib() || target.is_bin())
        .filter_map(|target| target.src_path.strip_prefix(&metadata.workspace_root).ok())
        .map(|path| path.as_str().replace('\\', "/"))
        .collect();
    roots.sort();
    roots
}

/// The folders and files below the root that hold the project's own text.
const OURS: [&str; 5] = ["crates", "xtask", "docs", "Cargo.toml", "README.md"];

/// Folders that hold what others made or what a tool made, wherever they stand.
const FOREIGN: [&str; 4] = ["target", "node_modules", "dist", "snapshots"];

/// Reads the project's own text files, in the order of their paths. Files that are not UTF-8 (sounds, pictures) are
/// left out: no convention speaks of them.
pub(super) fn read(root: &Path) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    for name in OURS {
        let path = root.join(name);
        if path.exists() {
            walk(root, &path, &mut files)?;
        }
    }
    files.sort_by(|a: &File, b: &File| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(root: &Path, path: &Path, files: &mut Vec<File>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    if path.is_dir() {
        for entry in fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if !FOREIGN.iter().any(|foreign| name == *foreign) {
                walk(root, &entry.path(), files)?;
            }
        }
        return Ok(());
    }
    if let Ok(text) = String::from_utf8(fs::read(path).map_err(failed)?) {
        let path = path.strip_prefix(root).unwrap_or(path);
        files.push(File {
            path: path.to_string_lossy().replace('\\', "/"),
            text,
        });
    }
    Ok(())
}
