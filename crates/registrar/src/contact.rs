//! The contacts of a `REGISTER` (RFC 3261 §10.3, RFC 5626 §4.1).

use jackfield_domain::limits;
use sha2::{Digest, Sha256};

use crate::syntax::{self, NameAddr};

/// Contacts in one request, at most.
const MOST: usize = 16;
/// What a lifetime that cannot be read stands for (RFC 3261 §10.2.1.1).
const UNREADABLE: u32 = 3600;

/// One contact of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    /// Its URI as the telephone wrote it.
    pub(crate) uri: String,
    /// What tells it from the extension's other contacts: the instance of RFC 5626, or the URI of a telephone that has none.
    pub(crate) key: String,
    /// The lifetime that it asks for, in seconds; none when it leaves that to the request.
    pub(crate) expires: Option<u32>,
    /// Its preference, in thousandths.
    pub(crate) preference: u16,
    /// Whether it keeps a flow as RFC 5626 describes.
    pub(crate) outbound: bool,
    /// Whether it wants to be woken before a call (RFC 8599).
    pub(crate) push: bool,
}

/// What a request says of the contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Contacts {
    /// Nothing: it asks what is bound.
    Ask,
    /// `*`: all of them.
    All,
    /// These.
    These(Vec<Contact>),
}

/// Reads the values of all `Contact` headers; none when they break the grammar or the limits.
pub(crate) fn read<'a>(values: impl Iterator<Item = &'a str>) -> Option<Contacts> {
    let (mut contacts, mut all) = (Vec::new(), false);
    for value in values {
        for part in syntax::list(value)? {
            if part == "*" {
                all = true;
            } else {
                contacts.push(contact(part)?);
            }
        }
    }
    match (all, contacts.len()) {
        (false, 0) => Some(Contacts::Ask),
        (true, 0) => Some(Contacts::All),
        (false, 1..=MOST) => Some(Contacts::These(contacts)),
        _ => None,
    }
}

fn contact(text: &str) -> Option<Contact> {
    let address = NameAddr::read(text)?;
    let (scheme, rest) = address.uri.split_once(':')?;
    let known = scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips");
    if !known || rest.is_empty() || address.uri.chars().count() > limits::CONTACT_ADDRESS {
        return None;
    }
    let expires = address
        .param("expires")
        .map(|text| lifetime(&text).unwrap_or(UNREADABLE));
    let preference = match address.param("q") {
        Some(text) => preference(&text)?,
        None => 1000,
    };
    let instance = address.param("+sip.instance").filter(|text| !text.is_empty());
    let flow = address.param("reg-id").and_then(|text| text.parse::<u32>().ok());
    let key = match (&instance, flow) {
        (Some(instance), Some(flow)) if flow > 1 => format!("{instance};reg-id={flow}"),
        (Some(instance), _) => instance.clone().into_owned(),
        (None, _) => same(address.uri),
    };
    let push = address.uri.to_ascii_lowercase().contains(";pn-provider=");
    Some(Contact {
        uri: address.uri.to_owned(),
        key: fitting(key),
        expires,
        preference,
        outbound: instance.is_some() && flow.is_some(),
        push,
    })
}

/// A lifetime in seconds; one that no number can hold is very long.
pub(crate) fn lifetime(text: &str) -> Option<u32> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u32::MAX))
}

