//! Programs of others that act for users by OAuth 2 (RFC 6749), and what they were allowed.

use std::time::Duration;

use crate::{
    ApplicationId, AuthorizationId, Field, Rule, TenantId, Timestamp, TokenHash, UserId, Violations,
    change::words, limits,
};

words! {
    /// How a program gets its tokens.
    ApplicationKind {
        /// By its own secret; it acts as the user that it was made for.
        Trusted = "trusted",
        /// By a code that a user gives it in his browser.
        Public = "public",
        /// By the name and the password of a user, which he tells the program.
        Password = "password",
    }
}

words! {
    /// What a program may do with the rights of the user that it acts for.
    ApplicationAccess {
        /// Everything.
        All = "all",
        /// Only steer calls.
        CallApi = "call_api",
    }
}

/// A program of somebody else, known by an id and a secret. The secret is shown once, when it is made; only its SHA-256 is
/// kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: ApplicationId,
    /// What it is known by outside: 32 hexadecimal digits, which open nothing.
    pub client_id: String,
    /// What people call it.
    pub name: String,
    /// How it gets its tokens.
    pub kind: ApplicationKind,
    /// What it may do.
    pub access: ApplicationAccess,
    /// The user that it was made for, and whom a trusted one acts as.
    pub owner: UserId,
    /// Where a browser may be sent back to, in the order in which they were given.
    pub redirect_uris: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Application {
    /// The address that a browser is sent back to: the one that is asked for when it is registered, letter by letter, or
    /// the only one when none is asked for.
    pub fn redirect_uri(&self, asked: Option<&str>) -> Option<&str> {
        match (asked, self.redirect_uris.as_slice()) {
            (Some(asked), registered) => registered.iter().find(|uri| *uri == asked).map(String::as_str),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

/// An application to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `Application`")]
pub struct NewApplication {
    pub name: String,
    pub kind: ApplicationKind,
    pub access: ApplicationAccess,
    pub redirect_uris: Vec<String>,
}

impl NewApplication {
    /// Every rule that it breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        found.length(Field::Name, &self.name, limits::APPLICATION_NAME);
        if self.name.chars().any(char::is_control) {
            found.add(Field::Name, Rule::Form("text without control characters"));
        }
        if self.redirect_uris.len() > limits::REDIRECT_URIS {
            found.add(Field::RedirectUri, Rule::TooMany(limits::REDIRECT_URIS));
        }
        let takes_codes = self.kind == ApplicationKind::Public;
        if takes_codes && self.redirect_uris.is_empty() {
            found.add(Field::RedirectUri, Rule::Required);
        }
        if !takes_codes && !self.redirect_uris.is_empty() {
            found.add(
                Field::RedirectUri,
                Rule::Other("is for applications of the type public only: no other takes codes".into()),
            );
        }
        for uri in &self.redirect_uris {
            if uri.len() > limits::REDIRECT_URI {
                found.add(Field::RedirectUri, Rule::TooLong(limits::REDIRECT_URI));
            } else if origin_of(uri).is_none() {
                found.add(
                    Field::RedirectUri,
                    Rule::Form("an address like https://app.example.com/callback, without a fragment"),
                );
            }
        }
        found
    }
}

/// Scheme, host and port of an http address that a browser may be sent to; none for any other text. No character in it could
/// end a header or a part of one.
pub fn origin_of(uri: &str) -> Option<&str> {
    let rest = uri
        .strip_prefix("https://")
        .or_else(|| uri.strip_prefix("http://"))?;
    let plain = |c: char| {
        c.is_ascii_graphic() && !matches!(c, '#' | '\\' | '"' | '<' | '>' | '^' | '`' | '{' | '|' | '}')
    };
    if !uri.chars().all(plain) {
        return None;
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let (host, port) = match authority.strip_prefix('[') {
        Some(literal) => {
            let (host, port) = literal.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, port.strip_prefix(':').or(port.is_empty().then_some("0"))?)
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, port),
            None => (authority, "0"),
        },
    };
    let is_host = authority.starts_with('[') || crate::text::is_host_name(host);
    let is_port =
        !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    if !is_host || !is_port {
        return None;
    }
    uri.get(..uri.len() - rest.len() + authority.len())
}

/// How long a code waits for the program that it is meant for.
pub const CODE_LASTS: Duration = Duration::from_mins(1);
/// How long an access token of a program serves. Clients renew it up to 400 seconds earlier.
pub const ACCESS_LASTS: Duration = Duration::from_hours(1);
/// How long a refresh token serves. Each brings another.
pub const REFRESH_LASTS: Duration = Duration::from_hours(30 * 24);

/// What a user allowed a program, or a program got by its own secret. All tokens that descend from it end with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// The tenant of the program and the user.
    pub tenant: TenantId,
    /// Its id.
    pub id: AuthorizationId,
    /// The program.
    pub application: ApplicationId,
    /// Whom it acts as.
    pub user: UserId,
    /// When it was given.
    pub created_at: Timestamp,
    /// When the last of its tokens ends.
    pub expires_at: Timestamp,
    /// For one that began with a code: the address that the program has to repeat, when it named one.
    pub redirect_uri: Option<String>,
    /// For one that began with a code: SHA-256 of the text that the program has to prove itself with (RFC 7636).
    pub challenge: Option<TokenHash>,
}

