//! The settings as flags of the command line.

use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::secret::Secret;
use super::{CONFIG, SETTINGS, Setting};

/// The settings that were given as flags. Flatten it into a command that reads settings:
///
/// ```
/// # use clap::Parser;
/// #[derive(Parser)]
/// struct Serve {
///     #[command(flatten)]
///     settings: jackfield_server::config::SettingsArgs,
/// }
/// # Serve::parse_from(["serve", "--listen", "127.0.0.1:0"]);
/// ```
///
/// The flags are made from the table of settings, so that a new setting has its flag at once.
#[derive(Debug, Clone, Default)]
pub struct SettingsArgs {
    given: BTreeMap<&'static str, Secret>,
}

impl SettingsArgs {
    /// The value that `setting` was given, unread.
    pub(super) fn get(&self, setting: &Setting) -> Option<&Secret> {
        self.given.get(setting.name)
    }
}

/// Every setting that has a flag: the table, and the one that names the settings file.
fn all() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().chain(std::iter::once(&CONFIG))
}

fn arg(setting: &'static Setting) -> Arg {
    let default = match (setting.default, setting.otherwise) {
        (Some(default), _) => format!("[default: {default}]"),
        (None, words) => format!("[otherwise: {words}]"),
    };
    Arg::new(setting.name)
        .long(setting.long())
        .value_name(setting.name.to_uppercase())
        .help(format!(
            "{} {default} [env: {}]",
            setting.summary(),
            setting.variable()
        ))
        .help_heading("Settings")
}

impl Args for SettingsArgs {
    fn augment_args(command: Command) -> Command {
        command.args(all().map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingsArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = Self::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for setting in all() {
            if let Some(value) = matches.get_one::<String>(setting.name) {
                self.given.insert(setting.name, Secret::new(value));
            }
        }
        Ok(())
    }
}