/// `q` in thousandths: `0` to `1` with three digits at most.
fn preference(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    match (whole, fraction) {
        ("0" | "", _) => Some(fraction),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

/// A URI in the form in which equal ones are the same text: scheme and host in lower case (RFC 3261 §19.1.4).
fn same(uri: &str) -> String {
    let (address, params) = uri.split_once(';').unwrap_or((uri, ""));
    let (user, host) = match address.rsplit_once('@') {
        Some((user, host)) => (user, Some(host)),
        None => (address, None),
    };
    let mut text = match (user.split_once(':'), host) {
        (Some((scheme, user)), Some(host)) => {
            format!(
                "{}:{user}@{}",
                scheme.to_ascii_lowercase(),
                host.to_ascii_lowercase()
            )
        }
        _ => address.to_ascii_lowercase(),
    };
    if !params.is_empty() {
        text.push(';');
        text.push_str(params);
    }
    text
}

/// A key that the directory takes: one that is too long stands in by its hash.
fn fitting(key: String) -> String {
    let plain = !key.chars().any(|c| c.is_control() || c.is_whitespace());
    if plain && limits::INSTANCE_ID.contains(&key.chars().count()) {
        key
    } else {
        hex::encode(Sha256::digest(key.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Option<Contact> {
        match read([text].into_iter())? {
            Contacts::These(contacts) => contacts.into_iter().next(),
            _ => None,
        }
    }

    #[test]
    fn the_uri_stays_as_it_was_written() {
        let contact = one("\"Ada\" <sip:1001@192.0.2.1:5060;transport=udp;ob>;expires=60;q=0.25").unwrap();
        assert_eq!(contact.uri, "sip:1001@192.0.2.1:5060;transport=udp;ob");
        assert_eq!((contact.expires, contact.preference), (Some(60), 250));
        assert!(!contact.outbound && !contact.push);
    }

    #[test]
    fn an_instance_tells_contacts_apart_and_else_the_uri() {
        let key = |text: &str| one(text).unwrap().key;
        let instance = r#"<sip:a@b>;+sip.instance="<urn:uuid:1>""#;
        assert_eq!(key(instance), "<urn:uuid:1>");
        assert_eq!(key(&format!("{instance};reg-id=1")), "<urn:uuid:1>");
        assert_eq!(key(&format!("{instance};reg-id=2")), "<urn:uuid:1>;reg-id=2");
        assert!(one(&format!("{instance};reg-id=1")).unwrap().outbound);
        assert_eq!(key("<SIP:Ada@Host.Example;X=Y>"), "sip:Ada@host.example;X=Y");
        assert_eq!(key("<sip:Host.Example>"), "sip:host.example");
        let long = key(&format!("<sip:{}@b>", "a".repeat(300)));
        assert_eq!(long.len(), 64);
    }

    #[test]
    fn what_a_request_may_say() {
        let table: [(&[&str], Option<usize>); 8] = [
            (&[], Some(0)),
            (&["<sip:a@b>, <sip:c@d>", "<sip:e@f>"], Some(3)),
            (&["<sip:a@b>", "*"], None),
            (&["<tel:+4930>"], None),
            (&["<sip:a@b"], None),
            (&[""], None),
            (&["<sip:a@b>;q=2"], None),
            (&["<sip:a@b>;q=0.1234"], None),
        ];
        for (values, expected) in table {
            let found = read(values.iter().copied()).map(|contacts| match contacts {
                Contacts::These(contacts) => contacts.len(),
                Contacts::Ask | Contacts::All => 0,
            });
            assert_eq!(found, expected, "{values:?}");
        }
        assert_eq!(read(["*"].into_iter()), Some(Contacts::All));
        let many = vec!["<sip:a@b>"; 17];
        assert_eq!(read(many.into_iter()), None);
    }

    #[test]
    fn lifetimes() {
        let expires = |text: &str| one(&format!("<sip:a@b>;expires={text}")).unwrap().expires;
        assert_eq!(expires("0"), Some(0));
        assert_eq!(expires("99999999999999"), Some(u32::MAX));
        assert_eq!(expires("soon"), Some(UNREADABLE));
        assert_eq!(one("<sip:a@b>").unwrap().expires, None);
        assert_eq!(lifetime("-1"), None);
    }

    #[test]
    fn a_wish_to_be_woken_is_seen() {
        assert!(one("<sip:a@b;pn-provider=apns;pn-prid=x>").unwrap().push);
    }
}
