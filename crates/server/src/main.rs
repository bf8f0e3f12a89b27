//! The binary `jackfield`.

use std::process::ExitCode;

fn main() -> ExitCode {
    jackfield_server::cli::run()
}
