//! The telephone's side of the digest scheme, written apart from the server's.

use md5::Md5;
use sha2::{Digest as _, Sha256};

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// MD5.
    Md5,
    /// SHA-256.
    Sha256,
}

impl Digest {
    fn of(self, text: &str) -> String {
        match self {
            Self::Md5 => hex::encode(Md5::digest(text)),
            Self::Sha256 => hex::encode(Sha256::digest(text)),
        }
    }

    fn token(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }
}

/// A challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The hash function.
    pub digest: Digest,
    /// The realm.
    pub realm: String,
    /// The nonce.
    pub nonce: String,
    /// Whether only the nonce was wrong.
    pub stale: bool,
}

impl Challenge {
    pub(crate) fn read(text: &str) -> Self {
        let value = |name: &str| {
            let (_, rest) = text.split_once(&format!("{name}="))?;
            let rest = rest.split(',').next()?;
            Some(rest.trim().trim_matches('"').to_owned())
        };
        assert_eq!(value("qop").as_deref(), Some("auth"), "{text}");
        Self {
            digest: match value("algorithm").as_deref() {
                Some("SHA-256") => Digest::Sha256,
                Some("MD5") => Digest::Md5,
                _ => panic!("no hash function in {text}"),
            },
            realm: value("realm").expect("a realm"),
            nonce: value("nonce").expect("a nonce"),
            stale: value("stale").as_deref() == Some("true"),
        }
    }

    /// Its text, as a provider asks; other providers offer a list of protections.
    pub fn text(&self) -> String {
        format!(
            "Digest realm=\"{}\", nonce=\"{}\", algorithm={}, qop=\"auth,auth-int\"",
            self.realm,
            self.nonce,
            self.digest.token()
        )
    }

    /// Whether credentials answer it.
    pub fn is_proved(&self, credentials: &str, name: &str, password: &str, method: &str) -> bool {
        let value = |wanted: &str| {
            let parts = credentials.trim_start_matches("Digest ").split(',');
            let mut found = parts.filter_map(|part| part.trim().split_once('='));
            let (_, value) = found.find(|(own, _)| *own == wanted)?;
            Some(value.trim_matches('"').to_owned())
        };
        let (Some(uri), Some(cnonce), Some(count)) = (value("uri"), value("cnonce"), value("nc")) else {
            return false;
        };
        let (digest, realm, nonce) = (self.digest, &self.realm, &self.nonce);
        let who = digest.of(&format!("{name}:{realm}:{password}"));
        let what = digest.of(&format!("{method}:{uri}"));
        let expected = digest.of(&format!("{who}:{nonce}:{count}:{cnonce}:auth:{what}"));
        value("response") == Some(expected)
            && value("username").as_deref() == Some(name)
            && value("nonce").as_ref() == Some(nonce)
            && value("algorithm").as_deref() == Some(digest.token())
            && count == "00000001"
            && credentials.contains("qop=auth,")
    }

    /// The credentials for a request.
    pub fn answer(&self, name: &str, password: &str, method: &str, uri: &str, count: u32) -> String {
        let (digest, realm, nonce) = (self.digest, &self.realm, &self.nonce);
        let (cnonce, count) = ("0a4f113b", format!("{count:08x}"));
        let who = digest.of(&format!("{name}:{realm}:{password}"));
        let what = digest.of(&format!("{method}:{uri}"));
        let response = digest.of(&format!("{who}:{nonce}:{count}:{cnonce}:auth:{what}"));
        format!(
            "Digest username=\"{name}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", \
             algorithm={}, cnonce=\"{cnonce}\", qop=auth, nc={count}",
            digest.token()
        )
    }
}
