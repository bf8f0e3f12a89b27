//! What a presence document says of a user (RFC 3863, RFC 4480): as much of it as a directory keeps, whether he takes calls and a note.

use jackfield_domain::{Presence, PublishedPresence};
use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesStart, Event},
    name::{Namespace, ResolveResult},
};

/// How deep elements may lie in each other: those that are read lie five deep.
const DEPTH: usize = 16;

/// Why a document is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is no presence document.
    Unreadable,
    /// It is about somebody else.
    Another,
}

/// The namespaces that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    Pidf,
    Person,
    /// The words of RFC 4480; telephones still write the names that drafts of it had.
    Rpid,
    Other,
}

impl Space {
    fn of(name: &ResolveResult<'_>) -> Self {
        let ResolveResult::Bound(Namespace(name)) = name else {
            return Self::Other;
        };
        let Some(rest) = name.strip_prefix(b"urn:ietf:params:xml:ns:pidf") else {
            return Self::Other;
        };
        match rest {
            b"" => Self::Pidf,
            b":data-model" => Self::Person,
            rest if rest.starts_with(b":rpid") || rest.starts_with(b":status:rpid") => Self::Rpid,
            _ => Self::Other,
        }
    }
}

/// What was found in a document.
#[derive(Default)]
struct Found {
    open: bool,
    closed: bool,
    /// The most telling of what he does, and whether it is merely seen that he speaks.
    does: Option<Presence>,
    speaks: bool,
    /// The note, and how far it is from what concerns the user himself.
    note: Option<(usize, String)>,
}

/// Reads a document about the user with this number.
///
/// # Errors
/// [`Fault`].
pub(super) fn read(body: &[u8], number: &str) -> Result<PublishedPresence, Fault> {
    let text = std::str::from_utf8(body).map_err(|_| Fault::Unreadable)?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}').trim());
    reader.config_mut().expand_empty_elements = true;
    let (mut path, mut inner, mut found) = (Vec::<(Space, String)>::new(), String::new(), None::<Found>);
    loop {
        let (space, event) = reader.read_resolved_event().map_err(|_| Fault::Unreadable)?;
        match event {
            Event::Start(element) => {
                let name = String::from_utf8_lossy(element.local_name().as_ref()).into_owned();
                let space = Space::of(&space);
                match (path.last(), &mut found) {
                    (None, None) if space == Space::Pidf && name == "presence" => {
                        about(&element, number)?;
                        found = Some(Found::default());
                    }
                    (None, _) | (_, None) => return Err(Fault::Unreadable),
                    (Some((Space::Rpid, above)), Some(found)) if above == "activities" => {
                        found.does(&name);
                    }
                    (Some(_), Some(_)) => {}
                }
                path.push((space, name));
                if path.len() > DEPTH {
                    return Err(Fault::Unreadable);
                }
                inner.clear();
            }
            Event::End(_) => {
                if let (Some((space, name)), Some(found)) = (path.pop(), &mut found) {
                    let above = path.last().map_or("", |(_, name)| name.as_str());
                    match (space, name.as_str()) {
                        (Space::Pidf, "basic") if above == "status" => found.basic(inner.trim()),
                        (Space::Pidf | Space::Person | Space::Rpid, "note") => found.note(above, &inner),
                        _ => {}
                    }
                }
                inner.clear();
            }
            Event::Text(text) => {
                inner.push_str(&text.xml10_content().map_err(|_| Fault::Unreadable)?);
            }
            Event::CData(text) => {
                inner.push_str(&text.xml10_content().map_err(|_| Fault::Unreadable)?);
            }
            Event::GeneralRef(name) => {
                let letter = name.resolve_char_ref().map_err(|_| Fault::Unreadable)?;
                let name = name.decode().map_err(|_| Fault::Unreadable)?;
                match (letter, quick_xml::escape::resolve_predefined_entity(&name)) {
                    (Some(letter), _) => inner.push(letter),
                    (None, Some(text)) => inner.push_str(text),
                    // Entities that the document defines itself are no use of it.
                    (None, None) => return Err(Fault::Unreadable),
                }
            }
            // Empty elements come as a start and an end.
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Empty(_) => {}
            Event::Eof if path.is_empty() => break,
            Event::DocType(_) | Event::Eof => return Err(Fault::Unreadable),
        }
    }
    found.map(Found::said).ok_or(Fault::Unreadable)
}

/// Whether the document is about the user with a number. Its host is of no use: telephones write what they think of as their domain.
fn about(root: &BytesStart<'_>, number: &str) -> Result<(), Fault> {
    let entity = root.try_get_attribute("entity").map_err(|_| Fault::Unreadable)?;
    let entity = entity.ok_or(Fault::Unreadable)?;
    let entity = entity
        .normalized_value(XmlVersion::Explicit1_0)
        .map_err(|_| Fault::Unreadable)?;
    let (_, rest) = entity.split_once(':').ok_or(Fault::Unreadable)?;
    let user = rest.split(['@', ';']).next().unwrap_or_default();
    match crate::syntax::unescaped(user) {
        Some(user) if user == number => Ok(()),
        _ => Err(Fault::Another),
    }
}

