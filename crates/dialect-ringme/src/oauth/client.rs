//! How a program proves who it is: in HTTP Basic, or by parameters of the request (RFC 6749 §2.3.1).

use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jackfield_directory::{Directory, ProvenApplication};
use jackfield_domain::{Error, Field, Result, Rule, Violation, Violations};
use jackfield_edge::Input;

/// The longest id or secret that is looked for; ours are far shorter.
const LONGEST: usize = 256;

/// What a request says of its program in its parameters.
#[derive(Default)]
pub(super) struct Client {
    /// The program's id.
    pub(super) id: Option<String>,
    /// Its secret.
    pub(super) secret: Option<String>,
}

/// The value of a parameter; what it may not be is noted. One without a value counts as left out.
pub(super) fn parameter(input: Input<String>, field: Field, found: &mut Violations) -> Option<String> {
    input.optional(found, field).filter(|text| !text.is_empty())
}

impl Client {
    /// The program, proven.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; [`Error::Invalid`] when the request says who it is in two ways.
    pub(super) async fn prove(self, headers: &HeaderMap, directory: &Directory) -> Result<ProvenApplication> {
        let (id, secret) = match basic(headers) {
            Some(Ok((id, secret))) => {
                if self.secret.is_some() || self.id.is_some_and(|named| named != id) {
                    let rule =
                        Rule::Other("is given twice: in the Authorization header and as a parameter".into());
                    return Err(Error::invalid(Violation::new(Field::ClientId, rule)));
                }
                (id, secret)
            }
            Some(Err(())) => return Err(Error::Unauthenticated),
            None => match (self.id, self.secret) {
                (Some(id), Some(secret)) => (id, secret),
                _ => return Err(Error::Unauthenticated),
            },
        };
        if id.len() > LONGEST || secret.len() > LONGEST {
            return Err(Error::Unauthenticated);
        }
        directory.prove_application(&id, &secret).await
    }
}

/// Id and secret of an `Authorization: Basic` header. Both are percent-encoded before they are joined, which for ours changes
/// nothing.
fn basic(headers: &HeaderMap) -> Option<std::result::Result<(String, String), ()>> {
    let value = headers.get(header::AUTHORIZATION)?;
    let read = || {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = decoded.split_once(':')?;
        Some((id.to_owned(), secret.to_owned()))
    };
    Some(read().ok_or(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_the_basic_scheme() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            basic(&headers)
        };
        let pair = |text: &str| format!("Basic {}", STANDARD.encode(text));
        assert_eq!(
            read(&pair("app:se:cret")),
            Some(Ok(("app".into(), "se:cret".into())))
        );
        for bad in [pair("app"), "Basic !".into(), "Bearer x".into(), "Basic".into()] {
            assert_eq!(read(&bad), Some(Err(())), "{bad}");
        }
        assert_eq!(basic(&HeaderMap::new()), None);
    }
}
