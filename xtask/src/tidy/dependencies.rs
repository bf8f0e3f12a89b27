//! Every crate of others that we use has its reason in writing.

use super::Check;
use super::tree::File;

const MANIFEST: &str = "Cargo.toml";
const REASONS: &str = "docs/dependencies.md";

/// Each entry of `[workspace.dependencies]` that is not ours is named in `docs/dependencies.md`.
pub(super) fn reasons(files: &[File]) -> Check {
    let text = |path: &str| {
        files
            .iter()
            .find(|file| file.path == path)
            .map_or("", |file| file.text.as_str())
    };
    let reasons = text(REASONS);
    let places = dependencies(text(MANIFEST))
        .filter(|(_, name)| !name.starts_with("jackfield-") && !reasons.contains(&format!("`{name}`")))
        .map(|(number, name)| format!("{MANIFEST}:{number}: {name} is not in {REASONS}"))
        .collect();
    Check {
        title: "every dependency has its reason in docs/dependencies.md",
        why: "a crate is quickly added and hardly ever removed; who knows why it was taken knows when it can go",
        remedy: "add a row that says why it was taken and what was passed over, or do without it",
        places,
    }
}

/// The names in the section `[workspace.dependencies]`, each with the number of its line.
fn dependencies(manifest: &str) -> impl Iterator<Item = (usize, &str)> {
    (1_usize..)
        .zip(manifest.lines())
        .skip_while(|(_, line)| line.trim() != "[workspace.dependencies]")
        .skip(1)
        .take_while(|(_, line)| !line.starts_with('['))
        .filter_map(|(number, line)| Some((number, line.split_once('=')?.0.trim())))
        .filter(|(_, name)| !name.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_named() {
        let manifest = "[workspace]\nresolver = \"3\"\n\n[workspace.dependencies]\njackfield-edge = { path = \"x\" }\n\
                        # axum = \"no\"\naxum = \"0.8\"\nserde_json = { version = \"1\" }\n\n[workspace.lints]\nwarn = \"x\"\n";
        let file = |path: &str, text: &str| File {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let found = |reasons: &str| reasons_of(&[file(MANIFEST, manifest), file(REASONS, reasons)]);
        assert_eq!(found("| `axum`, `serde_json` | why |"), [""; 0]);
        assert_eq!(
            found("| `axum` | and serde_json_x |"),
            ["Cargo.toml:8: serde_json is not in docs/dependencies.md"]
        );
        assert_eq!(reasons_of(&[file(MANIFEST, manifest)]).len(), 2);
    }

    fn reasons_of(files: &[File]) -> Vec<String> {
        reasons(files).places
    }
}
