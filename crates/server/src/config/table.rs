//! The form of a row in the table of settings; the rows themselves are in [`super`].

/// One setting: what it is called, what it is for, what holds when nobody sets it.
///
/// The flag, the environment variable and the key of the settings file all follow from the name, so that whoever knows
/// one knows the three.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The key in the settings file, in snake case.
    pub name: &'static str,
    /// What it is for, as prose of one paragraph or several lines.
    pub help: &'static str,
    /// What holds when nobody sets it, as it would be written; `None` when nothing does.
    pub default: Option<&'static str>,
    /// What happens when nobody sets it, in words, where [`Setting::default`] cannot say it.
    pub otherwise: &'static str,
    /// A value as one would write it.
    pub example: &'static str,
    /// Whether the value must never be shown.
    pub secret: bool,
}

impl Setting {
    /// The flag of the command line, with its dashes.
    pub fn flag(&self) -> String {
        format!("--{}", self.long())
    }

    /// The flag without its dashes.
    pub(super) fn long(&self) -> String {
        self.name.replace('_', "-")
    }

    /// The environment variable.
    pub fn variable(&self) -> String {
        variable(self.name)
    }

    /// The help as one line, as `--help` and the documentation print it.
    pub fn summary(&self) -> String {
        self.help.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The environment variable of the setting `name`.
pub(super) fn variable(name: &str) -> String {
    format!("JACKFIELD_{}", name.to_uppercase())
}
