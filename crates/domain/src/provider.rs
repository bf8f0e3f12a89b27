//! Trunks: the connections to providers that outside calls take.

use std::{net::IpAddr, time::Duration};

use crate::{
    Field, NewRegistration, Patch, ProviderId, Queried, Rule, SealedSecret, Secret, SipRoute, TenantId,
    Timestamp, Transport, ValueKind, Violations,
    change::words,
    distribution::check_route_name,
    limits,
    patch::settings,
    text::{is_digits, is_host_name},
};

words! {
    /// How the two sides of a trunk know each other.
    #[derive(Default)]
    TrunkAuth {
        /// By their addresses.
        #[default]
        Ip = "ip_auth",
        /// The installation registers at the provider.
        Register = "register_auth",
        /// The provider registers at the installation.
        AcceptRegister = "accept_register",
        /// As Microsoft Teams wants it.
        Teams = "teams",
        /// As WhatsApp wants it.
        WhatsApp = "whats_app",
    }
}

settings! {
    /// The settings of a trunk, complete but for its password.
    ProviderSettings,
    /// A change to the settings of a trunk.
    ProviderSettingsPatch {
        /// Whether calls take it.
        enabled: bool = true;
        /// How SIP messages travel.
        transport: Transport = Transport::Udp;
        /// The port at the provider.
        port: i64 = 5060;
        /// The name for authentication, when it is not the account's.
        auth_id: String = String::new();
        /// The account at the provider.
        username: String = String::new();
        /// Register at the provider.
        registration: bool = true;
        /// Seconds between two registrations.
        register_interval: i64 = 600;
        /// The host that messages are sent to instead of the provider's own; empty for none.
        outbound_server: String = String::new();
        /// Its port.
        outbound_server_port: i64 = 0;
        /// The provider is in the local network.
        inlan: bool = false;
        /// Send one Via header only.
        single_via_header: bool = true;
        /// Put the address that messages are seen to come from in the Via header.
        rewrite_via_ip: bool = true;
        /// Take messages from the provider's port only.
        verify_port: bool = true;
        /// Send signs of life.
        keep_alive: bool = true;
        /// Seconds between them.
        keep_alive_interval: i64 = 360;
        /// Calls at the same time; 0 for as many as come.
        concurrency: i64 = 0;
        /// Further addresses that the provider calls from, separated by semicolons.
        additional_ips: String = String::new();
        /// Correct the direction of media in session descriptions.
        adjust_sdp_direction: bool = true;
        /// Leave keys of encrypted media out of session descriptions.
        remove_srtp_info: bool = true;
        /// Demand signed caller ids.
        stir_shaken_signature_required: bool = false;
        /// The numbers that come with the trunk: numbers and ranges, as in `3000;12000-18000`.
        did_numbers: String = String::new();
    }
}

/// A trunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its tenant; [`TenantId::SYSTEM`] for one that tenants share.
    pub tenant: TenantId,
    /// Its id.
    pub id: ProviderId,
    /// Its name.
    pub name: String,
    /// The host of the provider.
    pub hostname: String,
    /// The name of the provider's product; never changes.
    pub brand: String,
    /// How the two sides know each other; never changes.
    pub auth_mode: TrunkAuth,
    /// The password at the provider, sealed.
    pub password: SealedSecret,
    /// Everything else.
    pub settings: ProviderSettings,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// Where a provider is that registered here. A trunk has one binding at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrunkBinding {
    /// The tenant of the trunk.
    pub tenant: TenantId,
    /// The trunk.
    pub provider: ProviderId,
    /// What the provider registered, and until when.
    pub binding: NewRegistration,
    /// The way to it.
    pub route: SipRoute,
    /// When it was made or renewed.
    pub updated_at: Timestamp,
}

/// A trunk to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `Provider`")]
pub struct NewProvider {
    pub name: String,
    pub hostname: String,
    pub brand: String,
    pub auth_mode: TrunkAuth,
    pub password: Secret,
    pub settings: ProviderSettings,
}

/// A change to a trunk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `Provider`")]
pub struct ProviderPatch {
    pub name: Patch<String>,
    pub hostname: Patch<String>,
    pub password: Patch<Secret>,
    pub settings: ProviderSettingsPatch,
}

/// A value of a trunk that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `Provider`")]
pub enum ProviderField {
    Id,
    Name,
    Enabled,
    Brand,
    Hostname,
    Port,
    DidNumbers,
}

