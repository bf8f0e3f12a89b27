//! Where a provider is.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use jackfield_domain::{Provider, ProviderSettings};
use rsipstack::sip::Uri;

use crate::call::sip;

/// A name is looked up within this time or not at all: somebody waits for the ringing.
const LOOK_UP: Duration = Duration::from_secs(4);
/// Addresses of one name that are tried.
const MOST: usize = 4;
/// The port of SIP over TLS (RFC 3261 §19.1.2), and that of the others.
const TLS_PORT: u16 = 5061;
const PORT: u16 = 5060;

/// The host that messages of a trunk are sent to, and its port: the outbound server, where there is one.
pub(super) fn next_hop<'a>(hostname: &'a str, settings: &'a ProviderSettings) -> (&'a str, u16) {
    let (host, port) = if settings.outbound_server.is_empty() {
        (hostname, settings.port)
    } else {
        (settings.outbound_server.as_str(), settings.outbound_server_port)
    };
    (host, port_of(settings, port))
}

/// A port of a trunk; that of its protocol when none is given.
pub(super) fn port_of(settings: &ProviderSettings, port: i64) -> u16 {
    match u16::try_from(port) {
        Ok(port) if port > 0 => port,
        _ if settings.transport == jackfield_domain::Transport::Tls => TLS_PORT,
        _ => PORT,
    }
}

/// The URI of a user at a provider; of the provider itself without one. The port is named when it is not the usual one.
pub(super) fn uri(provider: &Provider, user: &str) -> Option<Uri> {
    let settings = &provider.settings;
    let mut uri = sip::address(user, &provider.hostname)?;
    if user.is_empty() {
        uri.auth = None;
    }
    let port = port_of(settings, settings.port);
    if port != port_of(settings, 0) {
        uri.host_with_port.port = Some(port.into());
    }
    Some(uri)
}

/// The addresses of a host, in the order in which the system's resolver gives them; none when it knows none in time.
pub(crate) async fn resolve(host: &str, port: u16) -> Vec<SocketAddr> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return vec![SocketAddr::new(address, port)];
    }
    match tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((host, port))).await {
        Ok(Ok(found)) => {
            let mut addresses: Vec<SocketAddr> = Vec::new();
            for address in found {
                if addresses.len() < MOST && !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            addresses
        }
        Ok(Err(error)) => {
            tracing::warn!(host, "a host is not known: {error}");
            Vec::new()
        }
        Err(_) => {
            tracing::warn!(host, "a host was not told within {LOOK_UP:?}");
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::Transport;

    use super::*;

    #[test]
    fn messages_go_to_the_outbound_server_where_there_is_one() {
        let mut settings = ProviderSettings {
            port: 5070,
            ..ProviderSettings::default()
        };
        assert_eq!(next_hop("a.example", &settings), ("a.example", 5070));
        settings.outbound_server = "b.example".into();
        assert_eq!(next_hop("a.example", &settings), ("b.example", 5060));
        settings.outbound_server_port = 5080;
        assert_eq!(next_hop("a.example", &settings), ("b.example", 5080));
        settings.outbound_server_port = 0;
        settings.transport = Transport::Tls;
        assert_eq!(next_hop("a.example", &settings), ("b.example", 5061));
    }

    #[tokio::test]
    async fn an_address_needs_no_resolver_and_a_name_gives_each_address_once() {
        assert_eq!(resolve("::1", 5060).await, ["[::1]:5060".parse().unwrap()]);
        let found = resolve("localhost", 5061).await;
        assert!(
            found
                .iter()
                .all(|one| one.ip().is_loopback() && one.port() == 5061)
        );
        assert!(!found.is_empty());
        assert_eq!(resolve("nowhere.invalid", 5060).await, []);
    }
}
