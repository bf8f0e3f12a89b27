//! A request as those who answer it see it, whoever carries it.

use std::{borrow::Cow, net::SocketAddr};

use super::{Incoming, Wire};

/// A request that waits for its answer: the library's transaction of it ([`Incoming`]), or its text alone ([`Direct`](super::Direct)).
pub trait Asked: Send + Sync + Sized {
    /// Its method, in capitals.
    fn method(&self) -> Cow<'_, str>;

    /// The protocol that it came over.
    fn wire(&self) -> Wire;

    /// The address that it came from.
    fn from(&self) -> SocketAddr;

    /// The host of its request URI, in lower case.
    fn target_host(&self) -> Cow<'_, str>;

    /// The values of all headers of this name (in full, not the short form), as they were written.
    fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str>;

    /// The first of them.
    fn header<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.headers(name).next()
    }

    /// Answers with a status and headers, and is done with the request. A failure to send is the sender's to notice: he asks
    /// again.
    fn answer(self, status: u16, headers: Vec<(&'static str, String)>) -> impl Future<Output = ()> + Send;
}

impl Asked for Incoming {
    fn method(&self) -> Cow<'_, str> {
        Self::method(self).into()
    }

    fn wire(&self) -> Wire {
        Self::wire(self)
    }

    fn from(&self) -> SocketAddr {
        Self::from(self)
    }

    fn target_host(&self) -> Cow<'_, str> {
        Self::target_host(self).into()
    }

    fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        Self::headers(self, name)
    }

    async fn answer(self, status: u16, headers: Vec<(&'static str, String)>) {
        Self::answer(self, status, headers).await;
    }
}
