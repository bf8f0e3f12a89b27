//! What a telephone proves itself with: the digest scheme of RFC 7616 as SIP uses it (RFC 8760), read from the raw header.
//!
//! The library's own check counts the uses of a nonce in decimal, so that it refuses the tenth; this one takes the count as
//! the text that was hashed.

use std::borrow::Cow;

use md5::Md5;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{Algorithm, syntax};

/// The credentials of one header, with everything that `qop=auth` demands.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials<'a> {
    pub(crate) username: Cow<'a, str>,
    pub(crate) nonce: Cow<'a, str>,
    pub(crate) algorithm: Algorithm,
    pub(crate) count: u32,
    uri: Cow<'a, str>,
    cnonce: Cow<'a, str>,
    count_text: Cow<'a, str>,
    response: Cow<'a, str>,
}

/// The hashes of name, realm and password, as the directory keeps them.
pub(crate) struct Ha1<'a> {
    pub(crate) md5: &'a [u8],
    pub(crate) sha256: &'a [u8],
}

impl<'a> Credentials<'a> {
    /// The credentials for a realm among the values of the header; none when there are none, or they lack what is demanded.
    pub(crate) fn find(mut values: impl Iterator<Item = &'a str>, realm: &str) -> Option<Self> {
        values.find_map(|value| Self::read(value, realm))
    }

    fn read(value: &'a str, realm: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once([' ', '\t'])?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let params = syntax::params(rest, b',')?;
        let get = |name: &str| {
            let mut found = params.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
            let value = found.next()?.1?;
            // Two of one name: who hashed which cannot be told.
            found.next().is_none().then(|| syntax::unquoted(value))
        };
        if !get("realm")?.eq_ignore_ascii_case(realm) || !get("qop")?.eq_ignore_ascii_case("auth") {
            return None;
        }
        let algorithm = match get("algorithm") {
            None => Algorithm::Md5,
            Some(text) if text.eq_ignore_ascii_case("MD5") => Algorithm::Md5,
            Some(text) if text.eq_ignore_ascii_case("SHA-256") => Algorithm::Sha256,
            Some(_) => return None,
        };
        let count_text = get("nc").filter(|text| text.len() == 8)?;
        let count = u32::from_str_radix(&count_text, 16).ok()?;
        Some(Self {
            username: get("username")?,
            nonce: get("nonce")?,
            algorithm,
            count,
            uri: get("uri")?,
            cnonce: get("cnonce").filter(|text| !text.is_empty())?,
            count_text,
            response: get("response")?,
        })
    }

    /// Whether whoever wrote them knows the password.
    pub(crate) fn prove(&self, method: &str, ha1: &Ha1<'_>) -> bool {
        let expected = match self.algorithm {
            Algorithm::Md5 => self.response::<Md5>(method, ha1.md5),
            Algorithm::Sha256 => self.response::<Sha256>(method, ha1.sha256),
        };
        let mut given = [0; HEX];
        let given = match given.get_mut(..self.response.len()) {
            Some(given) => {
                given.copy_from_slice(self.response.as_bytes());
                given.make_ascii_lowercase();
                given
            }
            None => &mut [],
        };
        // Of equal length, or it is none; the length is no secret.
        expected.as_bytes().ct_eq(given).into()
    }

    fn response<D: Digest>(&self, method: &str, ha1: &[u8]) -> Hex {
        let request = Hex::of(
            &D::new()
                .chain_update(method)
                .chain_update(":")
                .chain_update(&*self.uri)
                .finalize(),
        );
        let mut whole = D::new().chain_update(Hex::of(ha1).as_bytes());
        for part in [&*self.nonce, &self.count_text, &self.cnonce, "auth"] {
            whole = whole.chain_update(":").chain_update(part);
        }
        Hex::of(
            &whole
                .chain_update(":")
                .chain_update(request.as_bytes())
                .finalize(),
        )
    }
}

/// The longest hash, in hexadecimal digits.
const HEX: usize = 64;

/// A hash in hexadecimal digits, of which there are four in each request of a telephone.
struct Hex([u8; HEX], usize);

