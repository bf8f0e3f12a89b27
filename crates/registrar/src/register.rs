//! `REGISTER`: from the text of a request to what the directory is asked, and back (RFC 3261 §10.3).

use std::fmt::Write as _;

use jackfield_directory::{Binding, Binds, Bound, SipContact, SipIdentity, TrunkAccount, TrunkBound};
use jackfield_domain::{Error, NewRegistration, SipRoute, Timestamp, limits};

use crate::{
    auth::{Door, Proved},
    contact::{self, Contact, Contacts},
    edge::Context,
    stack::Asked,
    syntax::{Address, NameAddr, warning},
};

/// The shortest binding, in seconds: below it telephones do little else than renew.
const SHORTEST: u32 = 60;
/// The longest one, and what one gets that asks for no time. Whoever vanishes without a word is called for so long.
const LONGEST: u32 = 3600;
/// Extensions that a request may demand.
const SUPPORTED: [&str; 2] = ["path", "outbound"];
/// The most letters of a `Call-ID` and of all `Path` headers together.
const CALL_ID: usize = 256;
const PATH: usize = 2048;

/// An answer: the status and its headers.
type Answer = (u16, Vec<(&'static str, String)>);

/// What a request says before it is known who sent it.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    /// Whose devices it is about.
    of: Address,
    call_id: String,
    cseq: u32,
    contacts: Contacts,
    expires: Option<u32>,
    path: Vec<String>,
}

/// Answers a `REGISTER`.
pub(crate) async fn register(context: &Context, incoming: impl Asked) {
    let request = match read(&incoming) {
        Ok(request) => request,
        Err((status, headers)) => return incoming.answer(status, headers).await,
    };
    let domain = request.of.host.clone();
    let proved = context
        .authenticator()
        .prove_any(&incoming, Door::Registrar, &domain);
    let sender = match proved.await {
        Ok(sender) => sender,
        Err(denied) => return context.authenticator().deny(incoming, denied).await,
    };
    let may = match &sender {
        Proved::Extension(identity) => identity.enabled && identity.number == request.of.user,
        Proved::Trunk(account) => {
            account.enabled && [&account.name, &account.username].contains(&&request.of.user)
        }
    };
    let binding = if may {
        judge(context, &incoming, &request)
    } else {
        Err((403, Vec::new()))
    };
    let binding = match binding {
        Ok(binding) => binding,
        Err((status, headers)) => return incoming.answer(status, headers).await,
    };
    let bound = match &sender {
        Proved::Extension(identity) => bind_devices(context, identity, &request, &binding).await,
        Proved::Trunk(account) => bind_trunk(context, account, &request, &binding).await,
    };
    match bound {
        Ok(Ok(headers)) => incoming.answer(200, headers).await,
        Ok(Err(Refused::Changed)) => {
            let again = context.authenticator().again(&incoming, Door::Registrar, &domain);
            context.authenticator().deny(incoming, again).await;
        }
        Ok(Err(Refused::Late)) => incoming.answer(500, warning("a later request came first")).await,
        Ok(Err(Refused::Full(why))) => incoming.answer(403, warning(why)).await,
        Err(Error::Invalid(_)) => incoming.answer(400, warning("no such contact")).await,
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a device could not be bound"
            );
            incoming.answer(503, vec![("Retry-After", "5".to_owned())]).await;
        }
    }
}

