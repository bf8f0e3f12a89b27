//! Small things between our words and the library's.

use rsipstack::{
    dialog::{dialog::DialogState, invitation::InviteOption, invite_dialog::InviteDialog},
    sip::{Auth, HasHeaders, Header, Headers, Param, Request, Response, Scheme, StatusCode, Transport, Uri},
    transaction::transaction::{TransactionEvent, TransactionEventSender},
    transport::TransportLayer,
};

use crate::{stack::Wire, syntax::NameAddr};

/// Whether an address of `To` or `From` has a tag, and so belongs to a dialog.
pub(super) fn has_tag(value: &str) -> bool {
    NameAddr::read(value).is_some_and(|address| address.param("tag").is_some())
}

/// The address of ours that a side of a call sends its requests to: a listener of its protocol. A telephone that speaks TCP only
/// could not end a call without being told the transport.
pub(crate) fn contact(transport: &TransportLayer, wire: Wire) -> Option<Uri> {
    let wanted = wire.transport();
    let same = |own: Option<Transport>| match (own, wanted) {
        (None, Transport::Udp) | (Some(Transport::Wss), Transport::Ws) => true,
        (own, wanted) => own == Some(wanted),
    };
    let address = transport
        .get_listen_addrs()
        .into_iter()
        .find(|address| same(address.r#type))?;
    Some(Uri {
        scheme: Some(Scheme::Sip),
        auth: None,
        host_with_port: address.addr,
        params: vec![Param::Transport(wanted)],
        ..Uri::default()
    })
}

/// The address of a number at a host. The library writes what an address does not take in hexadecimal (RFC 3261 §25.1).
pub(crate) fn address(number: &str, host: &str) -> Option<Uri> {
    let bracketed = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    let mut uri = Uri::try_from(format!("sip:{bracketed}")).ok()?;
    uri.auth = Some(Auth {
        user: number.to_owned(),
        password: None,
    });
    Some(uri)
}

/// The type of a body.
fn content_type(headers: &[Header]) -> Vec<Header> {
    let of = |header: &&Header| matches!(header, Header::ContentType(_));
    headers.iter().find(of).cloned().into_iter().collect()
}

/// What both sides agree on directly and the edge hands on as it is: how long the session lasts without being renewed, and who
/// renews it (RFC 4028).
pub(super) fn passed_on(headers: &Headers) -> Vec<Header> {
    let timer = |value: &str| {
        value
            .split(',')
            .any(|tag| tag.trim().eq_ignore_ascii_case("timer"))
    };
    let pass = |header: &Header| match header {
        Header::SessionExpires(_) | Header::MinSE(_) => Some(header.clone()),
        Header::Supported(value) => timer(value.value()).then(|| Header::Supported("timer".into())),
        Header::Require(value) => timer(value.value()).then(|| Header::Require("timer".into())),
        _ => None,
    };
    headers.iter().filter_map(pass).collect()
}

/// Whether an invitation says for how long its session lasts without being renewed.
pub(super) fn has_session(option: &InviteOption) -> bool {
    let mut headers = option.headers.iter().flatten();
    headers.any(|header| matches!(header, Header::SessionExpires(_)))
}

/// For how many seconds a session has to last at least, as an answer of 422 says.
pub(super) fn least_session(response: &Response) -> Option<u32> {
    let mut found = response.headers().iter().filter_map(|header| match header {
        Header::MinSE(value) => value.value().split(';').next()?.trim().parse().ok(),
        _ => None,
    });
    found.next()
}

/// Lets the session of an invitation last so long at least.
pub(super) fn lasts_longer(option: &mut InviteOption, least: u32) {
    let headers = option.headers.get_or_insert_default();
    headers.retain(|header| !matches!(header, Header::MinSE(_)));
    for header in headers.iter_mut() {
        if let Header::SessionExpires(value) = header {
            let (seconds, rest) = value.value().split_once(';').unwrap_or((value.value(), ""));
            let seconds = seconds.trim().parse().map_or(least, |own: u32| own.max(least));
            let separator = if rest.is_empty() { "" } else { ";" };
            *header = Header::SessionExpires(format!("{seconds}{separator}{rest}").into());
        }
    }
    headers.push(Header::MinSE(least.to_string().into()));
}

/// The body of a request, with the header that says what it is.
pub(super) fn body_of_request(request: &Request) -> (Option<Vec<Header>>, Option<Vec<u8>>) {
    body(request.headers(), &request.body)
}

/// The body of an answer, with the header that says what it is.
pub(super) fn body_of_response(response: &Response) -> (Option<Vec<Header>>, Option<Vec<u8>>) {
    body(response.headers(), &response.body)
}

/// A session description as the body of an answer, with what else that has to say.
pub(super) fn with_description(
    headers: &Headers,
    description: &[u8],
) -> (Option<Vec<Header>>, Option<Vec<u8>>) {
    let mut told = passed_on(headers);
    told.push(sdp());
    (Some(told), Some(description.to_vec()))
}

fn body(headers: &Headers, body: &[u8]) -> (Option<Vec<Header>>, Option<Vec<u8>>) {
    let mut told = passed_on(headers);
    if body.is_empty() {
        return (Some(told), None);
    }
    told.extend(content_type(&headers.0));
    (Some(told), Some(body.to_vec()))
}

/// Whether headers say that their body is a session description.
pub(super) fn is_description(headers: &Headers) -> bool {
    let kind = headers.iter().find_map(|header| match header {
        Header::ContentType(value) => value.value().split(';').next(),
        _ => None,
    });
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/sdp"))
}

/// Tells a caller what he may hear before anybody answers, with the status that the called side said. Whoever is gone is noticed
/// elsewhere.
pub(super) fn early(
    caller: &InviteDialog,
    answers: &TransactionEventSender,
    status: u16,
    description: &[u8],
) {
    let told = if status == 180 {
        // The library says 183 with every body. What it says without one is told again with it.
        caller.ringing(None, None)
    } else {
        caller.ringing(Some(vec![sdp()]), Some(description.to_vec()))
    };
    if let Err(error) = told {
        return tracing::debug!("the caller could not be told what he may hear: {error}");
    }
    if let (180, DialogState::Early(_, mut response)) = (status, caller.state()) {
        let length = u32::try_from(description.len()).unwrap_or(u32::MAX);
        response
            .headers
            .retain(|header| !matches!(header, Header::ContentLength(_)));
        response.headers.push(sdp());
        response.headers.push(Header::ContentLength(length.into()));
        response.body = description.to_vec();
        let _ = answers.send(TransactionEvent::Respond(response));
    }
}

/// The header of a session description.
pub(super) fn sdp() -> Header {
    Header::ContentType("application/sdp".into())
}

/// Whether an answer is one of success.
pub(super) fn is_good(response: &Response) -> bool {
    (200..300).contains(&status(response))
}

/// The value of `Reason` (RFC 3326).
pub(super) fn reason(status: u16, because: &str) -> String {
    let text: String = because
        .chars()
        .filter(|c| !matches!(c, '"' | '\\') && !c.is_control())
        .collect();
    format!("SIP;cause={status};text=\"{text}\"")
}

/// A name as `From` has it.
pub(super) fn quoted(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '"' | '\\') && !c.is_control())
        .collect()
}

/// The status of an answer.
pub(super) fn status(response: &Response) -> u16 {
    response.status_code.code()
}

/// A status by its number.
pub(super) fn code(status: u16) -> StatusCode {
    StatusCode::from(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_take_hosts_of_every_kind_and_any_user() {
        for (user, host, written) in [
            ("+49", "a.example", "sip:+49@a.example"),
            ("+49", "192.0.2.1", "sip:+49@192.0.2.1"),
            ("+49", "2001:db8::1", "sip:+49@[2001:db8::1]"),
            ("a b@c\r\n", "a.example", "sip:a%20b%40c%0D%0A@a.example"),
        ] {
            assert_eq!(address(user, host).unwrap().to_string(), written);
        }
    }
}
