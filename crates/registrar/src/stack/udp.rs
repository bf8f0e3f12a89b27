//! Datagrams, counted by their source before they are parsed.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::net::UdpSocket;

use super::{
    head::Untagged,
    refuse::{self, Verdict},
};
use crate::guard::Guard;

/// After a failure to receive the next try waits for so long.
const PAUSE: Duration = Duration::from_millis(10);

/// A socket that hands the library only what may be parsed.
pub(super) struct GuardedSocket {
    socket: UdpSocket,
    guard: Arc<Guard>,
    allow: String,
    untagged: Arc<Untagged>,
}

impl GuardedSocket {
    pub(super) fn new(socket: UdpSocket, guard: Arc<Guard>, allow: String, untagged: Arc<Untagged>) -> Self {
        Self {
            socket,
            guard,
            allow,
            untagged,
        }
    }
}

#[async_trait]
impl rsipstack::platform::net::UdpSocket for GuardedSocket {
    async fn recv_from(&self, buffer: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        loop {
            match self.socket.recv_from(buffer).await {
                Ok((length, from)) => {
                    if !self.guard.admits(from.ip()) {
                        continue;
                    }
                    let datagram = buffer.get(..length).unwrap_or_default();
                    let answer = match refuse::judge(datagram, from, &self.allow, true) {
                        Verdict::Pass => return Ok((length, from)),
                        Verdict::Answer(answer) => Some(answer),
                        Verdict::Mended(mended) => {
                            let answer = refuse::too_long(datagram, from);
                            self.untagged.note(&mended);
                            if let Some(room) = buffer.get_mut(..mended.len()) {
                                room.copy_from_slice(&mended);
                                return Ok((mended.len(), from));
                            }
                            answer
                        }
                    };
                    let Some(answer) = answer else { continue };
                    if let Err(error) = self.socket.send_to(&answer, from).await {
                        tracing::debug!(%from, "an answer could not be sent: {error}");
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
        Ok(self.socket.send_to(&self.untagged.leaves(bytes), to).await?)
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}