/// Why nothing is bound.
enum Refused {
    /// Who proved himself has another proof now.
    Changed,
    /// A later request came first.
    Late,
    /// There is no more room, and why.
    Full(&'static str),
}

/// The headers of a success, or why there is none.
type Outcome = Result<Result<Vec<(&'static str, String)>, Refused>, Error>;

async fn bind_devices(
    context: &Context,
    identity: &SipIdentity,
    request: &Request,
    binding: &Binding,
) -> Outcome {
    Ok(match context.directory().bind_devices(identity, binding).await? {
        Bound::Now(bound, now) => {
            let bound = bound.iter().map(|one| (&one.binding, one.route.as_ref()));
            Ok(accepted(request, bound, now))
        }
        Bound::Changed => Err(Refused::Changed),
        Bound::Late => Err(Refused::Late),
        Bound::Full => Err(Refused::Full("no more devices for this extension")),
    })
}

async fn bind_trunk(
    context: &Context,
    account: &TrunkAccount,
    request: &Request,
    binding: &Binding,
) -> Outcome {
    Ok(match context.directory().bind_trunk(account, binding).await? {
        TrunkBound::Now(bound, now) => {
            let bound = bound.iter().map(|one| (&one.binding, Some(&one.route)));
            Ok(accepted(request, bound, now))
        }
        TrunkBound::Changed => Err(Refused::Changed),
        TrunkBound::Late => Err(Refused::Late),
        TrunkBound::Several => Err(Refused::Full("a trunk has one contact")),
    })
}

fn bad(text: &str) -> Answer {
    (400, warning(text))
}

/// Reads a request; nothing in it is believed yet.
fn read(incoming: &impl Asked) -> Result<Request, Answer> {
    let unknown: Vec<&str> = incoming
        .headers("Require")
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|tag| !tag.is_empty() && !SUPPORTED.iter().any(|known| known.eq_ignore_ascii_case(tag)))
        .collect();
    if !unknown.is_empty() {
        return Err((420, vec![("Unsupported", unknown.join(", "))]));
    }
    let of = incoming
        .header("To")
        .and_then(NameAddr::read)
        .and_then(|to| Address::read(to.uri))
        .filter(|of| !of.user.is_empty() && is_host(&of.host))
        .ok_or_else(|| bad("To names no extension at a domain"))?;
    let call_id = incoming.header("Call-ID").unwrap_or_default().trim();
    if call_id.is_empty()
        || call_id.len() > CALL_ID
        || call_id.chars().any(|c| c.is_control() || c.is_whitespace())
    {
        return Err(bad("no Call-ID that can be kept"));
    }
    let cseq = incoming
        .header("CSeq")
        .and_then(|text| text.split_whitespace().next()?.parse().ok());
    // 2^31 and above are no numbers of requests (RFC 3261 §8.1.1.5).
    let cseq = cseq
        .filter(|number: &u32| *number < 1 << 31)
        .ok_or_else(|| bad("no CSeq"))?;
    let contacts =
        contact::read(incoming.headers("Contact")).ok_or_else(|| bad("no Contact that can be read"))?;
    let expires = incoming
        .header("Expires")
        .map(|text| contact::lifetime(text).unwrap_or(LONGEST));
    if contacts == Contacts::All && expires != Some(0) {
        return Err(bad("Contact: * goes with Expires: 0 alone"));
    }
    let path: Vec<String> = incoming.headers("Path").map(str::to_owned).collect();
    let length: usize = path.iter().map(String::len).sum();
    if length > PATH || path.iter().any(|text| text.chars().any(char::is_control)) {
        return Err(bad("no Path that can be kept"));
    }
    Ok(Request {
        of,
        call_id: call_id.to_owned(),
        cseq,
        contacts,
        expires,
        path,
    })
}

/// Whether a text can be a domain: it goes into a quoted string of the challenge.
fn is_host(text: &str) -> bool {
    text.len() <= 255
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte))
}

/// What a request asks for that was sent by whom it is about.
fn judge(context: &Context, incoming: &impl Asked, request: &Request) -> Result<Binding, Answer> {
    // For somebody else's devices nobody registers here.
    let from = incoming.header("From").and_then(NameAddr::read);
    if from.and_then(|from| Address::read(from.uri)).as_ref() != Some(&request.of) {
        return Err((403, warning("From is not To")));
    }
    if incoming.target_host() != request.of.host {
        return Err((404, warning("the request is for another domain")));
    }
    let source = incoming.from();
    // A path leads calls to wherever it says, so only our own proxies may name one.
    if !request.path.is_empty() && !context.trusts(source.ip()) {
        return Err((403, warning("Path from an address that is no trusted proxy")));
    }
    let binds = match &request.contacts {
        Contacts::Ask => Binds::Ask,
        Contacts::All => Binds::RemoveAll,
        Contacts::These(contacts) => {
            let contacts = contacts.iter().map(|contact| bind(contact, request.expires));
            Binds::These(contacts.collect::<Result<_, _>>()?)
        }
    };
    let user_agent = incoming.header("User-Agent").unwrap_or_default();
    Ok(Binding {
        binds,
        user_agent: line(user_agent, limits::USER_AGENT),
        ip: source.ip().to_canonical().to_string(),
        route: SipRoute {
            received: format!("{}:{source}", incoming.wire()),
            path: request.path.join(", "),
            call_id: request.call_id.clone(),
            cseq: request.cseq,
            preference: 0,
            edge: context.name().to_owned(),
        },
    })
}

