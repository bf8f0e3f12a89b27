//! What a watcher is told, as text: the documents of the packages.

use std::fmt::Write as _;

use jackfield_directory::SeenUser;
use jackfield_domain::{MessageCounts, SeenPresence, UserStatus};

use super::board::Line;
use crate::{call::ringing::Named, syntax::Address};

/// A text between tags or in an attribute. What XML 1.0 cannot hold is left out.
fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            letter if letter.is_control() => {}
            letter => safe.push(letter),
        }
    }
    safe
}

/// The address of a number at a domain, for a document.
fn uri(number: &str, domain: &str) -> String {
    let mut uri = "sip:".to_owned();
    for byte in number.bytes() {
        // What a user part may hold (RFC 3261 §25.1); of it `&` and `'` would have to be escaped for XML.
        if byte.is_ascii_alphanumeric() || b"-_.!~*()=+$,;?/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing into a text cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri.push('@');
    uri.push_str(&xml(domain));
    uri
}

/// What names a dialog. Its letters need no escape.
fn attributes(named: &Named) -> String {
    let Named {
        call_id,
        local_tag,
        remote_tag,
    } = named;
    format!(" call-id=\"{call_id}\" local-tag=\"{local_tag}\" remote-tag=\"{remote_tag}\"")
}

/// The calls of an extension (RFC 4235): always all of them, so that a lost document does no harm; those that have ended since the
/// last one are told once more, because many telephones wait for that word.
pub(super) fn dialog_info(of: &Address, version: u32, lines: &[Line], ended: &[Line]) -> String {
    let own = uri(&of.user, &of.host);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
         <dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"{version}\" state=\"full\" entity=\"{own}\">\r\n"
    );
    let lines = lines.iter().map(|line| (line, line.state()));
    for (line, state) in lines.chain(ended.iter().map(|line| (line, "terminated"))) {
        let direction = if line.calls { "initiator" } else { "recipient" };
        let _ = write!(
            text,
            "<dialog id=\"{}\"{} direction=\"{direction}\">\r\n<state>{state}</state>\r\n\
             <local><identity>{own}</identity></local>\r\n",
            line.id,
            line.named.as_ref().map_or_else(String::new, attributes)
        );
        if !line.number.is_empty() {
            let name = match line.name.as_str() {
                "" => String::new(),
                name => format!(" display=\"{}\"", xml(name)),
            };
            let other = uri(&line.number, &of.host);
            let _ = write!(
                text,
                "<remote><identity{name}>{other}</identity><target uri=\"{other}\"/></remote>\r\n"
            );
        }
        text.push_str("</dialog>\r\n");
    }
    text.push_str("</dialog-info>\r\n");
    text
}

impl Line {
    fn state(&self) -> &'static str {
        if self.answered { "confirmed" } else { "early" }
    }
}

/// What lies in a voicemail box (RFC 3842).
pub(super) fn message_summary(of: &Address, messages: MessageCounts) -> String {
    let MessageCounts {
        new,
        old,
        urgent_new,
        urgent_old,
    } = messages;
    let waiting = if new > 0 { "yes" } else { "no" };
    let own = uri(&of.user, &of.host);
    format!(
        "Messages-Waiting: {waiting}\r\nMessage-Account: {own}\r\n\
         Voice-Message: {new}/{old} ({urgent_new}/{urgent_old})\r\n"
    )
}

