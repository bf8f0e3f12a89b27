//! The SIP edge, asked by a telephone of our own.

mod auth;
mod calls;
mod hostile;
mod phones;
mod register;
mod states;
mod trunks;
mod watching;

use jackfield_testkit::{Options, SipOptions, TestServer};

/// A server that takes telephones.
pub(super) async fn serve() -> TestServer {
    serve_with(SipOptions::default()).await
}

pub(super) async fn serve_with(sip: SipOptions) -> TestServer {
    let sip = Some(sip);
    TestServer::start_with(Options {
        sip,
        ..Options::default()
    })
    .await
}
