//! The devices of a user, as calls look for them.

use std::net::SocketAddr;

use jackfield_domain::{NewRegistration, Registration, SipRoute};

use crate::{stack::Wire, syntax};

/// A device that registered at an edge and can be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// What tells it from the user's other devices.
    pub instance_id: String,
    /// The URI that a request to it carries, as it was registered.
    pub contact: String,
    /// The values of `Route` that a request to it carries, outermost first (RFC 3327 §5.3); empty without proxies between.
    pub path: Vec<String>,
    /// The protocol that it registered over.
    pub wire: Wire,
    /// The address that it registered from: behind a router the one that leads back to it, whatever its contact says.
    pub address: SocketAddr,
    /// Its preference, in thousandths: higher first.
    pub preference: u16,
    /// Whether it registered at this process, where its connection is.
    pub here: bool,
}

impl Phone {
    /// The device of a binding; none for one that an engine reported, which only that engine reaches.
    pub(crate) fn of(registration: &Registration, edge: &str) -> Option<Self> {
        Self::at(&registration.binding, registration.route.as_ref()?, edge)
    }

    /// What registered this, from there.
    pub(crate) fn at(binding: &NewRegistration, route: &SipRoute, edge: &str) -> Option<Self> {
        let (wire, address) = route.received.split_once(':')?;
        let path = syntax::list(&route.path)?.into_iter();
        Some(Self {
            instance_id: binding.instance_id.clone(),
            contact: binding.contact_address.clone(),
            path: path.filter(|hop| !hop.is_empty()).map(str::to_owned).collect(),
            wire: Wire::from_word(wire)?,
            address: address.parse().ok()?,
            preference: route.preference,
            here: route.edge == edge,
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::{NewRegistration, SipRoute, TenantId, Timestamp, UserId};

    use super::*;

    fn registered(received: &str, path: &str) -> Registration {
        Registration {
            tenant: TenantId::FIRST,
            user: UserId::FIRST,
            binding: NewRegistration {
                instance_id: "i".into(),
                user_agent: String::new(),
                application: String::new(),
                ip: String::new(),
                enable_push: false,
                contact_address: "sip:1001@10.0.0.1;transport=udp".into(),
                expires_at: Timestamp::from_micros(1),
            },
            updated_at: Timestamp::from_micros(0),
            route: Some(SipRoute {
                received: received.into(),
                path: path.into(),
                call_id: "1".into(),
                cseq: 1,
                preference: 500,
                edge: "e1".into(),
            }),
        }
    }

    #[test]
    fn a_phone_is_where_it_was_seen() {
        let phone = Phone::of(
            &registered("tcp:[2001:db8::1]:5061", "<sip:a;lr>, <sip:b;lr>"),
            "e1",
        )
        .unwrap();
        assert_eq!(phone.wire, Wire::Tcp);
        assert_eq!(phone.address, "[2001:db8::1]:5061".parse().unwrap());
        assert_eq!(phone.path, ["<sip:a;lr>", "<sip:b;lr>"]);
        assert!(phone.here && phone.preference == 500);
        let phone = Phone::of(&registered("udp:192.0.2.1:5060", ""), "e2").unwrap();
        assert!(phone.path.is_empty() && !phone.here);
        assert_eq!(Phone::of(&registered("smoke:192.0.2.1:5060", ""), "e1"), None);
        let mut reported = registered("udp:192.0.2.1:5060", "");
        reported.route = None;
        assert_eq!(Phone::of(&reported, "e1"), None);
    }
}