impl Queried for ProviderField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id | Self::Port => ValueKind::Number,
            Self::Enabled => ValueKind::Flag,
            Self::Name | Self::Brand | Self::Hostname | Self::DidNumbers => ValueKind::Text,
        }
    }
}

/// The parts of a list that is written with semicolons, without the spaces around them.
fn parts(list: &str) -> impl Iterator<Item = &str> {
    list.split(';').map(str::trim).filter(|part| !part.is_empty())
}

/// The first and the last number of an entry: `3000` or `12000-18000`, each with or without a leading `+`.
fn range(entry: &str) -> Option<(&str, &str)> {
    let (first, last) = entry
        .split_once('-')
        .map_or((entry, entry), |(first, last)| (first.trim(), last.trim()));
    let (first_digits, last_digits) = (plain(first), plain(last));
    let numbers = [first_digits, last_digits]
        .iter()
        .all(|digits| !digits.is_empty() && is_digits(digits));
    let alike = first.len() == last.len() && first.starts_with('+') == last.starts_with('+');
    // Texts of digits of one length compare as their numbers do.
    (numbers && alike && first_digits <= last_digits).then_some((first_digits, last_digits))
}

fn plain(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}

fn check_host(found: &mut Violations, field: Field, host: &str) {
    if !is_host_name(host) && host.parse::<IpAddr>().is_err() {
        found.add(
            field,
            Rule::Form("a host name like sip.example.com or an IP address"),
        );
    }
}

fn check_hostname(found: &mut Violations, host: &str) {
    if host.is_empty() {
        found.add(Field::Hostname, Rule::Required);
    } else {
        check_host(found, Field::Hostname, host);
    }
}

impl ProviderSettings {
    /// Every rule that the settings break.
    pub fn check(&self, found: &mut Violations) {
        for (field, number, limits) in [
            (Field::Port, self.port, limits::PORT),
            (Field::OutboundServerPort, self.outbound_server_port, limits::PORT),
            (
                Field::RegisterInterval,
                self.register_interval,
                limits::TRUNK_SECONDS,
            ),
            (
                Field::KeepAliveInterval,
                self.keep_alive_interval,
                limits::TRUNK_SECONDS,
            ),
            (Field::Concurrency, self.concurrency, limits::TRUNK_CALLS),
        ] {
            found.range(field, number, limits);
        }
        found.text(Field::AuthId, &self.auth_id, limits::PROVIDER_ACCOUNT);
        found.text(Field::Username, &self.username, limits::PROVIDER_ACCOUNT);
        if !self.outbound_server.is_empty() {
            check_host(found, Field::OutboundServer, &self.outbound_server);
        }
        found.length(Field::AdditionalIps, &self.additional_ips, 0..=limits::TRUNK_LIST);
        if parts(&self.additional_ips).any(|ip| ip.parse::<IpAddr>().is_err()) {
            found.add(
                Field::AdditionalIps,
                Rule::Form("IP addresses separated by semicolons"),
            );
        }
        found.length(Field::DidNumbers, &self.did_numbers, 0..=limits::TRUNK_LIST);
        if parts(&self.did_numbers).any(|entry| range(entry).is_none()) {
            found.add(
                Field::DidNumbers,
                Rule::Form("numbers and ranges separated by semicolons, like 3000;12000-18000"),
            );
        }
    }

    /// The name for authentication; that of the account when it has no other.
    pub fn account(&self) -> &str {
        if self.auth_id.is_empty() {
            &self.username
        } else {
            &self.auth_id
        }
    }

    /// The first of the numbers that come with the trunk, as it was written.
    pub fn first_number(&self) -> Option<&str> {
        let first = parts(&self.did_numbers).next()?;
        Some(first.split_once('-').map_or(first, |(first, _)| first.trim()))
    }

    /// Whether a number comes with the trunk. A leading `+` makes no difference.
    pub fn has_number(&self, number: &str) -> bool {
        let number = plain(number);
        is_digits(number)
            && parts(&self.did_numbers)
                .filter_map(range)
                .any(|(first, last)| first.len() == number.len() && first <= number && number <= last)
    }
}

impl Provider {
    /// Whether the installation registers at the provider.
    pub fn registers(&self) -> bool {
        self.auth_mode == TrunkAuth::Register && self.settings.registration
    }

