//! A request that waits for its answer.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use rsipstack::{
    sip::{HasHeaders, Header, Host, StatusCode, Transport, prelude::HeadersExt},
    transaction::Transaction,
};

use super::Room;
use crate::syntax::Address;

/// A protocol under SIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the protocols")]
pub enum Wire {
    Udp,
    Tcp,
    Tls,
    WebSocket,
}

impl Wire {
    /// The word for it in a binding.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::WebSocket => "ws",
        }
    }

    /// The protocol of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Udp, Self::Tcp, Self::Tls, Self::WebSocket]
            .into_iter()
            .find(|wire| wire.word() == word)
    }

    /// As the library calls it.
    pub const fn transport(self) -> Transport {
        match self {
            Self::Udp => Transport::Udp,
            Self::Tcp => Transport::Tcp,
            Self::Tls => Transport::Tls,
            Self::WebSocket => Transport::Ws,
        }
    }

    fn of(transport: Transport) -> Option<Self> {
        match transport {
            Transport::Udp => Some(Self::Udp),
            Transport::Tcp => Some(Self::Tcp),
            Transport::Tls => Some(Self::Tls),
            Transport::Ws | Transport::Wss => Some(Self::WebSocket),
            Transport::Sctp | Transport::TlsSctp => None,
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A request, where it came from, and the transaction that carries its answer. Dropping it unanswered leaves it to the sender
/// to ask again.
pub struct Incoming {
    pub(super) transaction: Transaction,
    pub(super) wire: Wire,
    pub(super) from: SocketAddr,
    _room: Room,
}

impl Incoming {
    /// None when it does not say where it came from, which the library's own connections always do.
    pub(super) fn new(transaction: Transaction, room: Room) -> Option<Self> {
        let connection = transaction.connection.as_ref()?;
        let remote = connection.get_remote_addr()?;
        Some(Self {
            wire: Wire::of(remote.r#type?)?,
            from: remote.get_socketaddr().ok()?,
            transaction,
            _room: room,
        })
    }

    /// Its method, in capitals.
    pub fn method(&self) -> String {
        self.transaction.original.method.to_string()
    }

    /// Whether its `CSeq` speaks of its own method, as that of every request does (RFC 3261 §8.1.1.5).
    pub fn is_numbered(&self) -> bool {
        let method = self
            .header("CSeq")
            .and_then(|text| text.split_whitespace().nth(1));
        method.is_some_and(|method| method == self.method())
    }

    /// The protocol that it came over.
    pub fn wire(&self) -> Wire {
        self.wire
    }

    /// The address that it came from.
    pub fn from(&self) -> SocketAddr {
        self.from
    }

    /// The host of its request URI, in lower case.
    pub fn target_host(&self) -> String {
        match &self.transaction.original.uri.host_with_port.host {
            Host::Domain(domain) => domain.to_string().to_ascii_lowercase(),
            Host::IpAddr(IpAddr::V4(address)) => address.to_string(),
            Host::IpAddr(IpAddr::V6(address)) => address.to_string(),
        }
    }

    /// Its request URI, as text.
    pub fn target(&self) -> String {
        self.transaction.original.uri.to_string()
    }

    /// Names our side of the dialog that its answer begins; without this the answer gets a tag that nobody knows.
    pub fn tag(&mut self, tag: &str) {
        if let Ok(to) = self.transaction.original.to_header() {
            let tagged = to.clone().with_tag(tag.to_owned().into());
            self.transaction
                .original
                .headers_mut()
                .unique_push(Header::To(tagged));
        }
    }

    /// The user part of its request URI, with its percent signs resolved; empty without one.
    pub(crate) fn target_user(&self) -> String {
        let uri = self.transaction.original.uri.to_string();
        Address::read(&uri).map_or_else(String::new, |address| address.user)
    }

    /// The values of all headers of this name (in full, not the short form), as they were written.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + Clone {
        let headers = self.transaction.original.headers().0.iter();
        headers
            .filter(move |header| header.name().eq_ignore_ascii_case(name))
            .map(Header::value)
    }

    /// The first of them.
    pub fn header<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.headers(name).next()
    }

    /// Its body.
    pub fn body(&self) -> &[u8] {
        &self.transaction.original.body
    }

    /// Answers with a status and headers, and is done with the request. A failure to send is the sender's to notice: he asks
    /// again.
    pub async fn answer(mut self, status: u16, headers: Vec<(&'static str, String)>) {
        let headers = headers
            .into_iter()
            .map(|(name, value)| Header::Other(name.to_owned(), value))
            .collect();
        let method = self.transaction.original.method.to_string();
        if let Err(error) = self
            .transaction
            .reply_with(StatusCode::from(status), headers, None)
            .await
        {
            tracing::debug!(from = %self.from, status, "an answer could not be sent: {error}");
        }
        metrics::counter!("jackfield_sip_requests_total", "method" => method, "status" => status.to_string())
            .increment(1);
        // The library keeps each answer for 32 seconds, to repeat it when the request comes again. Over a connection it does not
        // come again (RFC 3261 §17.2.2, timer J), and a challenge is made anew as well (§8.2.7).
        let forget = self.wire != Wire::Udp || matches!(status, 401 | 407);
        let (endpoint, key) = (
            self.transaction.endpoint_inner.clone(),
            self.transaction.key.clone(),
        );
        drop(self);
        if forget {
            endpoint.finished_transactions.remove(&key);
        }
    }

    /// The library's transaction, for what builds a dialog on it. It no longer counts among the requests that are being
    /// answered, because a call lasts.
    pub fn into_transaction(self) -> Transaction {
        self.transaction
    }
}
