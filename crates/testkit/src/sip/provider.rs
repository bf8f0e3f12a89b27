//! A telephone network of our own at the other end of a trunk.
//!
//! It has an address of its own, so that a server tells it from the telephones of the test.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::net::TcpListener;

use super::{Link, PATIENCE, Phone, Side, Wire};
use crate::TestServer;

/// Where providers are: on the loopback, and no telephone is there.
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// A provider that waits for the server, or calls it.
pub struct Provider {
    server: SocketAddr,
    way: Way,
}

enum Way {
    Datagrams(Box<Link>),
    Connections(TcpListener),
}

impl Provider {
    /// A provider for a server.
    pub async fn of(server: &TestServer, wire: Wire) -> Self {
        let way = match wire {
            Wire::Udp => Way::Datagrams(Box::new(Link::open_from(wire, server.sip(wire), HOME).await)),
            _ => Way::Connections(TcpListener::bind((HOME, 0)).await.expect("a free port")),
        };
        Self {
            server: server.sip(wire),
            way,
        }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        match &self.way {
            Way::Datagrams(link) => link.local(),
            Way::Connections(listener) => listener.local_addr().expect("an address"),
        }
    }

    /// What it speaks through: the server's connection, when it has one to make.
    pub async fn listens(self) -> Phone {
        let link = match self.way {
            Way::Datagrams(link) => *link,
            Way::Connections(listener) => {
                let accepted = tokio::time::timeout(PATIENCE, listener.accept()).await;
                let (stream, _) = accepted.expect("the server connects").expect("a connection");
                Link::accepted(stream)
            }
        };
        Phone::new(link, "provider", "carrier.test")
    }

    /// What it calls the server through.
    pub async fn speaks(self) -> Phone {
        let link = match self.way {
            Way::Datagrams(link) => *link,
            Way::Connections(_) => Link::open_from(Wire::Tcp, self.server, HOME).await,
        };
        Phone::new(link, "provider", "carrier.test")
    }

    /// Waits for a call.
    pub async fn is_called(self) -> Side {
        Side::is_rung(self.listens().await).await
    }

    /// Whether nobody asks it for anything for a moment.
    pub async fn is_left_alone(self) -> bool {
        let moment = Duration::from_millis(400);
        match self.way {
            Way::Datagrams(mut link) => tokio::time::timeout(moment, link.receive()).await.is_err(),
            Way::Connections(listener) => tokio::time::timeout(moment, listener.accept()).await.is_err(),
        }
    }
}
