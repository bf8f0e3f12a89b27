//! What a `SUBSCRIBE` says (RFC 6665 §4.1, §4.2), before it is known who sent it.

use crate::{
    contact,
    stack::Incoming,
    syntax::{self, Address, NameAddr, warning},
};

/// The shortest subscription, in seconds.
pub(super) const SHORTEST: u32 = 60;
/// The longest one, and what one gets that asks for no time.
pub(super) const LONGEST: u32 = 3600;
/// The most letters of what is kept of a request, each.
const LETTERS: usize = 512;
/// The most values of `Record-Route`.
const ROUTES: usize = 8;

/// An answer: the status and its headers.
pub(crate) type Answer = (u16, Vec<(&'static str, String)>);

/// What can be subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Package {
    /// The calls of an extension (RFC 4235).
    Dialog,
    /// What the user of an extension says of himself (RFC 3856).
    Presence,
    /// Whether messages wait in one's own voicemail box (RFC 3842).
    Messages,
}

impl Package {
    /// All of them.
    const ALL: [Self; 3] = [Self::Dialog, Self::Presence, Self::Messages];
    /// Their names.
    pub(super) const NAMES: [&'static str; 3] =
        [Self::Dialog.name(), Self::Presence.name(), Self::Messages.name()];

    /// Its name in a header.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::Presence => "presence",
            Self::Messages => "message-summary",
        }
    }

    /// The type of its documents.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Dialog => "application/dialog-info+xml",
            Self::Presence => "application/pidf+xml",
            Self::Messages => "application/simple-message-summary",
        }
    }
}

/// A subscription that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// To what.
    pub(super) package: Package,
    /// What tells it from others of the same dialog; most telephones name nothing.
    pub(super) id: Option<String>,
    /// For how many seconds; 0 asks once, or ends it. Within our bounds.
    pub(super) expires: u32,
    /// Who watches.
    pub(super) watcher: Address,
    /// Whom; of a request within a dialog our own address.
    pub(super) watched: Address,
    /// Where the watcher wants to be told.
    pub(super) contact: String,
    /// The proxies that stay on the way, in the order in which ours go through them.
    pub(super) routes: Vec<String>,
    pub(super) call_id: String,
    /// The value of `From`.
    pub(super) from: String,
    pub(super) from_tag: String,
    /// The value of `To`.
    pub(super) to: String,
    /// Our tag in it, of a request within a dialog.
    pub(super) to_tag: Option<String>,
    pub(super) cseq: u32,
}

/// A request that cannot be understood, and why.
pub(crate) fn bad(text: &str) -> Answer {
    (400, warning(text))
}

/// A text that goes back into a header as it came.
fn keepable(text: &str) -> bool {
    !text.is_empty() && text.len() <= LETTERS && !text.chars().any(char::is_control)
}

impl Asked {
    /// Reads a request.
    pub(super) fn read(incoming: &Incoming) -> Result<Self, Answer> {
        let required: Vec<&str> = incoming.headers("Require").collect();
        if !required.is_empty() {
            return Err((420, vec![("Unsupported", required.join(", "))]));
        }
        let event = incoming.header("Event").unwrap_or_default();
        let (package, id) = event_of(event).ok_or_else(|| {
            let known = ("Allow-Events", Package::NAMES.join(", "));
            (489, vec![known])
        })?;
        if !accepts(incoming.headers("Accept"), package.content_type()) {
            return Err((406, vec![("Accept", package.content_type().to_owned())]));
        }
        let (from, from_tag, watcher) =
            party(incoming.header("From")).ok_or_else(|| bad("From names no extension at a domain"))?;
        let from_tag = from_tag.ok_or_else(|| bad("From has no tag"))?;
        let (to, to_tag, _) = party(incoming.header("To")).ok_or_else(|| bad("To names nobody"))?;
        let target = Address::read(&incoming.target()).ok_or_else(|| bad("the request is for nobody"))?;
        let call_id = incoming.header("Call-ID").unwrap_or_default().trim();
        if !keepable(call_id) || call_id.contains(char::is_whitespace) {
            return Err(bad("no Call-ID that can be kept"));
        }
        let cseq = incoming
            .header("CSeq")
            .and_then(|text| text.split_whitespace().next()?.parse().ok());
        // 2^31 and above are no numbers of requests (RFC 3261 §8.1.1.5).
        let cseq = cseq.filter(|number: &u32| *number < 1 << 31);
        let contact = incoming.header("Contact").and_then(NameAddr::read);
        let contact = contact
            .filter(|contact| keepable(contact.uri) && Address::read(contact.uri).is_some())
            .ok_or_else(|| bad("no Contact that could be told anything"))?;
        let routes = routes(incoming.headers("Record-Route"))
            .ok_or_else(|| bad("no Record-Route that can be kept"))?;
        Ok(Self {
            package,
            id,
            expires: granted(incoming.header("Expires"))?,
            watcher,
            watched: target,
            contact: contact.uri.to_owned(),
            routes,
            call_id: call_id.to_owned(),
            from,
            from_tag,
            to,
            to_tag,
            cseq: cseq.ok_or_else(|| bad("no CSeq"))?,
        })
    }
}

