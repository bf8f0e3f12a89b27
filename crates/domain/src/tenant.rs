//! Tenants: customers whose directories are apart from each other.

use crate::{
    Field, PasswordPolicy, Patch, Queried, Rule, SealedSecret, TenantId, TenantSettings, TenantSettingsPatch,
    Timestamp, ValueKind, Violations, limits, tenant_settings::WORD, text::is_host_name,
};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// Its SIP domain, in lower case; unique in the installation.
    pub domain: String,
    /// Whether its users may sign in and its extensions work.
    pub enabled: bool,
    /// A web address.
    pub website: String,
    /// An IANA time zone.
    pub timezone: String,
    /// An ISO 4217 currency.
    pub currency: String,
    /// An ISO 3166-1 alpha-3 country.
    pub region: String,
    /// Extensions, at most.
    pub max_extensions: i64,
    /// Calls at the same time, at most.
    pub max_concurrent_calls: i64,
    /// What passwords must look like.
    pub password_policy: PasswordPolicy,
    /// Everything else.
    pub settings: TenantSettings,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// A line of the list of tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `Tenant`")]
pub struct TenantSummary {
    pub id: TenantId,
    pub name: String,
    pub domain: String,
    pub enabled: bool,
    pub website: String,
    pub timezone: String,
    pub currency: String,
    pub region: String,
    pub max_extensions: i64,
    pub max_concurrent_calls: i64,
    pub created_at: Timestamp,
}

/// A value of [`TenantSummary`] that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `Tenant`")]
pub enum TenantField {
    Id,
    Name,
    Domain,
    Enabled,
    Website,
    Timezone,
    Currency,
    Region,
    MaxExtensions,
    MaxConcurrentCalls,
    CreatedAt,
}

impl Queried for TenantField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id | Self::MaxExtensions | Self::MaxConcurrentCalls => ValueKind::Number,
            Self::Enabled => ValueKind::Flag,
            Self::CreatedAt => ValueKind::Time,
            _ => ValueKind::Text,
        }
    }
}

/// A tenant to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `Tenant`")]
pub struct NewTenant {
    pub name: String,
    pub domain: String,
    pub timezone: String,
    pub currency: String,
    pub region: String,
    /// Everything that has a default.
    pub rest: TenantPatch,
}

/// A change to a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `Tenant`")]
pub struct TenantPatch {
    pub name: Patch<String>,
    pub domain: Patch<String>,
    pub enabled: Patch<bool>,
    pub website: Patch<String>,
    pub timezone: Patch<String>,
    pub currency: Patch<String>,
    pub region: Patch<String>,
    pub max_extensions: Patch<i64>,
    pub max_concurrent_calls: Patch<i64>,
    pub settings: TenantSettingsPatch,
}

/// Extensions of a tenant when nothing else is said.
const MAX_EXTENSIONS: i64 = 1000;
/// Calls at the same time of a tenant when nothing else is said.
const MAX_CONCURRENT_CALLS: i64 = 20;

impl TenantPatch {
    /// Every rule that the change breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(name) = &self.name {
            found.length(Field::Name, name, limits::TENANT_NAME);
            found.text(Field::Name, name, usize::MAX);
        }
        if let Patch::Set(domain) = &self.domain {
            found.length(Field::Domain, domain, limits::TENANT_DOMAIN);
            if !is_host_name(domain) {
                found.add(Field::Domain, Rule::Form("a host name like sip.example.com"));
            }
        }
        if let Patch::Set(website) = &self.website {
            found.text(Field::Website, website, limits::WEBSITE);
        }
        if let Patch::Set(zone) = &self.timezone
            && jiff::tz::TimeZone::get(zone).is_err()
        {
            found.add(
                Field::Timezone,
                Rule::Form("an IANA time zone like Europe/Berlin"),
            );
        }
        if let Patch::Set(currency) = &self.currency
            && iso_currency::Currency::from_code(currency).is_none()
        {
            found.add(Field::Currency, Rule::Form("an ISO 4217 code like EUR"));
        }
        if let Patch::Set(region) = &self.region
            && rust_iso3166::from_alpha3(region).is_none()
        {
            found.add(Field::Region, Rule::Form("an ISO 3166-1 alpha-3 code like DEU"));
        }
        for (field, number) in [
            (Field::MaxExtensions, &self.max_extensions),
            (Field::MaxConcurrentCalls, &self.max_concurrent_calls),
        ] {
            if let Patch::Set(number) = number {
                found.range(field, *number, 0..=WORD);
            }
        }
        self.settings.check(&mut found);
        found
    }

    /// Carries the change out, sealing secrets with `seal`; tells whether anything changed.
    pub fn apply(self, tenant: &mut Tenant, seal: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
        let mut changed = self.name.apply(&mut tenant.name);
        changed |= lower(self.domain).apply(&mut tenant.domain);
        changed |= self.enabled.apply(&mut tenant.enabled);
        changed |= self.website.apply(&mut tenant.website);
        changed |= self.timezone.apply(&mut tenant.timezone);
        changed |= self.currency.apply(&mut tenant.currency);
        changed |= self.region.apply(&mut tenant.region);
        changed |= self.max_extensions.apply(&mut tenant.max_extensions);
        changed |= self.max_concurrent_calls.apply(&mut tenant.max_concurrent_calls);
        self.settings.apply(&mut tenant.settings, seal) | changed
    }
}

