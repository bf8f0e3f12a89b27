//! Bodies of requests that are right unless a test makes them wrong.

use serde_json::{Map, Value, json};

/// A password that every default policy accepts, for all users of all tests.
pub const PASSWORD: &str = "Wq7!zKpT9x";

/// A body in the making.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft(Map<String, Value>);

impl Draft {
    /// A body with nothing in it.
    pub fn empty() -> Self {
        Self(Map::new())
    }

    /// A standard user with everything that is required, and nothing else.
    pub fn user(name: &str, extension_number: &str) -> Self {
        Self::empty()
            .with("name", name)
            .with("password", PASSWORD)
            .with("email", format!("{name}@mail.test"))
            .with("display_name", format!("Person {name}"))
            .with("role", "StandardUser")
            .with("extension_number", extension_number)
            .with("extension_password", PASSWORD)
            .with("voicemail_pin", "274916")
    }

    /// A tenant with everything that is required.
    pub fn tenant(domain: &str) -> Self {
        Self::empty()
            .with("name", format!("Company {domain}"))
            .with("domain", domain)
            .with("timezone", "Europe/Berlin")
            .with("currency", "EUR")
            .with("region", "DEU")
    }

    /// A group.
    pub fn group(name: &str) -> Self {
        Self::empty()
            .with("name", name)
            .with("description", format!("Group {name}"))
    }

    /// A trunk with everything that is required.
    pub fn provider(name: &str) -> Self {
        Self::empty()
            .with("name", name)
            .with("transport", "UDP")
            .with("hostname", "sip.carrier.test")
            .with("port", 5060)
            .with("outbound_server", "")
            .with("outbound_server_port", 0)
            .with("concurrency", 30)
    }

    /// A call queue with everything that is required.
    pub fn call_queue(name: &str, extension_number: &str) -> Self {
        Self::empty()
            .with("name", name)
            .with("extension_number", extension_number)
            .with("polling_strategy", "CYCLIC_HUNT")
    }

    /// A ring group with everything that is required.
    pub fn ring_group(name: &str, extension_number: &str) -> Self {
        Self::empty()
            .with("name", name)
            .with("extension_number", extension_number)
    }

    /// A phone with everything that is required, and nothing else.
    pub fn phone(mac: &str) -> Self {
        Self::empty()
            .with("mac", mac)
            .with("filename", "fanvil.ph.xml")
            .with("vendor", "Fanvil")
            .with("model", "X4U")
            .with("password", "w3b-Page")
            .with("language", "GERMAN")
            .with("transfer", "ATTENDED")
            .with("timezone", "GMT+8 China(Beijing)")
            .with("codecs", json!(["PCMU", "G722"]))
            .with("interface", "SBC_DOMAIN")
            .with("preferred_transport", "TLS")
    }

    /// A holiday with everything that can be said of one: from noon of 24 December 2026 to 18:30 two days later.
    pub fn holiday(name: &str) -> Self {
        Self::empty()
            .with("name", name)
            .with("region", "DEU")
            .with("consecutive", true)
            .with("every_year", false)
            .with("year_start", 2026)
            .with("year_end", 2026)
            .with("month_start", 12)
            .with("month_end", 12)
            .with("day_start", 24)
            .with("day_end", 26)
            .with("hour_start", 12)
            .with("hour_end", 18)
            .with("minute_start", 0)
            .with("minute_end", 30)
    }

    /// A meeting with everything that is required.
    pub fn meeting(subject: &str) -> Self {
        Self::empty()
            .with("mode", "AUDIO")
            .with("subject", subject)
            .with("timezone", "UTC")
    }

    /// A custom role with these permissions, written `area.switch`.
    pub fn role(name: &str, switches: &[&str]) -> Self {
        Self::empty()
            .with("name", name)
            .with("description", format!("Role {name}"))
            .with("permissions", permissions(switches))
    }

    /// Sets a member.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.insert(member.to_owned(), value.into());
        self
    }

    /// Leaves a member out.
    #[must_use]
    pub fn without(mut self, member: &str) -> Self {
        self.0.remove(member);
        self
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

impl From<Draft> for Value {
    fn from(draft: Draft) -> Self {
        Self::Object(draft.0)
    }
}

/// The tree of a role's permissions with these switched on, each written `area.switch`.
pub fn permissions(switches: &[&str]) -> Value {
    let mut tree = json!({});
    for name in switches {
        let (area, switch) = name.split_once('.').expect("a permission is written area.switch");
        tree[area][switch] = Value::Bool(true);
    }
    tree
}
