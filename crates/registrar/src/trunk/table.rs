//! Whose call it is that comes from outside: by the address that it comes from, or by the line that its provider was told.

use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use jackfield_directory::Trunk;
use jackfield_domain::route::number_of_trunk;

use super::address::port_of;
use crate::stack::Wire;

/// What is known of who calls.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// Not a provider.
    Stranger,
    /// A provider, over this trunk, for this number.
    Trunk(Arc<Trunk>, String),
    /// A provider that several tenants have a trunk to; the number is none of theirs, or that of several.
    Unclear,
}

/// Where a call says that it goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialled<'a> {
    /// The user part of its request URI.
    pub(crate) target: &'a str,
    /// That of `To`.
    pub(crate) to: &'a str,
}

/// The trunks of the installation and the addresses that their providers call from.
#[derive(Debug, Default)]
pub(super) struct Table {
    addresses: HashMap<IpAddr, Vec<Arc<Trunk>>>,
    /// Those of providers that registered here, by where they did.
    places: HashMap<(Wire, SocketAddr), Vec<Arc<Trunk>>>,
    lines: HashMap<String, Arc<Trunk>>,
}

impl Table {
    /// The table of trunks, each with its addresses.
    pub(super) fn new(trunks: impl IntoIterator<Item = (Arc<Trunk>, HashSet<IpAddr>)>) -> Self {
        let mut table = Self::default();
        for (trunk, addresses) in trunks {
            for address in addresses {
                table
                    .addresses
                    .entry(address)
                    .or_default()
                    .push(Arc::clone(&trunk));
            }
            // One that registers here was told no line.
            if !trunk.provider.accepts_registration() {
                table.lines.insert(trunk.line.clone(), trunk);
            }
        }
        table
    }

    /// The provider of a trunk registered from this place.
    pub(super) fn registered(&mut self, trunk: Arc<Trunk>, (wire, from): (Wire, SocketAddr)) {
        self.places
            .entry((wire, canonical(from)))
            .or_default()
            .push(trunk);
    }

    /// Who sent a call. What it says in `From` counts for nothing.
    pub(super) fn source(&self, wire: Wire, from: SocketAddr, dialled: Dialled<'_>) -> Source {
        if let Some(trunk) = self.lines.get(dialled.target) {
            return Source::Trunk(Arc::clone(trunk), dialled.to.to_owned());
        }
        let at = self.addresses.get(&from.ip().to_canonical());
        let known: Vec<&Arc<Trunk>> = at
            .into_iter()
            .flatten()
            .filter(|trunk| sends_from(trunk, wire, from.port()))
            .chain(self.places.get(&(wire, canonical(from))).into_iter().flatten())
            .collect();
        Source::among(&known, dialled)
    }
}

/// An address, an IPv4 one that came over IPv6 like any other.
fn canonical(from: SocketAddr) -> SocketAddr {
    SocketAddr::new(from.ip().to_canonical(), from.port())
}

impl Source {
    /// Which of these trunks a call comes over that is one of theirs.
    pub(super) fn among(known: &[&Arc<Trunk>], dialled: Dialled<'_>) -> Self {
        let Some(first) = known.first() else {
            return Self::Stranger;
        };
        // Where a request goes says more than `To`, which whoever redirects a call leaves as it was.
        for number in [dialled.target, dialled.to] {
            let mut owners = known.iter().filter_map(|trunk| {
                let own = number_of_trunk(&trunk.provider.settings, number, &trunk.country)?;
                Some((*trunk, own))
            });
            if let Some((trunk, own)) = owners.next() {
                let mut others = owners.map(|(trunk, _)| trunk);
                let alone = others.all(|other| other.provider.tenant == trunk.provider.tenant);
                return if alone {
                    Self::Trunk(Arc::clone(trunk), own)
                } else {
                    Self::Unclear
                };
            }
        }
        // Nobody's number: the plan of the tenant says so, when it is clear whose provider that is.
        if known
            .iter()
            .any(|other| other.provider.tenant != first.provider.tenant)
        {
            return Self::Unclear;
        }
        let number = if dialled.target.is_empty() {
            dialled.to
        } else {
            dialled.target
        };
        Self::Trunk(Arc::clone(first), number.to_owned())
    }
}

/// Whether a provider sends from such a port. Over connections it is one that its system chose.
fn sends_from(trunk: &Trunk, wire: Wire, port: u16) -> bool {
    let settings = &trunk.provider.settings;
    if wire != Wire::Udp || !settings.verify_port {
        return true;
    }
    let outbound = (!settings.outbound_server.is_empty()).then_some(settings.outbound_server_port);
    let mut ports = [Some(settings.port), outbound].into_iter().flatten();
    ports.any(|own| port_of(settings, own) == port)
}

#[cfg(test)]
mod tests {
    use jackfield_domain::{
        Provider, ProviderId, ProviderSettings, SealedSecret, Secret, TenantId, Timestamp, TrunkAuth,
    };

    use super::*;