/// What is seen of a user (RFC 3863), with what he does in the words of RFC 4480.
pub(super) fn pidf(of: &Address, seen: &SeenUser) -> String {
    let (activity, words) = match seen.presence {
        SeenPresence::Available => ("", "Available"),
        SeenPresence::Away => ("<rpid:away/>", "Away"),
        SeenPresence::BusinessTrip => ("<rpid:travel/>", "On a business trip"),
        SeenPresence::Lunch => ("<rpid:meal/>", "At lunch"),
        SeenPresence::DoNotDisturb => ("<rpid:busy/>", "Do not disturb"),
        SeenPresence::OnCall => ("<rpid:on-the-phone/>", "On the phone"),
        SeenPresence::Offline => ("", "Offline"),
    };
    // Whether he can be reached at all: what he does meanwhile is said apart.
    let basic = if seen.status == UserStatus::Offline {
        "closed"
    } else {
        "open"
    };
    let own = uri(&of.user, &of.host);
    let note = if seen.note.is_empty() { words } else { &seen.note };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
         <presence xmlns=\"urn:ietf:params:xml:ns:pidf\" xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" \
         xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" entity=\"{own}\">\r\n\
         <tuple id=\"extension\"><status><basic>{basic}</basic></status><contact>{own}</contact></tuple>\r\n\
         <note>{}</note>\r\n\
         <dm:person id=\"user\"><rpid:activities>{activity}</rpid:activities></dm:person>\r\n\
         </presence>\r\n",
        xml(note)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Address {
        Address {
            user: "1001".into(),
            host: "one.example".into(),
        }
    }

    fn line(id: i64, answered: bool, number: &str, name: &str) -> Line {
        Line {
            id,
            calls: answered,
            answered,
            number: number.into(),
            name: name.into(),
            inside: true,
            named: (!answered).then(|| Named {
                call_id: "c".into(),
                local_tag: "l".into(),
                remote_tag: "r".into(),
            }),
        }
    }

    #[test]
    fn calls_are_told_with_their_other_side() {
        let text = dialog_info(
            &ada(),
            3,
            &[
                line(7, true, "+49 30&1", "A \"B\" <C>\u{1}"),
                line(8, false, "", ""),
            ],
            &[line(6, true, "1002", "")],
        );
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
            <dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"3\" state=\"full\" entity=\"sip:1001@one.example\">\r\n\
            <dialog id=\"7\" direction=\"initiator\">\r\n<state>confirmed</state>\r\n\
            <local><identity>sip:1001@one.example</identity></local>\r\n\
            <remote><identity display=\"A &quot;B&quot; &lt;C&gt;\">sip:+49%2030%261@one.example</identity>\
            <target uri=\"sip:+49%2030%261@one.example\"/></remote>\r\n</dialog>\r\n\
            <dialog id=\"8\" call-id=\"c\" local-tag=\"l\" remote-tag=\"r\" direction=\"recipient\">\r\n<state>early</state>\r\n\
            <local><identity>sip:1001@one.example</identity></local>\r\n</dialog>\r\n\
            <dialog id=\"6\" direction=\"initiator\">\r\n<state>terminated</state>\r\n\
            <local><identity>sip:1001@one.example</identity></local>\r\n\
            <remote><identity>sip:1002@one.example</identity><target uri=\"sip:1002@one.example\"/></remote>\r\n</dialog>\r\n\
            </dialog-info>\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn messages_are_counted() {
        let messages = MessageCounts {
            new: 2,
            old: 8,
            urgent_new: 1,
            urgent_old: 0,
        };
        assert_eq!(
            message_summary(&ada(), messages),
            "Messages-Waiting: yes\r\nMessage-Account: sip:1001@one.example\r\nVoice-Message: 2/8 (1/0)\r\n"
        );
        let none = message_summary(&ada(), MessageCounts::default());
        assert!(none.starts_with("Messages-Waiting: no\r\n") && none.ends_with("0/0 (0/0)\r\n"));
    }

    #[test]
    fn what_is_seen_of_a_user_is_told_in_standard_words() {
        let table = [
            (
                SeenPresence::Available,
                UserStatus::Online,
                "open",
                "",
                "Available",
            ),
            (
                SeenPresence::OnCall,
                UserStatus::OnCall,
                "open",
                "<rpid:on-the-phone/>",
                "On the phone",
            ),
            (
                SeenPresence::Lunch,
                UserStatus::Offline,
                "closed",
                "<rpid:meal/>",
                "At lunch",
            ),
            (
                SeenPresence::DoNotDisturb,
                UserStatus::Online,
                "open",
                "<rpid:busy/>",
                "Do not disturb",
            ),
            (
                SeenPresence::Offline,
                UserStatus::Offline,
                "closed",
                "",
                "Offline",
            ),
        ];
        for (presence, status, basic, activity, words) in table {
            let mut seen = SeenUser {
                presence,
                status,
                note: String::new(),
            };
            let text = pidf(&ada(), &seen);
            assert!(text.contains(&format!("<basic>{basic}</basic>")), "{text}");
            let activities = format!("<rpid:activities>{activity}</rpid:activities>");
            assert!(text.contains(&activities), "{text}");
            assert!(text.contains(&format!("<note>{words}</note>")), "{text}");
            seen.note = "back at 2 & ½".into();
            assert!(pidf(&ada(), &seen).contains("<note>back at 2 &amp; ½</note>"));
        }
    }
}
