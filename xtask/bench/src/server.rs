//! Servers as processes of their own.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{Failed, Result, http};

/// How long a server may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server; it ends with this value.
pub(crate) struct Server {
    child: Child,
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// How long it took until it said that it was ready.
    pub(crate) ready_after: Duration,
}

impl Server {
    /// Starts a program on a spare port of this machine and waits until it is ready. `arguments` gets the port. What the
    /// program logs goes to the end of a file, as under a service manager.
    pub(crate) fn start(
        program: &Path,
        environment: &[(String, String)],
        log: &Path,
        arguments: impl FnOnce(SocketAddr) -> Vec<String>,
    ) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let log_file = File::options().create(true).append(true).open(log)?;
        let began = Instant::now();
        let mut command = Command::new(program);
        // Neither the settings of whoever measures nor a settings file in his folder belong into the figures.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("JACKFIELD_") {
                command.env_remove(name);
            }
        }
        if let Some(folder) = log.parent() {
            command.current_dir(folder);
        }
        let child = command
            .args(arguments(address))
            .envs(environment.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log_file)
            .spawn()
            .map_err(|error| Failed::new(format!("{} cannot be started: {error}", program.display())))?;
        let mut server = Self {
            child,
            address,
            ready_after: Duration::ZERO,
        };
        loop {
            if let Ok((200, _)) = http::once(address, b"GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n") {
                server.ready_after = began.elapsed();
                return Ok(server);
            }
            let ended = server.child.try_wait()?;
            if ended.is_some() || began.elapsed() > PATIENCE {
                let why = std::fs::read_to_string(log).unwrap_or_default();
                let program = program.display();
                return Err(Failed::new(format!(
                    "{program} is not ready ({ended:?}); it said:\n{why}"
                )));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Lets it end in order, so that its files are complete.
    pub(crate) fn stop(mut self) -> Result<()> {
        Command::new("kill").arg(self.pid().to_string()).status()?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            if began.elapsed() > PATIENCE {
                return Err(Failed::new("a server did not end when it was told to"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; either way nothing is left to do about it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