    /// Whether the provider registers here.
    pub fn accepts_registration(&self) -> bool {
        self.auth_mode == TrunkAuth::AcceptRegister
    }

    /// How often the provider is asked for a sign of life; none when it is not to be, or when it is not known where it is.
    pub fn signs_of_life(&self) -> Option<Duration> {
        let asked = matches!(self.auth_mode, TrunkAuth::Ip | TrunkAuth::Register);
        let seconds = u64::try_from(self.settings.keep_alive_interval).ok()?;
        (asked && self.settings.keep_alive && seconds > 0).then(|| Duration::from_secs(seconds))
    }
}

impl NewProvider {
    /// The password in the form in which it is kept.
    pub fn seal(&self, seal: &mut dyn FnMut(&str) -> SealedSecret) -> SealedSecret {
        self.password.sealed(seal)
    }

    /// Every rule that the trunk breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        check_route_name(&mut found, &self.name);
        check_hostname(&mut found, &self.hostname);
        found.text(Field::Brand, &self.brand, *limits::BRAND.end());
        found.text(Field::Password, self.password.reveal(), limits::PROVIDER_PASSWORD);
        self.settings.check(&mut found);
        if self.auth_mode == TrunkAuth::AcceptRegister {
            // It proves itself by them.
            if self.settings.account().is_empty() {
                found.add(Field::Username, Rule::Required);
            }
            if self.password.reveal().is_empty() {
                found.add(Field::Password, Rule::Required);
            }
        }
        found
    }
}

