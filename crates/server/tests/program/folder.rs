//! A folder for a test, and the program's commands run in it.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

/// A folder that goes away with its test.
pub(crate) struct Folder(pub(crate) PathBuf);

/// The program, without the settings of whoever runs the tests.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("JACKFIELD_") {
            command.env_remove(name);
        }
    }
    command
}

impl Folder {
    /// An empty one; the name is for people who look at what a killed test left.
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("jackfield-program-{}-{name}", std::process::id()));
        fs::remove_dir_all(&path).ok();
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Runs a command of the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        program()
            .args(arguments)
            .env("JACKFIELD_LOG", "error")
            .current_dir(&self.0)
            .output()
            .unwrap()
    }

    /// What a command that succeeds prints.
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a command that fails complains of.
    pub(crate) fn complains(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// All that the database holds, as text.
    pub(crate) fn stored(&self) -> String {
        ["jackfield.db", "jackfield.db-wal"]
            .iter()
            .map(|file| fs::read(self.0.join("data").join(file)).unwrap_or_default())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}