words! {
    /// What a token of a program opens.
    AuthorizationTokenKind {
        /// The first tokens of an authorization, once.
        Code = "code",
        /// Requests.
        Access = "access",
        /// The next tokens, once.
        Refresh = "refresh",
    }
}

/// A token of a program, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationToken {
    /// The tenant of the authorization.
    pub tenant: TenantId,
    /// The authorization that it came from.
    pub authorization: AuthorizationId,
    /// SHA-256 of its text.
    pub hash: TokenHash,
    /// What it opens.
    pub kind: AuthorizationTokenKind,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used, for one that serves once.
    pub used_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(kind: ApplicationKind, uris: &[&str]) -> NewApplication {
        NewApplication {
            name: "CRM".into(),
            kind,
            access: ApplicationAccess::All,
            redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
        }
    }

    #[test]
    fn addresses_to_be_sent_to() {
        for (uri, origin) in [
            ("https://app.example.com/callback?x=1", "https://app.example.com"),
            ("https://app.example.com", "https://app.example.com"),
            ("http://localhost:9000/", "http://localhost:9000"),
            ("http://[::1]:80/cb", "http://[::1]:80"),
            ("http://[::1]/cb", "http://[::1]"),
        ] {
            assert_eq!(origin_of(uri), Some(origin), "{uri}");
        }
        for bad in [
            "",
            "app.example.com",
            "javascript:alert(1)",
            "ftp://app.example.com/",
            "https://",
            "https:///x",
            "https://a b/",
            "https://app.example.com/#part",
            "https://app.example.com@evil.example/",
            "https://app.example.com\\@evil.example/",
            "https://app.example.com:port/",
            "https://app.example.com:99999/",
            "https://app.example.com:/",
            "https://app.example.com;x/",
            "https://[::1/",
            "https://[x]/",
            "https://app.example.com/\r\nX: y",
            "https://app.example.com/\u{fc}",
        ] {
            assert_eq!(origin_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_who_takes_codes_has_an_address() {
        use ApplicationKind::{Password, Public, Trusted};
        for (kind, uris, good) in [
            (Public, &["https://a.example/cb"][..], true),
            (Public, &[], false),
            (Public, &["nonsense"], false),
            (Trusted, &[], true),
            (Password, &[], true),
            (Trusted, &["https://a.example/cb"], false),
            (Password, &["https://a.example/cb"], false),
        ] {
            assert_eq!(new(kind, uris).check().is_empty(), good, "{kind:?} {uris:?}");
        }
        assert!(
            new(Public, &["https://a.example/"; 11])
                .check()
                .concerns(Field::RedirectUri)
        );
        let mut named = new(Trusted, &[]);
        for bad in ["", "a\nb", &"x".repeat(65)] {
            bad.clone_into(&mut named.name);
            assert!(named.check().concerns(Field::Name), "{bad:?}");
        }
    }

    #[test]
    fn a_browser_is_sent_to_registered_addresses_only() {
        let application = |uris: &[&str]| Application {
            tenant: TenantId::FIRST,
            id: ApplicationId::FIRST,
            client_id: "0".repeat(32),
            name: "CRM".into(),
            kind: ApplicationKind::Public,
            access: ApplicationAccess::All,
            owner: UserId::FIRST,
            redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
            created_at: Timestamp::from_micros(0),
        };
        let one = application(&["https://a.example/cb"]);
        assert_eq!(one.redirect_uri(None), Some("https://a.example/cb"));
        assert_eq!(
            one.redirect_uri(Some("https://a.example/cb")),
            Some("https://a.example/cb")
        );
        for other in [
            "https://a.example/cb/",
            "https://A.example/cb",
            "https://a.example/cb?x",
            "",
        ] {
            assert_eq!(one.redirect_uri(Some(other)), None, "{other}");
        }
        let two = application(&["https://a.example/1", "https://a.example/2"]);
        assert_eq!(two.redirect_uri(None), None);
        assert_eq!(
            two.redirect_uri(Some("https://a.example/2")),
            Some("https://a.example/2")
        );
    }
}