/// What an activity says of whether somebody takes calls.
fn activity(name: &str) -> Option<Presence> {
    match name {
        "busy" | "do-not-disturb" | "dnd" => Some(Presence::DoNotDisturb),
        "meal" | "breakfast" | "dinner" => Some(Presence::Lunch),
        "travel" | "in-transit" | "steering" => Some(Presence::BusinessTrip),
        // That he speaks is seen, and who works takes calls.
        "on-the-phone" | "working" | "looking-for-work" | "unknown" | "other" | "note" => None,
        _ => Some(Presence::Away),
    }
}

/// What a note says that is one of the words by which telephones name what their user chose.
fn word(note: &str) -> Option<Presence> {
    match note.to_lowercase().as_str() {
        "available" | "online" => Some(Presence::Available),
        "away" | "be right back" | "offline" => Some(Presence::Away),
        "busy" | "do not disturb" | "dnd" => Some(Presence::DoNotDisturb),
        "lunch" | "at lunch" | "out to lunch" => Some(Presence::Lunch),
        "business trip" | "on a business trip" => Some(Presence::BusinessTrip),
        _ => None,
    }
}

/// Which of several things that somebody does counts.
const fn weight(presence: Presence) -> u8 {
    match presence {
        Presence::Available => 0,
        Presence::Away => 1,
        Presence::BusinessTrip => 2,
        Presence::Lunch => 3,
        Presence::DoNotDisturb => 4,
    }
}

impl Found {
    fn basic(&mut self, text: &str) {
        self.open |= text == "open";
        self.closed |= text == "closed";
    }

    fn does(&mut self, name: &str) {
        self.speaks |= name == "on-the-phone";
        let new = activity(name);
        if new.map(weight) > self.does.map(weight) {
            self.does = new;
        }
    }

    /// A note in an element of this name; that of the user himself goes before that of a device.
    fn note(&mut self, above: &str, text: &str) {
        let places = ["presence", "person", "activities", "tuple"];
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let place = places.iter().position(|place| *place == above);
        if let (Some(place), false) = (place, text.is_empty())
            && self.note.as_ref().is_none_or(|(other, _)| place < *other)
        {
            self.note = Some((place, text));
        }
    }