/// Host names compare without regard to case; one form is stored.
fn lower(domain: Patch<String>) -> Patch<String> {
    match domain {
        Patch::Set(domain) => Patch::Set(domain.to_ascii_lowercase()),
        Patch::Keep => Patch::Keep,
    }
}

impl NewTenant {
    /// The same as a change to a tenant with nothing but defaults.
    pub fn into_patch(self) -> TenantPatch {
        TenantPatch {
            name: Patch::Set(self.name),
            domain: Patch::Set(self.domain),
            timezone: Patch::Set(self.timezone),
            currency: Patch::Set(self.currency),
            region: Patch::Set(self.region),
            ..self.rest
        }
    }
}

impl Tenant {
    /// A tenant with nothing but defaults, to carry a [`NewTenant`] out on.
    pub fn blank(id: TenantId, now: Timestamp) -> Self {
        Self {
            id,
            name: String::new(),
            domain: String::new(),
            enabled: true,
            website: String::new(),
            timezone: "UTC".into(),
            currency: "USD".into(),
            region: "USA".into(),
            max_extensions: MAX_EXTENSIONS,
            max_concurrent_calls: MAX_CONCURRENT_CALLS,
            password_policy: PasswordPolicy::default(),
            settings: TenantSettings::default(),
            created_at: now,
            version: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(domain: &str, zone: &str, currency: &str, region: &str) -> TenantPatch {
        NewTenant {
            name: "Demo".into(),
            domain: domain.into(),
            timezone: zone.into(),
            currency: currency.into(),
            region: region.into(),
            rest: TenantPatch::default(),
        }
        .into_patch()
    }

    #[test]
    fn standards_are_looked_up() {
        assert!(
            new("Demo.Example", "Europe/Berlin", "EUR", "DEU")
                .check()
                .is_empty()
        );
        let found = new("a b", "Mars/Olympus", "XXZ", "Germany").check();
        for field in [Field::Domain, Field::Timezone, Field::Currency, Field::Region] {
            assert!(found.concerns(field), "{field:?}");
        }
    }

    #[test]
    fn a_change_seals_secrets_and_lowers_the_domain() {
        let mut tenant = Tenant::blank(TenantId::FIRST, Timestamp::from_micros(0));
        let mut patch = new("Demo.Example", "UTC", "USD", "USA");
        patch.settings.cdr_event.token = Patch::Set("abc".into());
        let mut seal = |text: &str| SealedSecret(text.bytes().rev().collect());
        assert!(patch.apply(&mut tenant, &mut seal));
        assert_eq!(tenant.domain, "demo.example");
        assert_eq!(tenant.settings.cdr_event.token, SealedSecret(b"cba".to_vec()));
        assert!(!TenantPatch::default().apply(&mut tenant, &mut seal));
    }

    #[test]
    fn limits_of_settings_are_named() {
        let mut patch = TenantPatch::default();
        patch.settings.recording_retention = Patch::Set(0);
        patch.settings.cdr_event.url = Patch::Set("ftp://x".into());
        let found: Vec<_> = patch
            .check()
            .into_vec()
            .into_iter()
            .map(|violation| violation.at)
            .collect();
        assert_eq!(found, ["recording_retention", "cdr_event.url"]);
    }
}