/// The package of an event that is known, and its id.
fn event_of(value: &str) -> Option<(Package, Option<String>)> {
    let (name, params) = value.split_once(';').unwrap_or((value, ""));
    let package = Package::ALL
        .into_iter()
        .find(|package| name.trim().eq_ignore_ascii_case(package.name()))?;
    let id = params.split(';').find_map(|param| {
        let (name, value) = param.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("id")
            .then(|| value.trim().to_owned())
    });
    match id {
        Some(id) if !is_token(&id) => None,
        id => Some((package, id)),
    }
}

fn is_token(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte);
    !text.is_empty() && text.len() <= 64 && text.bytes().all(plain)
}

/// Whether a document of this type may be sent. Without the header it may (RFC 6665 §3.1.3).
fn accepts<'a>(values: impl Iterator<Item = &'a str>, wanted: &str) -> bool {
    let mut types = values
        .flat_map(|value| value.split(','))
        .filter_map(|one| one.split(';').next())
        .map(str::trim)
        .filter(|one| !one.is_empty())
        .peekable();
    types.peek().is_none()
        || types.any(|one| {
            one == "*/*" || one.eq_ignore_ascii_case("application/*") || one.eq_ignore_ascii_case(wanted)
        })
}

/// An address with its tag: as it was written, and what is in it.
pub(crate) fn party(value: Option<&str>) -> Option<(String, Option<String>, Address)> {
    let value = value?.trim();
    if !keepable(value) {
        return None;
    }
    let address = NameAddr::read(value)?;
    let tag = address.param("tag").map(std::borrow::Cow::into_owned);
    Some((value.to_owned(), tag, Address::read(address.uri)?))
}

fn routes<'a>(values: impl Iterator<Item = &'a str>) -> Option<Vec<String>> {
    let mut routes = Vec::new();
    for value in values {
        for hop in syntax::list(value)? {
            NameAddr::read(hop)?;
            routes.push(hop.to_owned());
        }
    }
    let all = routes.len() <= ROUTES && routes.iter().all(|route| keepable(route));
    all.then_some(routes)
}

/// For how long something is kept that asks for so long: a subscription, a publication.
pub(crate) fn granted(expires: Option<&str>) -> Result<u32, Answer> {
    let asked = match expires {
        None => LONGEST,
        Some(text) => contact::lifetime(text).ok_or_else(|| bad("Expires is no number"))?,
    };
    if (1..SHORTEST).contains(&asked) {
        return Err((423, vec![("Min-Expires", SHORTEST.to_string())]));
    }
    Ok(asked.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_that_are_known() {
        let table = [
            ("dialog", Some((Package::Dialog, None))),
            (" Presence ; x=y", Some((Package::Presence, None))),
            ("dialog;sla;ID=a1", Some((Package::Dialog, Some("a1".to_owned())))),
            ("dialog;id=a b", None),
            ("refer", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(event_of(text), expected, "{text}");
        }
    }

    #[test]
    fn what_a_telephone_takes() {
        let wanted = Package::Dialog.content_type();
        let takes = |values: &[&str]| accepts(values.iter().copied(), wanted);
        assert!(takes(&[]) && takes(&[""]) && takes(&["*/*"]) && takes(&["application/*;q=0.5"]));
        assert!(takes(&["text/plain", "a/b, Application/Dialog-Info+xml;q=1"]));
        assert!(!takes(&["application/pidf+xml"]));
    }

    #[test]
    fn lifetimes_are_kept_within_bounds() {
        let status = |text| granted(text).map_err(|(status, _)| status);
        for (text, expected) in [
            (None, Ok(LONGEST)),
            (Some("0"), Ok(0)),
            (Some("59"), Err(423)),
            (Some("60"), Ok(60)),
            (Some("99999999999"), Ok(LONGEST)),
            (Some("soon"), Err(400)),
        ] {
            assert_eq!(status(text), expected, "{text:?}");
        }
    }

    #[test]
    fn proxies_on_the_way_are_kept_in_their_order() {
        let read = |values: &[&str]| routes(values.iter().copied());
        assert_eq!(
            read(&["<sip:a;lr>, <sip:b;lr>", "<sip:c;lr>"]).unwrap(),
            ["<sip:a;lr>", "<sip:b;lr>", "<sip:c;lr>"]
        );
        assert_eq!(read(&["<sip:a"]), None);
        assert_eq!(read(&["<sip:a>"; 9]), None);
    }
}
