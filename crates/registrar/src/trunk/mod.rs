//! Trunks: the ways to the world and back.
//!
//! `identity.rs` says what the other side is shown of a caller, `address.rs` where a provider is, and `dial.rs` asks it for a call.

mod address;
pub(crate) mod dial;
mod identity;

use jackfield_domain::Transport;

use crate::stack::Wire;

/// The protocol of a trunk.
const fn wire(transport: Transport) -> Wire {
    match transport {
        Transport::Udp => Wire::Udp,
        Transport::Tcp => Wire::Tcp,
        Transport::Tls => Wire::Tls,
    }
}
