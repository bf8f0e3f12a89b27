//! The SIP edge, asked by a telephone of our own.

mod auth;
mod baresip;
mod calls;
mod control;
mod early;
mod hostile;
mod joining;
mod lamps;
mod matrix;
mod media;
mod phones;
mod publishing;
mod register;
mod replaces;
mod scripted;
mod states;
mod torture;
mod transfers;
mod transfers_out;
mod trunks;
mod trunks_accepted;
mod trunks_alive;
mod trunks_in;
mod trunks_registered;
mod trunks_routed;
mod trunks_tls;
mod waiting;
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
