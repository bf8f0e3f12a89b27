//! `LISTEN`: hearing of other nodes' commits.

use std::future::poll_fn;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls, Socket, tls::NoTlsStream};

use super::super::Error;

/// How many notices may lie unread before the connection is no longer read.
const UNREAD: usize = 1024;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Someone committed a transaction with `notify(channel, payload)`, possibly this process.
    Payload(String),
    /// The connection was lost and is back. Anything may have happened in between: read it from the database.
    Reconnected,
}

/// The notices of one channel, over a connection of its own. It stops when it is dropped.
pub struct Listener(mpsc::Receiver<Notice>);

impl Listener {
    pub(super) async fn start(config: tokio_postgres::Config, channel: &str) -> Result<Self, Error> {
        // A channel is an identifier; it cannot be a parameter.
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if channel.is_empty() || !channel.chars().all(plain) {
            return Err(Error::other("a channel's name may hold a-z, 0-9 and _ only"));
        }
        let sql = format!("LISTEN \"{channel}\"");
        let (sender, receiver) = mpsc::channel(UNREAD);
        let (ready, started) = oneshot::channel();
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(run(config, sql, client, connection, sender, ready));
        started
            .await
            .map_err(|_| Error::unavailable("the connection to PostgreSQL was lost"))?;
        Ok(Self(receiver))
    }

    /// The next notice, in order of commit. `None` only when the runtime is shutting down. Safe to cancel.
    pub async fn recv(&mut self) -> Option<Notice> {
        self.0.recv().await
    }
}

async fn run(
    config: tokio_postgres::Config,
    sql: String,
    mut client: Client,
    mut connection: Connection<Socket, NoTlsStream>,
    sender: mpsc::Sender<Notice>,
    ready: oneshot::Sender<()>,
) {
    let mut ready = Some(ready);
    let mut pause = FIRST_PAUSE;
    loop {
        let announce = async {
            if let Err(error) = client.batch_execute(&sql).await {
                return Error::from(error);
            }
            match ready.take() {
                Some(ready) => drop(ready.send(())),
                None => drop(sender.send(Notice::Reconnected).await),
            }
            std::future::pending().await
        };
        let error = tokio::select! {
            error = forward(&mut connection, &sender) => error,
            error = announce => error,
            () = sender.closed() => return,
        };
        if ready.is_some() {
            // The caller of `start` learns it from the dropped sender.
            return;
        }
        tracing::warn!(%error, "lost the connection that listens for other nodes' changes");
        (client, connection) = loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = sender.closed() => return,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            match config.connect(NoTls).await {
                Ok(pair) => break pair,
                Err(error) => tracing::debug!(error = %Error::from(error), "cannot reconnect yet"),
            }
        };
        pause = FIRST_PAUSE;
    }
}

/// Drives the connection until it ends.
async fn forward(connection: &mut Connection<Socket, NoTlsStream>, sender: &mpsc::Sender<Notice>) -> Error {
    loop {
        match poll_fn(|cx| connection.poll_message(cx)).await {
            Some(Ok(AsyncMessage::Notification(notice))) => {
                // A closed channel ends `run` through `closed`.
                drop(sender.send(Notice::Payload(notice.payload().to_owned())).await);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return error.into(),
            None => return Error::unavailable("the server closed the connection"),
        }
    }
}