    fn said(self) -> PublishedPresence {
        let note = self.note.map(|(_, note)| note);
        let (worded, spoken) = match &note {
            Some(text) => (word(text), text.eq_ignore_ascii_case("on the phone")),
            None => (None, false),
        };
        let presence = match self.does.or(worded) {
            Some(presence) => Some(presence),
            None if self.speaks || spoken => None,
            None if self.open => Some(Presence::Available),
            None if self.closed => Some(Presence::Away),
            None => None,
        };
        PublishedPresence {
            presence,
            // What is a word for it already is no note besides.
            note: note.filter(|_| worded.is_none() && !spoken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(inner: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" \
             xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" \
             xmlns:ep=\"urn:ietf:params:xml:ns:pidf:rpid:rpid-person\" entity=\"sip:1001@one.example\">{inner}</presence>"
        )
    }

    fn said(inner: &str) -> (Option<Presence>, Option<String>) {
        let said = read(document(inner).as_bytes(), "1001").unwrap();
        (said.presence, said.note)
    }

    #[test]
    fn documents_of_telephones_are_understood() {
        use Presence::{Available, Away, BusinessTrip, DoNotDisturb, Lunch};
        let open = "<tuple id=\"t\"><status><basic>open</basic></status></tuple>";
        let closed = "<tuple id=\"t\"><status>\r\n<basic> closed </basic></status></tuple>";
        let does = |what: &str| {
            format!("{open}<dm:person id=\"p\"><rpid:activities>{what}</rpid:activities></dm:person>")
        };
        for (inner, presence, note) in [
            (open.to_owned(), Some(Available), None),
            (closed.to_owned(), Some(Away), None),
            // Of several devices one is enough.
            (format!("{closed}{open}"), Some(Available), None),
            (String::new(), None, None),
            // That of baresip before its user has said anything.
            (open.replace("open", "?"), None, None),
            (does(""), Some(Available), None),
            (does("<rpid:away/>"), Some(Away), None),
            (does("<rpid:busy/>"), Some(DoNotDisturb), None),
            (does("<rpid:meal/>"), Some(Lunch), None),
            (does("<rpid:travel/>"), Some(BusinessTrip), None),
            (does("<rpid:vacation/>"), Some(Away), None),
            (does("<rpid:on-the-phone/>"), None, None),
            (
                does("<rpid:away/><rpid:busy/><rpid:meal/>"),
                Some(DoNotDisturb),
                None,
            ),
            // The names of a draft, and another prefix.
            (
                format!("{closed}<dm:person id=\"p\"><ep:activities><ep:busy/></ep:activities></dm:person>"),
                Some(DoNotDisturb),
                None,
            ),
            // Words that are only in notes.
            (format!("{open}<note>Away</note>"), Some(Away), None),
            (
                format!("{open}<note>Do Not Disturb</note>"),
                Some(DoNotDisturb),
                None,
            ),
            (format!("{open}<note>On the phone</note>"), None, None),
            (
                format!("{closed}<note>\n back at  2 &amp; &#189;</note>"),
                Some(Away),
                Some("back at 2 & ½"),
            ),
            (
                "<tuple id=\"t\"><note>desk</note></tuple><dm:person id=\"p\">\
                 <dm:note><![CDATA[in <b>]]></dm:note></dm:person>"
                    .to_owned(),
                None,
                Some("in <b>"),
            ),
            // Elements of the same names elsewhere mean something else.
            (
                format!(
                    "{open}<x:basic xmlns:x=\"urn:x\">closed</x:basic><x:note xmlns:x=\"urn:x\">busy</x:note>"
                ),
                Some(Available),
                None,
            ),
        ] {
            assert_eq!(said(&inner), (presence, note.map(str::to_owned)), "{inner}");
        }
    }

    /// As baresip 1.0 writes it.
    #[test]
    fn the_text_of_a_telephone_is_understood() {
        for (basic, presence) in [
            ("open", Some(Presence::Available)),
            ("closed", Some(Presence::Away)),
            ("?", None),
        ] {
            let text = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\r\n\
                 <presence xmlns=\"urn:ietf:params:xml:ns:pidf\"\r\n    xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\"\r\n    \
                 xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\"\r\n    entity=\"sip:1001@one.example\">\r\n  \
                 <dm:person id=\"p4159\"><rpid:activities/></dm:person>\r\n  <tuple id=\"t4109\">\r\n    <status>\r\n      \
                 <basic>{basic}</basic>\r\n    </status>\r\n    <contact>sip:1001@one.example</contact>\r\n  </tuple>\r\n\
                 </presence>\r\n"
            );
            let expected = PublishedPresence { presence, note: None };
            assert_eq!(read(text.as_bytes(), "1001"), Ok(expected), "{basic}");
        }
    }

    #[test]
    fn what_we_tell_is_what_we_understand() {
        // As `watch/document.rs` writes it.
        let inner = "<tuple id=\"extension\"><status><basic>open</basic></status></tuple><note>At lunch</note>\
                     <dm:person id=\"user\"><rpid:activities><rpid:meal/></rpid:activities></dm:person>";
        assert_eq!(said(inner), (Some(Presence::Lunch), None));
    }

    #[test]
    fn whose_document_it_is() {
        let of = |entity: &str| {
            let text = document("").replace("sip:1001@one.example", entity);
            read(text.as_bytes(), "1001").map(|_| ())
        };
        for own in [
            "sip:1001@192.0.2.1:5060",
            "pres:1001@one.example",
            "sips:%31001@x",
            "sip:1001",
        ] {
            assert_eq!(of(own), Ok(()), "{own}");
        }
        for other in ["sip:1002@one.example", "sip:one.example", "sip:%zz@x"] {
            assert_eq!(of(other), Err(Fault::Another), "{other}");
        }
        assert_eq!(of("1001"), Err(Fault::Unreadable));
    }

    #[test]
    fn what_is_no_presence_document_is_not_taken() {
        let deep = "<x>".repeat(20) + &"</x>".repeat(20);
        let bomb = document("<note>&a;</note>").replace("?>\n", "?>\n<!DOCTYPE p [<!ENTITY a \"aaaa\">]>\n");
        for bad in [
            String::new(),
            "presence".to_owned(),
            "<presence/>".to_owned(),
            "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"/>".to_owned(),
            document("<tuple>"),
            document("</tuple>"),
            document("<tuple></tuples>"),
            document("<note>&a;</note>"),
            document("<note>&#0;</note>"),
            document(&deep),
            document("").repeat(2),
            document("").replace("</presence>", ""),
            bomb,
        ] {
            assert_eq!(read(bad.as_bytes(), "1001"), Err(Fault::Unreadable), "{bad}");
        }
        assert_eq!(read(&[0xff, 0xfe], "1001"), Err(Fault::Unreadable));
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_comes_does_harm(body: Vec<u8>, inner in "[<>/&;a-z=\" ]{0,60}") {
            let _ = read(&body, "1001");
            let _ = read(document(&inner).as_bytes(), "1001");
        }
    }
}