fn bind(contact: &Contact, expires: Option<u32>) -> Result<SipContact, Answer> {
    let expires = contact.expires.or(expires).unwrap_or(LONGEST);
    if (1..SHORTEST).contains(&expires) {
        return Err((423, vec![("Min-Expires", SHORTEST.to_string())]));
    }
    Ok(SipContact {
        instance_id: contact.key.clone(),
        contact_address: contact.uri.clone(),
        expires: expires.min(LONGEST),
        preference: contact.preference,
        enable_push: contact.push,
    })
}

/// A text cut to what the directory keeps of it, without control characters.
fn line(text: &str, most: usize) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(most)
        .collect()
}

/// The headers of a success: what is bound now, for how long.
fn accepted<'a>(
    request: &Request,
    bound: impl Iterator<Item = (&'a NewRegistration, Option<&'a SipRoute>)>,
    now: Timestamp,
) -> Vec<(&'static str, String)> {
    let mut headers: Vec<_> = bound
        .filter_map(|(binding, route)| Some(("Contact", listed(binding, route, now)?)))
        .collect();
    headers.extend(request.path.iter().map(|path| ("Path", path.clone())));
    headers.push(("Supported", SUPPORTED.join(", ")));
    if let Contacts::These(contacts) = &request.contacts
        && contacts.iter().any(|contact| contact.outbound)
    {
        headers.push(("Require", "outbound".to_owned()));
    }
    headers
}

/// A binding as the value of `Contact`. One that an engine reported may lack an address; it is not ours to list then.
fn listed(binding: &NewRegistration, route: Option<&SipRoute>, now: Timestamp) -> Option<String> {
    if binding.contact_address.is_empty() || binding.contact_address.contains(['<', '>', '"']) {
        return None;
    }
    let seconds = binding.expires_at.since(now).as_secs();
    // Writing into a text cannot fail.
    let mut text = format!("<{}>;expires={seconds}", binding.contact_address);
    if let Some(route) = route.filter(|route| route.preference < 1000) {
        let _ = write!(text, ";q=0.{:03}", route.preference);
    }
    if let Some((instance, flow)) = binding
        .instance_id
        .strip_prefix('<')
        .and_then(|rest| rest.split_once('>'))
        && !instance.contains(['"', '\\'])
    {
        let _ = write!(text, ";+sip.instance=\"<{instance}>\"{flow}");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn bindings_are_listed_as_they_were_made() {
        let now = Timestamp::from_micros(0);
        let mut one = NewRegistration {
            instance_id: "<urn:uuid:1>;reg-id=2".into(),
            user_agent: String::new(),
            application: String::new(),
            ip: String::new(),
            enable_push: false,
            contact_address: "sip:1001@192.0.2.1;transport=udp".into(),
            expires_at: now.plus(Duration::from_mins(1)),
        };
        let route = SipRoute {
            received: "udp:192.0.2.1:5060".into(),
            path: String::new(),
            call_id: "1".into(),
            cseq: 1,
            preference: 50,
            edge: String::new(),
        };
        assert_eq!(
            listed(&one, Some(&route), now).unwrap(),
            "<sip:1001@192.0.2.1;transport=udp>;expires=60;q=0.050;+sip.instance=\"<urn:uuid:1>\";reg-id=2"
        );
        one.instance_id = "sip:1001@192.0.2.1".into();
        assert_eq!(
            listed(&one, None, now).unwrap(),
            "<sip:1001@192.0.2.1;transport=udp>;expires=60"
        );
        one.contact_address = String::new();
        assert_eq!(listed(&one, None, now), None);
    }

    #[test]
    fn lifetimes_are_kept_within_bounds() {
        let contact = |expires| Contact {
            uri: "sip:a@b".into(),
            key: "k".into(),
            expires,
            preference: 1000,
            outbound: false,
            push: false,
        };
        let bound = |own, general| {
            bind(&contact(own), general)
                .map(|one| one.expires)
                .map_err(|(status, _)| status)
        };
        assert_eq!(bound(Some(60), Some(0)), Ok(60));
        assert_eq!(bound(None, Some(90)), Ok(90));
        assert_eq!(bound(None, None), Ok(LONGEST));
        assert_eq!(bound(Some(u32::MAX), None), Ok(LONGEST));
        assert_eq!(bound(Some(0), Some(90)), Ok(0));
        assert_eq!(bound(Some(59), None), Err(423));
    }

    #[test]
    fn a_domain_is_plain() {
        assert!(is_host("one.example") && is_host("2001:db8::1"));
        assert!(!is_host("a\"b") && !is_host("a\\b") && !is_host(&"a".repeat(256)));
    }
}
