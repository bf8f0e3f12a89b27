//! Types of the settings of the SIP edge.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jackfield_registrar::{
    Algorithm, EngineAddress, Limits, Listen, MediaEngine, SipConfig, SipEngine, TlsFiles,
};

use super::{
    Settings,
    value::{Value, Wrong},
};

/// Something that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch(pub bool);

impl Value for Switch {
    fn read(text: &str) -> Result<Self, Wrong> {
        match text {
            "on" | "true" => Ok(Self(true)),
            "off" | "false" => Ok(Self(false)),
            _ => Err(Wrong::new("is neither on nor off", "write `on` or `off`")),
        }
    }
}

/// Addresses with ports, perhaps none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses(pub Vec<SocketAddr>);

impl Value for Addresses {
    fn read(text: &str) -> Result<Self, Wrong> {
        if text == "off" {
            return Ok(Self::default());
        }
        let members = text.split(',').map(str::trim).filter(|member| !member.is_empty());
        let addresses = members.map(|member| {
            member.parse().map_err(|_| {
                Wrong::new(
                    format!("has a member, `{member}`, that is not an IP address with a port"),
                    "write them with commas between them, for example `0.0.0.0:5060,[::]:5060`, or `off`",
                )
            })
        });
        addresses.collect::<Result<_, _>>().map(Self)
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

/// Hash functions of the digest scheme, in the order in which they are offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests(pub Vec<Algorithm>);

impl Value for Digests {
    fn read(text: &str) -> Result<Self, Wrong> {
        let instead = "write `sha256,md5`, `sha256` or `md5`";
        let mut found = Vec::new();
        for member in text.split(',').map(str::trim) {
            let algorithm = match member {
                "sha256" => Algorithm::Sha256,
                "md5" => Algorithm::Md5,
                _ => return Err(Wrong::new("names another hash function", instead)),
            };
            if found.contains(&algorithm) {
                return Err(Wrong::new("names a hash function twice", instead));
            }
            found.push(algorithm);
        }
        Ok(Self(found))
    }
}

/// A number from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub u32);

impl Value for Count {
    fn read(text: &str) -> Result<Self, Wrong> {
        let number = text
            .parse()
            .map_err(|_| Wrong::new("is not a number from 0 to 4294967295", "write for example `100`"));
        number.map(Self)
    }
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl Value for Span {
    fn read(text: &str) -> Result<Self, Wrong> {
        let wrong = || {
            Wrong::new(
                "is not a length of time",
                "write for example `30s`, `15m` or `12h`",
            )
        };
        let (number, unit) = text
            .split_at_checked(text.len().saturating_sub(1))
            .ok_or_else(wrong)?;
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err(wrong()),
        };
        let number: u32 = number.parse().map_err(|_| wrong())?;
        Ok(Self(Duration::from_secs(u64::from(number) * unit)))
    }
}

/// A length of time up to 10 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay(pub Duration);

impl Value for Delay {
    fn read(text: &str) -> Result<Self, Wrong> {
        let instead = "write for example `3s`, or `0s`";
        match Span::read(text) {
            Ok(Span(span)) if span <= Duration::from_secs(10) => Ok(Self(span)),
            Ok(_) => Err(Wrong::new("is longer than 10 seconds", instead)),
            Err(wrong) => Err(Wrong::new(wrong.wrong, instead)),
        }
    }
}

impl Value for EngineAddress {
    fn read(text: &str) -> Result<Self, Wrong> {
        let instead = "write for example `sip:127.0.0.1:5080`, or `sip:pbx.example.com:5060;transport=tcp` (or `udp`, `tls`)";
        match EngineAddress::parse(text) {
            Some(address) => Ok(address),
            None => Err(Wrong::new("is not the SIP address of a media engine", instead)),
        }
    }
}

impl Settings {
    /// How the SIP edge is set up; none when it is off.
    pub fn sip_edge(&self) -> Option<SipConfig> {
        if !self.sip.0 {
            return None;
        }
        let trusted = self.trusted_proxies.clone();
        let tls = self.sip_tls_cert.clone().zip(self.sip_tls_key.clone());
        Some(SipConfig {
            listen: Listen {
                plain: self.sip_listen.0.clone(),
                tls: self.sip_tls_listen.0.clone(),
                web_socket: self.sip_ws_listen.0.clone(),
            },
            tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
            authorities: self.sip_tls_ca.clone(),
            algorithms: self.sip_digests.0.clone(),
            limits: Limits {
                rate: self.sip_rate.0,
                failures: self.sip_ban_failures.0,
                ban: self.sip_ban_time.0,
                ..Limits::default()
            },
            trusted: Arc::new(move |address| trusted.iter().any(|network| network.contains(address))),
            engine: self
                .sip_media_engine
                .clone()
                .map(|address| Arc::new(SipEngine(address)) as Arc<dyn MediaEngine>),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_or_explained() {
        assert_eq!(Switch::read("off"), Ok(Switch(false)));
        assert!(Switch::read("maybe").is_err());
        assert_eq!(Addresses::read("off"), Ok(Addresses(Vec::new())));
        assert_eq!(
            Addresses::read("127.0.0.1:5060, [::1]:0").map(|all| all.0.len()),
            Ok(2)
        );
        assert!(Addresses::read("localhost:5060").is_err());
        assert_eq!(
            Digests::read("sha256, md5"),
            Ok(Digests(vec![Algorithm::Sha256, Algorithm::Md5]))
        );
        for bad in ["", "sha1", "md5,md5"] {
            assert!(Digests::read(bad).is_err(), "{bad}");
        }
        assert!(Count::read("-1").is_err() && Count::read("0") == Ok(Count(0)));
        for (text, seconds) in [("30s", 30), ("15m", 900), ("12h", 43_200), ("0s", 0)] {
            assert_eq!(Span::read(text), Ok(Span(Duration::from_secs(seconds))), "{text}");
        }
        for bad in ["", "h", "12", "12d", "é", "-1s"] {
            assert!(Span::read(bad).is_err(), "{bad}");
        }
        assert_eq!(Delay::read("10s"), Ok(Delay(Duration::from_secs(10))));
        assert!(Delay::read("11s").is_err() && Delay::read("soon").is_err());
    }
}
