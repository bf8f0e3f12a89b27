//! The API suite: a real server for each test, asked over a socket.
//!
//! One binary, because linking the server takes longer than any of its tests. The engine of the store is chosen by
//! `JACKFIELD_TEST_ENGINE`; see the crate's documentation.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops where its ground gives way"
)]

mod native;
mod ops;
mod parity;
mod portsip;
mod sip;
mod voipstudio;
