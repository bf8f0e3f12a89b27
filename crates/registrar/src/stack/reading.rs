//! What comes over a connection: cut into messages here, because the library closes a connection that carries a request of a
//! method that it does not know, and one telephone's odd request must not end its calls.

use std::{net::SocketAddr, sync::Arc};

use async_trait::async_trait;
use futures_util::{SinkExt, Stream, StreamExt};
use rsipstack::{
    platform::CancellationToken,
    sip::SipMessage,
    transport::{
        SipConnection, TransportEvent, connection::TransportSender, stream::StreamConnection,
        tcp::TcpConnection, websocket::WebSocketConnection,
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::timeout,
};
use tokio_tungstenite::tungstenite::{self, Message};

use super::{
    Wire,
    head::{Head, Untagged},
    refuse::{self, Verdict},
    streams::IDLE,
};
use crate::guard::Guard;

/// The most bytes of a message, and of what is kept of a connection.
const MESSAGE: usize = 65_535;
/// Room for what comes at once; more is made when it is needed.
const ROOM: usize = 2048;
/// A sign of life, and what answers it (RFC 5626 §3.5.1).
const PING: &[u8] = b"\r\n\r\n";
const PONG: &[u8] = b"\r\n";

/// Reads connections.
#[derive(Clone)]
pub(super) struct Reader {
    /// Where the library takes messages in.
    pub(super) events: TransportSender,
    pub(super) guard: Arc<Guard>,
    pub(super) allow: Arc<str>,
    pub(super) untagged: Arc<Untagged>,
}

/// What stands at the beginning of what has come.
#[derive(Debug, PartialEq, Eq)]
enum Frame {
    /// Nothing that is complete.
    Nothing,
    Ping,
    Pong,
    Message(Vec<u8>),
    /// Something whose end cannot be known: its head, as far as there is one.
    Broken(Vec<u8>),
}

/// What has come and is not used yet.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    /// So far there is no end of a head: a sender of single bytes must not have everything searched again for each.
    searched: usize,
}

impl Kept {
    fn next(&mut self) -> Frame {
        for (sign, frame) in [(PING, Frame::Ping), (PONG, Frame::Pong)] {
            if self.bytes.starts_with(sign) {
                self.take(sign.len());
                return frame;
            }
        }
        let from = self.searched.saturating_sub(PING.len());
        let rest = self.bytes.get(from..).unwrap_or_default();
        let Some(end) = rest.windows(PING.len()).position(|four| four == PING) else {
            self.searched = self.bytes.len();
            return if self.bytes.len() > MESSAGE {
                Frame::Broken(Vec::new())
            } else {
                Frame::Nothing
            };
        };
        let head = from + end + PING.len();
        self.searched = from + end;
        let length = self
            .bytes
            .get(..head)
            .and_then(|head| Head::read(head)?.body_length(head));
        match length.map(|length| head.saturating_add(length)) {
            Some(whole) if whole <= MESSAGE => {
                if self.bytes.len() < whole {
                    return Frame::Nothing;
                }
                Frame::Message(self.take(whole))
            }
            _ => Frame::Broken(self.take(head)),
        }
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        self.searched = 0;
        self.bytes.drain(..length.min(self.bytes.len())).collect()
    }
}

/// The way back to who sent something.
#[async_trait]
pub(super) trait Back: Send + Sync {
    /// Sends him bytes; tells whether he can still be reached.
    async fn send(&self, bytes: Vec<u8>) -> bool;
}

#[async_trait]
impl Back for TcpConnection {
    async fn send(&self, bytes: Vec<u8>) -> bool {
        self.send_raw(&bytes).await.is_ok()
    }
}

#[async_trait]
impl Back for WebSocketConnection {
    async fn send(&self, bytes: Vec<u8>) -> bool {
        // What cannot be a text goes as bytes (RFC 7118 §5.1).
        let message = match String::from_utf8(bytes) {
            Ok(text) => Message::Text(text.into()),
            Err(error) => Message::Binary(error.into_bytes().into()),
        };
        self.inner.ws_sink.lock().await.send(message).await.is_ok()
    }
}

/// A connection that is read.
pub(super) struct Source<'a, B> {
    /// As the library knows it.
    pub(super) connection: SipConnection,
    pub(super) wire: Wire,
    pub(super) peer: SocketAddr,
    pub(super) back: &'a B,
}

