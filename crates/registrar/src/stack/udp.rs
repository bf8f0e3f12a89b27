//! Datagrams, counted by their source before they are parsed. Most are answered here, see `direct.rs`.

use std::{
    net::SocketAddr,
    sync::{Arc, Weak, atomic::AtomicUsize},
    time::Duration,
};

use async_trait::async_trait;
use tokio::net::UdpSocket;

use super::{
    Dispatch, Room,
    answers::Answers,
    direct::{Plain, Way},
    refuse,
};
use crate::guard::{Guard, dropped};

/// After a failure to receive the next try waits for so long.
const PAUSE: Duration = Duration::from_millis(10);

/// A socket that hands the library only what is the library's.
pub(super) struct GuardedSocket {
    way: Arc<Way>,
    guard: Arc<Guard>,
    allow: String,
    /// Who answers holds this socket, and is gone when nothing is answered any more.
    dispatch: Weak<dyn Dispatch>,
    used: Arc<AtomicUsize>,
}

impl GuardedSocket {
    pub(super) fn new(
        socket: UdpSocket,
        guard: Arc<Guard>,
        allow: String,
        dispatch: Weak<dyn Dispatch>,
        used: Arc<AtomicUsize>,
    ) -> Self {
        let answers = Answers::new();
        Self {
            way: Arc::new(Way { socket, answers }),
            guard,
            allow,
            dispatch,
            used,
        }
    }

    /// Answers a datagram here, or leaves it to the library.
    async fn answers(&self, datagram: &[u8], from: SocketAddr) -> bool {
        let Some(dispatch) = self.dispatch.upgrade() else {
            return true;
        };
        if let Some(plain) = Plain::read(datagram, from) {
            match Room::take(&self.used) {
                Some(room) => {
                    if let Some(direct) = self.way.take(plain, room).await {
                        dispatch.direct(direct);
                    }
                }
                None => dropped("busy"),
            }
            return true;
        }
        let Some(answer) = refuse::datagram(datagram, from, &self.allow) else {
            return false;
        };
        self.way.send(&answer, from).await;
        true
    }
}

#[async_trait]
impl rsipstack::platform::net::UdpSocket for GuardedSocket {
    async fn recv_from(&self, buffer: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        if let Some(dispatch) = self.dispatch.upgrade() {
            dispatch.ready().await;
        }
        loop {
            match self.way.socket.recv_from(buffer).await {
                Ok((length, from)) => {
                    if !self.guard.admits(from.ip()) {
                        continue;
                    }
                    let datagram = buffer.get(..length).unwrap_or_default();
                    if !self.answers(datagram, from).await {
                        return Ok((length, from));
                    }
                }
                Err(error) => {
                    tracing::debug!("a datagram could not be received: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn send_to(&self, bytes: &[u8], to: SocketAddr) -> rsipstack::Result<usize> {
        Ok(self.way.socket.send_to(bytes, to).await?)
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.way.socket.local_addr()?)
    }
}
