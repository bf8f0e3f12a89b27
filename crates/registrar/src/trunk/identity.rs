//! What the other side of a trunk is shown of who calls (RFC 3261 §20.20, RFC 3323, RFC 3325).

use jackfield_directory::Trunk;
use jackfield_domain::route::Shown;
use rsipstack::sip::{Header, Uri};

use crate::call::sip::address;

/// Who calls, as a provider is told.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Identity {
    /// The address in `From`.
    pub(super) from: Uri,
    /// The name in `From`.
    pub(super) name: Option<String>,
    /// What is said of it besides.
    pub(super) headers: Vec<Header>,
    /// The number for the record; empty for an anonymous call.
    pub(super) number: String,
}

/// Who calls over this trunk. Where nothing else was chosen it is the trunk's account, which for a trunk without one is the first of
/// its numbers, and for one without numbers the caller's own.
pub(super) fn identity(trunk: &Trunk, shown: &Shown, caller: &str) -> Option<Identity> {
    let settings = &trunk.provider.settings;
    let account = if settings.username.is_empty() {
        settings.first_number().unwrap_or(caller)
    } else {
        &settings.username
    };
    // A provider that registers here knows its account at our domain.
    let host = if trunk.provider.accepts_registration() {
        &trunk.domain
    } else {
        &trunk.provider.hostname
    };
    let at = |user: &str| address(user, host);
    Some(match shown {
        Shown::Anonymous => Identity {
            // RFC 3323 §4.1.1.3; the provider still learns whose call it is (RFC 3325 §9.3).
            from: Uri::try_from("sip:anonymous@anonymous.invalid").ok()?,
            name: Some("Anonymous".to_owned()),
            headers: vec![
                Header::Other("Privacy".into(), "id".into()),
                asserted(&at(account)?),
            ],
            number: String::new(),
        },
        Shown::As(text) => match telephone_number(text) {
            Some(number) => Identity {
                from: at(&number)?,
                name: None,
                headers: vec![asserted(&at(&number)?)],
                number,
            },
            // A name calls from the account.
            None => Identity {
                from: at(account)?,
                name: Some(text.replace(['"', '\\'], "")),
                headers: vec![asserted(&at(account)?)],
                number: text.clone(),
            },
        },
        Shown::Account => Identity {
            from: at(account)?,
            name: None,
            headers: vec![asserted(&at(account)?)],
            number: account.to_owned(),
        },
    })
}

fn asserted(uri: &Uri) -> Header {
    Header::Other("P-Asserted-Identity".into(), format!("<{uri}>"))
}

/// A caller id without what people write between its digits; none when it is no number.
fn telephone_number(text: &str) -> Option<String> {
    let number: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/'))
        .collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    let good = !digits.is_empty()
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'#'));
    good.then_some(number)
}

#[cfg(test)]
mod tests {
    use jackfield_domain::{
        Provider, ProviderId, ProviderSettings, SealedSecret, Secret, TenantId, Timestamp, TrunkAuth,
    };

    use super::*;

    fn trunk(username: &str, numbers: &str) -> Trunk {
        let provider = Provider {
            tenant: TenantId::FIRST,
            id: ProviderId::FIRST,
            name: "Carrier".into(),
            hostname: "sip.carrier.example".into(),
            brand: String::new(),
            auth_mode: TrunkAuth::Ip,
            password: SealedSecret::default(),
            settings: ProviderSettings {
                username: username.into(),
                did_numbers: numbers.into(),
                ..ProviderSettings::default()
            },
            created_at: Timestamp::from_micros(0),
            version: 1,
        };
        Trunk {
            provider,
            domain: "one.example".into(),
            country: "DE".into(),
            password: Secret::new(""),
            binding: None,
            line: "line".into(),
        }
    }

    /// `From`, the other headers, and the number for the record.
    fn told(trunk: &Trunk, shown: &Shown) -> (String, String, String) {
        let identity = identity(trunk, shown, "1001").unwrap();
        let name = identity
            .name
            .map_or_else(String::new, |name| format!("\"{name}\" "));
        let headers: Vec<String> = identity.headers.iter().map(ToString::to_string).collect();
        (
            format!("{name}<{}>", identity.from),
            headers.join("; "),
            identity.number,
        )
    }

    #[test]
    fn what_is_shown_of_a_caller() {
        let text = |from: &str, headers: &str, number: &str| {
            (from.to_owned(), headers.to_owned(), number.to_owned())
        };
        let mut account = trunk("acct7", "+4930100-+4930199");
        assert_eq!(
            told(&account, &Shown::As("+49 30 100".into())),
            text(
                "<sip:+4930100@sip.carrier.example>",
                "P-Asserted-Identity: <sip:+4930100@sip.carrier.example>",
                "+4930100"
            )
        );
        assert_eq!(
            told(&account, &Shown::As("The \"Shop\"".into())),
            text(
                "\"The Shop\" <sip:acct7@sip.carrier.example>",
                "P-Asserted-Identity: <sip:acct7@sip.carrier.example>",
                "The \"Shop\""
            )
        );
        assert_eq!(
            told(&account, &Shown::Anonymous),
            text(
                "\"Anonymous\" <sip:anonymous@anonymous.invalid>",
                "Privacy: id; P-Asserted-Identity: <sip:acct7@sip.carrier.example>",
                ""
            )
        );
        for (trunk, user) in [
            (account.clone(), "acct7"),
            (trunk("", "+4930100-+4930199;3000"), "+4930100"),
            (trunk("", ""), "1001"),
            (trunk("a b@c", ""), "a%20b%40c"),
        ] {
            let (from, _, _) = told(&trunk, &Shown::Account);
            assert_eq!(from, format!("<sip:{user}@sip.carrier.example>"));
        }
        account.provider.auth_mode = TrunkAuth::AcceptRegister;
        let (from, asserted, _) = told(&account, &Shown::Account);
        assert_eq!(from, "<sip:acct7@one.example>");
        assert_eq!(asserted, "P-Asserted-Identity: <sip:acct7@one.example>");
    }
}
