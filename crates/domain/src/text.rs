//! Forms of text that several nouns share.

/// The form in which texts are compared without regard to case: searches and uniqueness of names go by it.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// Whether the text is ASCII digits only. Empty text is.
pub(crate) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the text looks like an address that mail can be sent to: one `@` with something on both sides, and nothing
/// that could end a header line. More is for the mail server to judge.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && !local.contains('@')
        && !domain.is_empty()
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';'))
}

/// Whether the text is a host name: labels of letters, digits and hyphens, at most 253 characters.
pub(crate) fn is_host_name(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// The two letters of a country (ISO 3166-1) that is named by its three; empty for anything else.
pub fn country_code(alpha3: &str) -> &'static str {
    rust_iso3166::from_alpha3(alpha3).map_or("", |country| country.alpha2)
}

/// Whether the text is letters, digits and `_` of ASCII only. Empty text is.
pub(crate) fn is_word(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether the text is a well-formed BCP 47 language tag.
pub(crate) fn is_language_tag(text: &str) -> bool {
    oxilangtag::LanguageTag::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_addresses() {
        for good in ["a@b", "first.last+tag@example.com", "ü@exämple.de"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b\r\nBcc: x",
            "a@.b",
            "a@b.",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn countries() {
        for (three, two) in [("DEU", "DE"), ("GBR", "GB"), ("", ""), ("XYZ", ""), ("DE", "")] {
            assert_eq!(country_code(three), two, "{three}");
        }
    }

    #[test]
    fn host_names() {
        for good in ["demo.example", "a", "10.0.0.1", "x-1.example"] {
            assert!(is_host_name(good), "{good}");
        }
        for bad in ["", ".", "a..b", "-a", "a-", "a_b", "a b", "ü.de"] {
            assert!(!is_host_name(bad), "{bad}");
        }
    }
}
