//! Another number in `To` than the one that is called: the library fills it with the request URI and lets nobody else.
//!
//! What a request is to show is in a header of our own until it is sent. The other side answers with what it was shown, and within a
//! dialog only the tags of `From` and `To` count (RFC 3261 §12.2.2), so the library need not know.

use rsipstack::sip::{Header, Headers};

use crate::syntax::NameAddr;

/// The header that says what `To` is to show, as an address in angle brackets. It is never sent.
pub(crate) const SHOWN_TO: &str = "X-Jackfield-Shown-To";

/// Puts what is to be shown into `To`, with the tag that is there.
pub(super) fn show(headers: &mut Headers) {
    let mut shown = None;
    headers.retain(|header| match header {
        Header::Other(name, value) if name == SHOWN_TO => {
            shown = Some(value.clone());
            false
        }
        _ => true,
    });
    let Some(shown) = shown else { return };
    for header in &mut headers.0 {
        if let Header::To(to) = header {
            let tag = NameAddr::read(to.value()).and_then(|own| own.param("tag"));
            let value = tag.map_or_else(|| shown.clone(), |tag| format!("{shown};tag={tag}"));
            to.replace(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(to: &str, shown: Option<&str>) -> String {
        let mut headers: Headers = vec![Header::To(to.into())].into();
        if let Some(shown) = shown {
            headers.push(Header::Other(SHOWN_TO.into(), shown.into()));
        }
        show(&mut headers);
        let all: Vec<String> = headers.iter().map(ToString::to_string).collect();
        all.join("; ")
    }

    #[test]
    fn what_is_to_be_shown_is_and_the_tag_stays() {
        assert_eq!(sent("<sip:a@b>", None), "To: <sip:a@b>");
        assert_eq!(sent("<sip:a@b>", Some("<sip:6001@c>")), "To: <sip:6001@c>");
        assert_eq!(
            sent("<sip:a@b>;tag=7", Some("<sip:6001@c>")),
            "To: <sip:6001@c>;tag=7"
        );
    }
}