impl Reader {
    /// Reads a stream of bytes until it ends or has to.
    pub(super) async fn read<R, B>(&self, half: &mut R, source: &Source<'_, B>, stop: &CancellationToken)
    where
        R: AsyncRead + Unpin,
        B: Back,
    {
        let mut kept = Kept::default();
        loop {
            kept.bytes.reserve(ROOM);
            let read = tokio::select! {
                () = stop.cancelled() => return,
                read = timeout(IDLE, half.read_buf(&mut kept.bytes)) => read,
            };
            match read {
                Ok(Ok(length)) if length > 0 => {}
                _ => return,
            }
            loop {
                let answer = match kept.next() {
                    Frame::Nothing => break,
                    Frame::Pong => continue,
                    Frame::Ping => PONG.to_vec(),
                    Frame::Message(message) => match self.take(message, source, false) {
                        Some(answer) => answer,
                        None => continue,
                    },
                    Frame::Broken(head) => {
                        if let Some(answer) = refuse::malformed(&head, source.peer) {
                            // It is closed either way.
                            let _ = source.back.send(answer).await;
                        }
                        return;
                    }
                };
                if !self.answer(source, answer).await {
                    return;
                }
            }
        }
    }

    /// Reads a WebSocket until it ends or has to. Each of its messages is one of SIP (RFC 7118 §5.1).
    pub(super) async fn read_messages<S, B>(
        &self,
        messages: &mut S,
        source: &Source<'_, B>,
        stop: &CancellationToken,
    ) where
        S: Stream<Item = tungstenite::Result<Message>> + Unpin,
        B: Back,
    {
        loop {
            let next = tokio::select! {
                () = stop.cancelled() => return,
                next = timeout(IDLE, messages.next()) => next,
            };
            let message = match next {
                Ok(Some(Ok(Message::Text(text)))) => text.as_bytes().to_vec(),
                Ok(Some(Ok(Message::Binary(bytes)))) => bytes.to_vec(),
                // Signs of life of the protocol below are answered there.
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)))) => continue,
                Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) | Err(_) => return,
            };
            let answer = match message.as_slice() {
                PING => Some(PONG.to_vec()),
                PONG => None,
                _ => self.take(message, source, true),
            };
            if let Some(answer) = answer
                && !self.answer(source, answer).await
            {
                return;
            }
        }
    }

    /// Answers what the library does not; tells whether the connection is to be read on.
    async fn answer<B: Back>(&self, source: &Source<'_, B>, answer: Vec<u8>) -> bool {
        !self.guard.admits(source.peer.ip()) || source.back.send(answer).await
    }

    /// Hands a message on. Gives the answer to one that the library would not answer.
    fn take<B>(&self, message: Vec<u8>, source: &Source<'_, B>, whole: bool) -> Option<Vec<u8>> {
        let peer = source.peer;
        let message = match refuse::judge(&message, peer, &self.allow, whole) {
            Verdict::Answer(answer) => return Some(answer),
            Verdict::Mended(mended) => {
                self.untagged.note(&mended);
                mended
            }
            Verdict::Pass => message,
        };
        let transport = source.wire.transport();
        let parsed = SipMessage::try_from(message.as_slice())
            .ok()
            .and_then(|parsed| SipConnection::update_msg_received(parsed, peer, transport).ok());
        let Some(parsed) = parsed else {
            return refuse::malformed(&message, peer);
        };
        let from = super::Stack::target(source.wire, peer);
        let event = TransportEvent::Incoming(parsed, source.connection.clone(), from);
        // Nobody takes it when everything ends.
        let _ = self.events.send(event);
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frames(chunks: &[&[u8]]) -> Vec<Frame> {
        let mut kept = Kept::default();
        let mut all = Vec::new();
        for chunk in chunks {
            kept.bytes.extend_from_slice(chunk);
            loop {
                match kept.next() {
                    Frame::Nothing => break,
                    frame => all.push(frame),
                }
            }
        }
        all
    }

    const ONE: &[u8] = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc";
    const TWO: &[u8] = b"OPTIONS sip:b SIP/2.0\r\nX: y\r\n\r\n";

    #[test]
    fn messages_are_cut_wherever_the_network_cuts_them() {
        let all = [ONE, PING, TWO, PONG, ONE].concat();
        let expected = [
            Frame::Message(ONE.to_vec()),
            Frame::Ping,
            Frame::Message(TWO.to_vec()),
            Frame::Pong,
            Frame::Message(ONE.to_vec()),
        ];
        assert_eq!(frames(&[&all]), expected);
        for at in 0..all.len() {
            // A ping that is cut in two is two halves, each of them a pong.
            if (ONE.len()..ONE.len() + PING.len()).contains(&(at.saturating_sub(1))) {
                continue;
            }
            let (first, second) = all.split_at(at);
            assert_eq!(frames(&[first, second]), expected, "cut at {at}");
        }
        let single: Vec<&[u8]> = ONE.chunks(1).collect();
        assert_eq!(frames(&single), [Frame::Message(ONE.to_vec())]);
    }

    #[test]
    fn an_end_that_cannot_be_known_ends_the_connection() {
        for length in ["-1", "+1", "x", "", "99999999999999999999", "70000"] {
            let head = format!("OPTIONS sip:a SIP/2.0\r\nl : {length}\r\n\r\n");
            assert_eq!(frames(&[head.as_bytes()]), [Frame::Broken(head.into_bytes())]);
        }
        let mut kept = Kept {
            bytes: vec![b'x'; MESSAGE + 1],
            searched: 0,
        };
        assert_eq!(kept.next(), Frame::Broken(Vec::new()));
    }

    proptest! {
        #[test]
        fn nothing_panics_and_nothing_is_made_up(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0_usize..300) {
            let whole = [ONE, &bytes, TWO].concat();
            let (first, second) = whole.split_at(at.min(whole.len()));
            let mut kept = Kept::default();
            let mut taken = 0;
            for chunk in [first, second] {
                kept.bytes.extend_from_slice(chunk);
                loop {
                    match kept.next() {
                        Frame::Nothing => break,
                        Frame::Ping => taken += PING.len(),
                        Frame::Pong => taken += PONG.len(),
                        // Nothing here is so long that a head without an end would be broken.
                        Frame::Message(part) | Frame::Broken(part) => taken += part.len(),
                    }
                }
            }
            prop_assert_eq!(taken + kept.bytes.len(), whole.len());
        }
    }
}