    fn trunk(tenant: i64, id: i64, numbers: &str) -> Arc<Trunk> {
        Arc::new(Trunk {
            provider: Provider {
                tenant: TenantId::new(tenant),
                id: ProviderId::new(id),
                name: format!("trunk {id}"),
                hostname: "sip.carrier.example".into(),
                brand: String::new(),
                auth_mode: TrunkAuth::Ip,
                password: SealedSecret::default(),
                settings: ProviderSettings {
                    did_numbers: numbers.into(),
                    ..ProviderSettings::default()
                },
                created_at: Timestamp::from_micros(0),
                version: 1,
            },
            domain: format!("{tenant}.example"),
            country: "DE".into(),
            password: Secret::new(""),
            binding: None,
            line: format!("line{id}"),
        })
    }

    /// Two trunks of tenant 1 and one of tenant 2 at one provider; another of tenant 2 elsewhere.
    fn table() -> Table {
        let at = |address: &str| HashSet::from([address.parse().unwrap()]);
        Table::new([
            (trunk(1, 1, "+4930100-+4930199"), at("192.0.2.1")),
            (trunk(1, 2, "3000;4000"), at("192.0.2.1")),
            (trunk(2, 3, "+4940100-+4940199;4000"), at("192.0.2.1")),
            (trunk(2, 4, "5000"), at("192.0.2.2")),
        ])
    }

    fn asked(from: &str, target: &str, to: &str) -> Option<(i64, String)> {
        match table().source(Wire::Udp, from.parse().unwrap(), Dialled { target, to }) {
            Source::Stranger => None,
            Source::Unclear => Some((0, String::new())),
            Source::Trunk(trunk, number) => Some((trunk.provider.id.get(), number)),
        }
    }

    #[test]
    fn a_call_is_that_of_the_trunk_whose_provider_sent_it() {
        let some = |id: i64, number: &str| Some((id, number.to_owned()));
        for (from, target, to, expected) in [
            ("192.0.2.1:5060", "+4930150", "", some(1, "4930150")),
            ("192.0.2.1:5060", "004940150", "+4930150", some(3, "4940150")),
            // The number stands in `To` only.
            ("192.0.2.1:5060", "acct", "3000", some(2, "3000")),
            // Of two tenants, and of none of them.
            ("192.0.2.1:5060", "4000", "", some(0, "")),
            ("192.0.2.1:5060", "7000", "", some(0, "")),
            // One tenant's provider: its plan says that it is nobody's number.
            ("192.0.2.2:5060", "+4930150", "", some(4, "+4930150")),
            ("192.0.2.2:5060", "", "", some(4, "")),
            // Another port, another address.
            ("192.0.2.1:5061", "3000", "", None),
            ("192.0.2.3:5060", "3000", "", None),
            // The line says it wherever it comes from, and of no other tenant.
            ("192.0.2.9:7000", "line4", "+4930150", some(4, "+4930150")),
            ("192.0.2.9:7000", "line9", "5000", None),
        ] {
            assert_eq!(asked(from, target, to), expected, "{from} {target} {to}");
        }
    }

    #[test]
    fn what_comes_from_where_a_provider_registered_is_its() {
        let mut own = (*trunk(2, 5, "7000")).clone();
        own.provider.auth_mode = TrunkAuth::AcceptRegister;
        let mut table = Table::new([(Arc::new(own.clone()), HashSet::new())]);
        let at = |text: &str| -> SocketAddr { text.parse().unwrap() };
        table.registered(Arc::new(own), (Wire::Udp, at("[::ffff:192.0.2.5]:5062")));
        let known = |wire, from: &str, target| {
            let dialled = Dialled { target, to: "" };
            matches!(table.source(wire, at(from), dialled), Source::Trunk(trunk, _) if trunk.provider.id.get() == 5)
        };
        assert!(known(Wire::Udp, "192.0.2.5:5062", "7000"));
        assert!(known(Wire::Udp, "192.0.2.5:5062", "8000"));
        for (wire, from, target) in [
            (Wire::Tcp, "192.0.2.5:5062", "7000"),
            (Wire::Udp, "192.0.2.5:5063", "7000"),
            (Wire::Udp, "192.0.2.6:5062", "7000"),
            // It was told no line.
            (Wire::Udp, "192.0.2.6:5062", "line5"),
        ] {
            assert!(!known(wire, from, target), "{wire} {from} {target}");
        }
    }

    #[test]
    fn a_port_is_looked_at_where_it_says_something() {
        let from = "192.0.2.2:7000".parse().unwrap();
        let dialled = Dialled {
            target: "5000",
            to: "",
        };
        let known = |table: &Table, wire| matches!(table.source(wire, from, dialled), Source::Trunk(..));
        assert!(!known(&table(), Wire::Udp));
        assert!(known(&table(), Wire::Tcp));
        let mut open = (*trunk(2, 4, "5000")).clone();
        open.provider.settings.verify_port = false;
        let at = HashSet::from(["192.0.2.2".parse().unwrap()]);
        assert!(known(
            &Table::new([(Arc::new(open.clone()), at.clone())]),
            Wire::Udp
        ));
        open.provider.settings.verify_port = true;
        open.provider.settings.outbound_server = "proxy.example".into();
        open.provider.settings.outbound_server_port = 7000;
        assert!(known(&Table::new([(Arc::new(open), at)]), Wire::Udp));
    }
}
