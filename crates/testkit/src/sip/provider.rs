//! A telephone network of our own at the other end of a trunk.
//!
//! It has an address of its own, so that a server tells it from the telephones of the test.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::{Challenge, Link, PATIENCE, Phone, Side, Wire, call::header};
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
    Connections(Wire, TcpListener),
}

impl Provider {
    /// A provider for a server.
    pub async fn of(server: &TestServer, wire: Wire) -> Self {
        let way = match wire {
            Wire::Udp => Way::Datagrams(Box::new(Link::open_from(wire, server.sip(wire), HOME).await)),
            _ => Way::Connections(wire, TcpListener::bind((HOME, 0)).await.expect("a free port")),
        };
        Self {
            server: server.sip(wire),
            way,
        }
    }

    /// A provider over TCP where there was one before.
    pub fn at(server: &TestServer, address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        // What is left of the connections of the one before does not matter.
        socket.set_reuseaddr(true).expect("an option of every system");
        socket.bind(address).expect("the address is free again");
        Self {
            server: server.sip(Wire::Tcp),
            way: Way::Connections(Wire::Tcp, socket.listen(16).expect("it can be listened to")),
        }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        match &self.way {
            Way::Datagrams(link) => link.local(),
            Way::Connections(_, listener) => listener.local_addr().expect("an address"),
        }
    }

    /// What it speaks through: the server's connection, when it has one to make.
    pub async fn listens(self) -> Phone {
        match self.way {
            Way::Datagrams(link) => Phone::new(*link, "provider", "carrier.test"),
            Way::Connections(..) => self.accepts().await,
        }
    }

    /// The next connection that a server makes.
    pub async fn accepts(&self) -> Phone {
        let Way::Connections(wire, listener) = &self.way else {
            panic!("over UDP there are no connections");
        };
        let stream = accepted(listener).await;
        let link = if *wire == Wire::Tls {
            Link::accepted_tls(stream).await.expect("the server believes it")
        } else {
            Link::accepted(stream)
        };
        Phone::new(link, "provider", "carrier.test")
    }

    /// Whether the server comes and does not believe its certificate.
    pub async fn is_distrusted(&self) -> bool {
        let Way::Connections(_, listener) = &self.way else {
            return false;
        };
        Link::accepted_tls(accepted(listener).await).await.is_none()
    }

    /// What it calls the server through.
    pub async fn speaks(self) -> Phone {
        let link = match self.way {
            Way::Datagrams(link) => *link,
            Way::Connections(wire, _) => Link::open_from(wire, self.server, HOME).await,
        };
        Phone::new(link, "provider", "carrier.test")
    }

    /// The protocol.
    pub fn wire(&self) -> Wire {
        match &self.way {
            Way::Datagrams(_) => Wire::Udp,
            Way::Connections(wire, _) => *wire,
        }
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
            Way::Connections(_, listener) => tokio::time::timeout(moment, listener.accept()).await.is_err(),
        }
    }
}

async fn accepted(listener: &TcpListener) -> TcpStream {
    let accepted = tokio::time::timeout(PATIENCE, listener.accept()).await;
    let (stream, _) = accepted.expect("the server connects").expect("a connection");
    stream
}

impl Phone {
    /// Waits until somebody registers here, asks him for a proof, and takes the registration for so many seconds. Gives the request
    /// that was taken, and whether the proof was good.
    pub async fn takes_registration(
        &mut self,
        challenge: &Challenge,
        name: &str,
        password: &str,
        seconds: u32,
    ) -> (String, bool) {
        let first = self.until("REGISTER ").await;
        let asks = format!("WWW-Authenticate: {}\r\n", challenge.text());
        self.replies(&first, 401, &asks).await;
        let second = self.until("REGISTER ").await;
        let good = challenge.is_proved(header(&second, "Authorization"), name, password, "REGISTER");
        if good {
            let headers = format!("Contact: {};expires={seconds}\r\n", header(&second, "Contact"));
            self.replies(&second, 200, &headers).await;
        } else {
            self.replies(&second, 403, "").await;
        }
        (second, good)
    }

    /// Answers a request outside of calls.
    pub async fn replies(&mut self, request: &str, status: u16, headers: &str) {
        let mut text = format!("SIP/2.0 {status} Said\r\n");
        for line in request.split("\r\n").take_while(|line| !line.is_empty()) {
            let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
            if ["via", "from", "to", "call-id", "cseq"].contains(&name.as_str()) {
                text.push_str(line);
                text.push_str(if name == "to" { ";tag=p\r\n" } else { "\r\n" });
            }
        }
        text.push_str(headers);
        text.push_str("Content-Length: 0\r\n\r\n");
        self.link.send(text.as_bytes()).await;
    }
}