impl ProviderPatch {
    /// Every rule that the change breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(name) = &self.name {
            check_route_name(&mut found, name);
        }
        if let Patch::Set(host) = &self.hostname {
            check_hostname(&mut found, host);
        }
        if let Patch::Set(password) = &self.password {
            found.text(Field::Password, password.reveal(), limits::PROVIDER_PASSWORD);
        }
        self.settings.check(&mut found);
        found
    }

    /// What the change would take from a trunk whose provider registers here: its account and its password have to stay.
    pub fn check_for(&self, provider: &Provider) -> Violations {
        let mut found = Violations::new();
        if provider.accepts_registration() {
            let mut settings = provider.settings.clone();
            self.settings.clone().apply(&mut settings);
            if settings.account().is_empty() && !provider.settings.account().is_empty() {
                found.add(Field::Username, Rule::Required);
            }
            if matches!(&self.password, Patch::Set(password) if password.reveal().is_empty()) {
                found.add(Field::Password, Rule::Required);
            }
        }
        found
    }

    /// Carries the change out, sealing the password with `seal`; tells whether anything changed. A password counts as
    /// changed whenever one is given: two sealed forms of the same text differ.
    pub fn apply(self, provider: &mut Provider, seal: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
        let mut changed = self.name.apply(&mut provider.name);
        changed |= self.hostname.apply(&mut provider.hostname);
        if let Patch::Set(password) = &self.password {
            provider.password = password.sealed(seal);
            changed = true;
        }
        self.settings.apply(&mut provider.settings) | changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> NewProvider {
        NewProvider {
            name: "Carrier".into(),
            hostname: "sip.carrier.example".into(),
            brand: "Generic".into(),
            auth_mode: TrunkAuth::Register,
            password: Secret::new("s3cret"),
            settings: ProviderSettings::default(),
        }
    }

    #[test]
    fn what_a_trunk_needs() {
        type Change = fn(&mut NewProvider);
        assert!(new().check().is_empty());
        let table: [(Change, Field); 12] = [
            (|new| new.name = String::new(), Field::Name),
            (|new| new.hostname = String::new(), Field::Hostname),
            (|new| new.hostname = "a b".into(), Field::Hostname),
            (|new| new.brand = "x".repeat(65), Field::Brand),
            (|new| new.password = Secret::new("x".repeat(257)), Field::Password),
            (|new| new.settings.port = 65_536, Field::Port),
            (
                |new| new.settings.outbound_server = "a/b".into(),
                Field::OutboundServer,
            ),
            (|new| new.settings.concurrency = -1, Field::Concurrency),
            (|new| new.settings.register_interval = -1, Field::RegisterInterval),
            (|new| new.settings.username = "x".repeat(65), Field::Username),
            (
                |new| new.settings.additional_ips = "10.0.0.1;x".into(),
                Field::AdditionalIps,
            ),
            (
                |new| new.settings.did_numbers = "18000-12000".into(),
                Field::DidNumbers,
            ),
        ];
        for (change, field) in table {
            let mut new = new();
            change(&mut new);
            let fields: Vec<_> = new.check().into_vec().iter().map(|found| found.field).collect();
            assert_eq!(fields, [field]);
        }
        for host in ["192.0.2.1", "2001:db8::1"] {
            let mut new = new();
            new.hostname = host.into();
            assert!(new.check().is_empty(), "{host}");
        }
    }

    #[test]
    fn a_provider_that_registers_here_keeps_its_account_and_its_password() {
        let fields =
            |found: Violations| -> Vec<Field> { found.into_vec().iter().map(|found| found.field).collect() };
        let mut new = NewProvider {
            auth_mode: TrunkAuth::AcceptRegister,
            password: Secret::new(""),
            ..new()
        };
        assert_eq!(fields(new.check()), [Field::Username, Field::Password]);
        new.password = Secret::new("s3cret");
        new.settings.auth_id = "gateway".into();
        assert!(new.check().is_empty());
        let mut provider = Provider {
            tenant: TenantId::FIRST,
            id: ProviderId::FIRST,
            name: new.name,
            hostname: new.hostname,
            brand: new.brand,
            auth_mode: new.auth_mode,
            password: SealedSecret(vec![1]),
            settings: new.settings,
            created_at: Timestamp::from_micros(0),
            version: 1,
        };
        let mut patch = ProviderPatch {
            password: Patch::Set(Secret::new("")),
            ..ProviderPatch::default()
        };
        patch.settings.auth_id = Patch::Set(String::new());
        assert_eq!(
            fields(patch.check_for(&provider)),
            [Field::Username, Field::Password]
        );
        // The account goes on under the other name.
        patch.settings.username = Patch::Set("acct".into());
        patch.password = Patch::Keep;
        assert!(patch.check_for(&provider).is_empty());
        // One that is older than the rule may be disabled, and any other trunk may lose both.
        provider.settings.auth_id = String::new();
        let mut off = ProviderPatch::default();
        off.settings.enabled = Patch::Set(false);
        assert!(off.check_for(&provider).is_empty());
        provider.auth_mode = TrunkAuth::Register;
        patch.password = Patch::Set(Secret::new(""));
        patch.settings.username = Patch::Set(String::new());
        assert!(patch.check_for(&provider).is_empty());
    }

    #[test]
    fn numbers_of_a_trunk() {
        let settings = ProviderSettings {
            did_numbers: "3000; 12000-18000 ;+4930100-+4930199".into(),
            ..ProviderSettings::default()
        };
        for (number, included) in [
            ("3000", true),
            ("+3000", true),
            ("3001", false),
            ("12000", true),
            ("18000", true),
            ("18001", false),
            ("150000", false),
            ("4930150", true),
            ("+4930150", true),
            ("", false),
            ("3x00", false),
        ] {
            assert_eq!(settings.has_number(number), included, "{number}");
        }
        for (list, good) in [
            ("", true),
            (";", true),
            ("3000", true),
            ("3000-", false),
            ("100-1000", false),
            ("+100-200", false),
            ("a", false),
            ("+", false),
        ] {
            let settings = ProviderSettings {
                did_numbers: list.into(),
                ..ProviderSettings::default()
            };
            let mut found = Violations::new();
            settings.check(&mut found);
            assert_eq!(found.is_empty(), good, "{list}");
        }
    }

    #[test]
    fn the_password_is_sealed_and_never_prints() {
        assert!(!format!("{:?}", new()).contains("s3cret"));
        let mut provider = Provider {
            tenant: TenantId::FIRST,
            id: ProviderId::FIRST,
            name: "Carrier".into(),
            hostname: "sip.carrier.example".into(),
            brand: String::new(),
            auth_mode: TrunkAuth::Ip,
            password: SealedSecret::default(),
            settings: ProviderSettings::default(),
            created_at: Timestamp::from_micros(0),
            version: 1,
        };
        let mut seal = |text: &str| SealedSecret(text.bytes().rev().collect());
        assert!(!ProviderPatch::default().apply(&mut provider, &mut seal));
        let patch = ProviderPatch {
            password: Patch::Set(Secret::new("abc")),
            ..ProviderPatch::default()
        };
        assert!(patch.apply(&mut provider, &mut seal));
        assert_eq!(provider.password, SealedSecret(b"cba".to_vec()));
    }
}
