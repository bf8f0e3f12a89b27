//! Requests of ours that belong to no dialog of the library's: sent over the way by which somebody asked for them.

use std::net::SocketAddr;

use rsipstack::{
    sip::{Header, Method, Request, Uri, Version},
    transaction::{key::TransactionKey, key::TransactionRole, transaction::Transaction},
    transport::SipConnection,
};

use super::{Incoming, Stack, Unreachable, Wire};

/// The way that a request came by. What goes back over it reaches the sender through every router in between, whatever its
/// contact says (RFC 3581, RFC 5626).
#[derive(Clone)]
pub struct Flow {
    wire: Wire,
    from: SocketAddr,
    /// The port that a datagram came to: a router lets answers in from no other.
    socket: Option<SipConnection>,
}

impl Flow {
    pub(super) fn new(wire: Wire, from: SocketAddr, connection: Option<&SipConnection>) -> Self {
        Self {
            wire,
            from,
            socket: connection.filter(|_| wire == Wire::Udp).cloned(),
        }
    }

    /// The way to an address that nobody asked from.
    pub(crate) fn to(wire: Wire, address: SocketAddr) -> Self {
        Self::new(wire, address, None)
    }

    /// The protocol.
    pub fn wire(&self) -> Wire {
        self.wire
    }
}

/// A request within a dialog, in the words of its headers.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Its method.
    pub method: Method,
    /// The contact of the other side.
    pub target: String,
    /// The value of `From`, with our tag.
    pub from: String,
    /// The value of `To`, with the other side's tag.
    pub to: String,
    /// The `Call-ID`.
    pub call_id: String,
    /// The number.
    pub cseq: u32,
    /// The values of `Route`, outermost first.
    pub routes: Vec<String>,
    /// The other headers, but for those about the length of the body and about the way.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Stack {
    /// Sends a request and waits for its final status: the other side's, 408 when it says nothing for 32 seconds, 503 when its
    /// connection breaks.
    ///
    /// # Errors
    /// [`Unreachable`] when there is no way to it.
    pub async fn ask(&self, flow: &Flow, outgoing: Outgoing) -> Result<u16, Unreachable> {
        let (connection, destination) = match &flow.socket {
            Some(socket) => (socket.clone(), Self::target(flow.wire, flow.from)),
            None => self.reach(flow.wire, flow.from).await?,
        };
        let broken = |error: rsipstack::Error| Unreachable::NotARequest(error.to_string());
        let own = match &connection {
            // It knows the other side alone.
            SipConnection::Channel(_) => self.own(flow.wire, flow.from.is_ipv4()),
            connection => Some(connection.get_addr().clone()),
        };
        let via = self.endpoint.get_via(own, None);
        let mut headers = vec![
            Header::Via(via.map_err(broken)?.into()),
            Header::MaxForwards(70.into()),
        ];
        headers.extend(
            outgoing
                .routes
                .into_iter()
                .map(|route| Header::Route(route.into())),
        );
        headers.extend([
            Header::From(outgoing.from.into()),
            Header::To(outgoing.to.into()),
            Header::CallId(outgoing.call_id.into()),
            Header::CSeq(format!("{} {}", outgoing.cseq, outgoing.method).into()),
            Header::UserAgent(super::USER_AGENT.into()),
        ]);
        let others = outgoing.headers.into_iter();
        headers.extend(others.map(|(name, value)| Header::Other(name.to_owned(), value)));
        let target = Uri::try_from(outgoing.target.as_str());
        let request = Request {
            method: outgoing.method,
            uri: target.map_err(|error| Unreachable::NotARequest(error.to_string()))?,
            version: Version::V2,
            headers: headers.into(),
            body: outgoing.body,
        };
        let key = TransactionKey::from_request(&request, TransactionRole::Client).map_err(broken)?;
        let endpoint = std::sync::Arc::clone(&self.endpoint);
        let mut transaction = Transaction::new_client(key, request, endpoint, Some(connection));
        transaction.destination = Some(destination);
        transaction.send().await.map_err(broken)?;
        while let Some(message) = transaction.receive().await {
            if let rsipstack::sip::SipMessage::Response(response) = message
                && response.status_code.code() >= 200
            {
                return Ok(response.status_code.code());
            }
        }
        Ok(408)
    }
}

impl Incoming {
    /// The way back to its sender.
    pub fn flow(&self) -> Flow {
        Flow::new(self.wire, self.from, self.transaction.connection.as_ref())
    }
}
