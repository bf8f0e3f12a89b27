//! A media engine of our own: it takes the calls that a server hands to it, or does not.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, UdpSocket};

use super::{Link, PATIENCE, Phone, Wire};
use crate::{SipOptions, TestServer};

/// Where engines are: on the loopback, apart from telephones and providers.
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));

/// An engine that is there before its server.
pub struct MediaEngine {
    way: Way,
    address: SocketAddr,
}

enum Way {
    Datagrams(UdpSocket),
    Connections(TcpListener),
}

impl MediaEngine {
    /// An engine on a free port, over UDP or TCP.
    pub async fn start(wire: Wire) -> Self {
        let free = SocketAddr::new(HOME, 0);
        let way = match wire {
            Wire::Udp => Way::Datagrams(UdpSocket::bind(free).await.expect("a free port")),
            _ => Way::Connections(TcpListener::bind(free).await.expect("a free port")),
        };
        let address = match &way {
            Way::Datagrams(socket) => socket.local_addr(),
            Way::Connections(listener) => listener.local_addr(),
        };
        Self {
            way,
            address: address.expect("an address"),
        }
    }

    /// How a server is set up that has it.
    pub fn options(&self) -> SipOptions {
        let wire = match &self.way {
            Way::Datagrams(_) => Wire::Udp,
            Way::Connections(_) => Wire::Tcp,
        };
        SipOptions {
            engine: Some((wire, self.address)),
            ..SipOptions::default()
        }
    }

    /// What it speaks through with its server: over TCP the connection that the server makes, which is waited for.
    pub async fn listens(self, server: &TestServer) -> Phone {
        let link = match self.way {
            Way::Datagrams(socket) => Link::of_port(socket, server.sip(Wire::Udp)).await,
            Way::Connections(listener) => {
                let accepted = tokio::time::timeout(PATIENCE, listener.accept()).await;
                let (stream, _) = accepted.expect("the server connects").expect("a connection");
                Link::accepted(stream)
            }
        };
        Phone::new(link, "engine", "engine.test")
    }
}