impl Hex {
    /// Of a hash of at most 32 bytes; nothing of a longer one, which no algorithm here has.
    fn of(hash: &[u8]) -> Self {
        let (mut text, length) = ([0; HEX], hash.len() * 2);
        let written = text
            .get_mut(..length)
            .map(|text| hex::encode_to_slice(hash, text));
        Self(
            text,
            if matches!(written, Some(Ok(()))) {
                length
            } else {
                0
            },
        )
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.get(..self.1).unwrap_or_default()
    }
}

/// One challenge, as the value of its header.
pub(crate) fn challenge(realm: &str, nonce: &str, algorithm: Algorithm, stale: bool) -> String {
    let stale = if stale { ", stale=true" } else { "" };
    format!(
        "Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={}, qop=\"auth\"{stale}",
        algorithm.token()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HA1: &str = "939e7578ed9e3c518a452acee763bce9";

    /// RFC 7616 §3.9.1 with both of its hash functions; the method there is GET.
    #[test]
    fn the_examples_of_the_standard() {
        let header = |algorithm: &str, response: &str| {
            format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", \
                 algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
                 cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"{response}\", \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            )
        };
        let text = "Mufasa:http-auth@example.org:Circle of Life";
        let (md5, sha256) = (Md5::digest(text), Sha256::digest(text));
        let ha1 = Ha1 {
            md5: &md5,
            sha256: &sha256,
        };
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            (
                "SHA-256",
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
            ),
        ] {
            let text = header(algorithm, response);
            let found = Credentials::find([text.as_str()].into_iter(), "http-auth@example.org").unwrap();
            assert!(found.prove("GET", &ha1), "{algorithm}");
            assert!(!found.prove("REGISTER", &ha1), "{algorithm}");
            let other = text.replace(response, &response.replace('7', "8"));
            let found = Credentials::find([other.as_str()].into_iter(), "http-auth@example.org").unwrap();
            assert!(!found.prove("GET", &ha1), "{algorithm}");
        }
    }

    fn header(change: impl Fn(&str) -> String) -> Option<Credentials<'static>> {
        let text: &'static str = change(
            "Digest username=\"1001\",realm=\"One.example\",nonce=\"n\",uri=\"sip:one.example\",response=\"00\",\
             cnonce=\"c\",nc=0000000a,qop=auth,algorithm=MD5",
        )
        .leak();
        Credentials::find([text].into_iter(), "one.example")
    }

    #[test]
    fn what_credentials_must_have() {
        let found = header(str::to_owned).unwrap();
        assert_eq!((found.count, found.algorithm), (10, Algorithm::Md5));
        assert!(header(|text| text.replace(",algorithm=MD5", "")).is_some());
        for (from, to) in [
            ("Digest", "Basic"),
            ("One.example", "two.example"),
            ("qop=auth", "qop=auth-int"),
            (",qop=auth", ""),
            ("nc=0000000a", "nc=a"),
            ("nc=0000000a", "nc=0000000g"),
            ("cnonce=\"c\"", "cnonce=\"\""),
            ("algorithm=MD5", "algorithm=MD5-sess"),
            ("nonce=\"n\",", ""),
            ("nonce=\"n\"", "nonce=\"n\",nonce=\"m\""),
            ("username=\"1001\"", "username=\"1001"),
        ] {
            assert!(
                header(|text| text.replacen(from, to, 1)).is_none(),
                "{from} → {to}"
            );
        }
    }

    /// The count is hashed as it was written: the tenth use and the 256th are not special.
    #[test]
    fn counts_beyond_nine_prove_too() {
        let ha1 = hex::decode(HA1).unwrap();
        for count in [1_u32, 9, 10, 255, 256, 0xffff_ffff] {
            let text = format!("{count:08x}");
            let mut found = header(|header| header.replace("0000000a", &text)).unwrap();
            let response = found.response::<Md5>("REGISTER", &ha1);
            found.response = String::from_utf8(response.as_bytes().to_vec()).unwrap().into();
            let ha1 = Ha1 {
                md5: &ha1,
                sha256: &[],
            };
            assert!(found.prove("REGISTER", &ha1));
            assert_eq!(found.count, count);
        }
    }

    #[test]
    fn a_challenge_names_everything() {
        assert_eq!(
            challenge("one.example", "n", Algorithm::Sha256, true),
            "Digest realm=\"one.example\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\", stale=true"
        );
        assert!(!challenge("one.example", "n", Algorithm::Md5, false).contains("stale"));
    }
}
