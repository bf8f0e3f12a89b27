//! Keeps this installation registered at a provider, so that it knows where to send calls to (RFC 3261 §10.2), and asks it for signs
//! of life in between.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jackfield_directory::Trunk;
use rsipstack::{
    dialog::authenticate::{AuthRetry, handle_client_authenticate},
    sip::{
        HasHeaders, Header, HostWithPort, Method, Request, Response, SipMessage, StatusCode, Uri,
        prelude::HeadersExt,
        typed::{From, To},
    },
    transaction::{
        key::{TransactionKey, TransactionRole},
        make_tag,
        transaction::Transaction,
    },
    transport::{SipAddr, SipConnection},
};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

use super::{address, alive, dial::credential, wire};
use crate::{
    Context,
    call::sip,
    stack::Wire,
    syntax::{self, NameAddr},
};

/// A provider that does not answer for so long is asked again later.
const ANSWER: Duration = Duration::from_secs(10);
/// How long the first pause after a failure is; each further one twice as long, up to the last.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LAST_PAUSE: Duration = Duration::from_mins(5);
/// The shortest pause after a refusal: providers shut those out who ask in vain.
const REFUSED_PAUSE: Duration = Duration::from_secs(30);
/// How often the right to keep a trunk is renewed, and how soon it is asked for again when another process has it.
const HOLD: Duration = Duration::from_secs(20);
/// For how long is registered when the trunk does not say it, and the least that is asked for.
const EXPIRES: u32 = 600;
const LEAST: u32 = 60;
/// For how long a provider that is to forget us is waited for.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why somebody is not registered.
enum Failure {
    /// Nobody answered, or there is no way to the provider.
    Silent(String),
    /// He does not want it.
    Refused(StatusCode),
}

/// One registration, from request to request.
struct Registration {
    call_id: Option<String>,
    sequence: u32,
    /// Where the provider sees us, when that is not where we think that we are.
    seen: Option<HostWithPort>,
}

/// How a registration begins and ends.
pub(super) struct Span {
    /// Done when the registration that this one takes the place of has ended: they have the same line.
    pub(super) before: Option<oneshot::Receiver<()>>,
    /// Told when it is to end.
    pub(super) stop: oneshot::Receiver<()>,
    /// Dropped when it has ended.
    pub(super) ended: oneshot::Sender<()>,
}

/// Keeps a trunk registered, and asks for signs of life, until it is told to stop. Only the process that holds the trunk does so.
pub(super) async fn keep(context: Context, trunk: Arc<Trunk>, mut span: Span) {
    if let Some(before) = span.before.take() {
        // Nothing is ever sent: it ends when its sender is dropped.
        let _ = before.await;
    }
    let mut registration = Registration {
        call_id: None,
        sequence: 0,
        seen: None,
    };
    let (registers, signs) = (trunk.provider.registers(), trunk.provider.signs_of_life());
    // Until when the provider is known to be there, and to have the registration when there is to be one.
    let mut online: Option<Instant> = None;
    let (mut asked, mut pause, mut due) = (false, FIRST_PAUSE, Instant::now());
    // The next sign of life, and the number of the last one.
    let (mut sign, mut number) = (Instant::now(), 0);
    loop {
        let held = hold(&context, &trunk, online).await;
        let now = Instant::now();
        if held && registers && now >= due {
            asked = true;
            let answer = tokio::select! {
                _ = &mut span.stop => break,
                answer = registration.ask_for(&context, &trunk, interval(&trunk)) => answer,
            };
            let wait = match answer {
                Ok(granted) => {
                    if online.is_none() {
                        tracing::info!(trunk = %trunk.provider.name, "registered at the provider");
                    }
                    let granted = Duration::from_secs(granted.into());
                    (online, pause) = (Some(Instant::now() + granted), FIRST_PAUSE);
                    // Some time is left for a second try.
                    granted * 5 / 6
                }
                Err(failure) => {
                    let (why, wait) = match failure {
                        Failure::Silent(why) => (why, pause),
                        Failure::Refused(status) => {
                            (format!("it answers {status}"), pause.max(REFUSED_PAUSE))
                        }
                    };
                    tracing::warn!(trunk = %trunk.provider.name, "not registered at the provider: {why}");
                    (online, pause) = (None, (pause * 2).min(LAST_PAUSE));
                    wait
                }
            };
            due = Instant::now() + wait;
            // An answer is a sign of life as well.
            sign = Instant::now() + signs.unwrap_or_default();
            // What has just changed is told at once.
            continue;
        }
        // Who has no registration is asked for one instead.
        let signs = signs.filter(|_| held && (!registers || online.is_some()));
        if let Some(every) = signs
            && now >= sign
        {
            number += 1;
            let answer = tokio::select! {
                _ = &mut span.stop => break,
                answer = alive::ask(&context, &trunk, number) => answer,
            };
            let now = Instant::now();
            match answer {
                Ok(()) if registers => sign = now + every,
                Ok(()) => {
                    // Until the next one has been waited for.
                    (online, pause) = (Some(now + every + ANSWER + HOLD), FIRST_PAUSE);
                    sign = now + every;
                }
                Err(why) => {
                    tracing::warn!(trunk = %trunk.provider.name, "the provider gives no sign of life: {why}");
                    (online, due) = (None, now);
                    sign = now + pause.min(every);
                    pause = (pause * 2).min(LAST_PAUSE);
                }
            }
            continue;
        }
        let mut next = now + HOLD;
        if held {
            next = if registers { next.min(due) } else { next };
            next = if signs.is_some() { next.min(sign) } else { next };
        } else {
            // Whoever has it asks; when that ends, this process begins anew.
            (online, due, sign) = (None, now, now);
        }
        tokio::select! {
            _ = &mut span.stop => break,
            () = tokio::time::sleep_until(next) => {}
        }
    }
    if asked {
        // It forgets us by itself when it cannot be told.
        let _ = timeout(FAREWELL, registration.ask_for(&context, &trunk, 0)).await;
    }
    super::release(&context, &trunk).await;
    drop(span.ended);
}

/// Whether this process may keep the trunk. Everybody may know for how long its provider is known to be there.
async fn hold(context: &Context, trunk: &Trunk, online: Option<Instant>) -> bool {
    let (tenant, id) = (trunk.provider.tenant, trunk.provider.id);
    let left = online.map(|until| until.saturating_duration_since(Instant::now()));
    match context
        .directory()
        .hold_trunk(tenant, id, context.name(), left.unwrap_or_default())
        .await
    {
        Ok(held) => held,
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the state of a trunk could not be stored"
            );
            false
        }
    }
}

/// For how many seconds a trunk asks to be registered.
fn interval(trunk: &Trunk) -> u32 {
    match u32::try_from(trunk.provider.settings.register_interval) {
        Ok(0) | Err(_) => EXPIRES,
        Ok(seconds) => seconds.max(LEAST),
    }
}

impl Registration {
    /// Asks each address of the provider in turn; gives the seconds that it grants.
    async fn ask_for(&mut self, context: &Context, trunk: &Trunk, expires: u32) -> Result<u32, Failure> {
        let settings = &trunk.provider.settings;
        let (host, port) = address::next_hop(&trunk.provider.hostname, settings);
        let mut failure = Failure::Silent("its host is not known".to_owned());
        for address in address::resolve(host, port).await {
            failure = match self.ask(context, trunk, (host, address), expires).await {
                Err(Failure::Silent(why)) => Failure::Silent(why),
                answer => return answer,
            };
        }
        Err(failure)
    }

    /// Asks one address: once more with a proof, and once more for a longer time, when it wants that.
    async fn ask(
        &mut self,
        context: &Context,
        trunk: &Trunk,
        (host, address): (&str, SocketAddr),
        expires: u32,
    ) -> Result<u32, Failure> {
        let silent = |error: String| Failure::Silent(error);
        let wire = wire(trunk.provider.settings.transport);
        let destination = context.stack().dial(wire, address, host).await;
        let destination = destination.map_err(|error| silent(error.to_string()))?;
        let mut expires = expires;
        for _ in 0..2 {
            let exchange = self.exchange(context, trunk, (wire, address, &destination), expires);
            let response = timeout(ANSWER, exchange).await;
            let response = response
                .map_err(|_| silent(format!("no answer within {ANSWER:?}")))?
                .map_err(|error| silent(error.to_string()))?;
            match response.status_code {
                StatusCode::OK => return Ok(granted(&response, &trunk.line, expires)),
                StatusCode::IntervalTooBrief => match least(&response) {
                    Some(least) if least > expires => expires = least,
                    _ => return Err(Failure::Refused(response.status_code)),
                },
                // The library's own, for a provider that says nothing.
                StatusCode::RequestTimeout => return Err(silent("no answer".to_owned())),
                status => return Err(Failure::Refused(status)),
            }
        }
        Err(Failure::Refused(StatusCode::IntervalTooBrief))
    }

    /// One request and its final answer, with a proof when one is asked for.
    async fn exchange(
        &mut self,
        context: &Context,
        trunk: &Trunk,
        (wire, address, destination): (Wire, SocketAddr, &SipAddr),
        expires: u32,
    ) -> rsipstack::Result<Response> {
        let missing = |what: &str| rsipstack::Error::Error(format!("there is no {what}"));
        let own = context.stack().contact(wire, address.is_ipv4(), &trunk.line);
        let own = own.ok_or_else(|| missing("listener for it"))?;
        let request = self.request(context, trunk, &own, expires)?;
        let endpoint = context.stack().endpoint();
        let key = TransactionKey::from_request(&request, TransactionRole::Client)?;
        let mut transaction = Transaction::new_client(key, request, endpoint.clone(), None);
        transaction.destination = Some(destination.clone());
        transaction.send().await?;
        let mut retry = AuthRetry::new();
        while let Some(message) = transaction.receive().await {
            let SipMessage::Response(response) = message else {
                continue;
            };
            match response.status_code {
                StatusCode::Unauthorized | StatusCode::ProxyAuthenticationRequired => {
                    let Some(credential) = credential(trunk).filter(|_| retry.should_answer(&response))
                    else {
                        return Ok(response);
                    };
                    self.notice(trunk, &own, &response);
                    self.sequence += 1;
                    transaction =
                        handle_client_authenticate(self.sequence, &transaction, response, &credential)
                            .await?;
                    let contact = self.contact(&own);
                    for header in &mut transaction.original.headers_mut().0 {
                        if header.name() == "Contact" {
                            *header = Header::Contact(contact.clone().into());
                        }
                    }
                    transaction.send().await?;
                }
                ref status if status.code() >= 200 => return Ok(response),
                _ => {}
            }
        }
        Err(missing("answer"))
    }

    #[expect(
        clippy::result_large_err,
        reason = "the library's error, which its callers hand on"
    )]
    fn request(
        &mut self,
        context: &Context,
        trunk: &Trunk,
        own: &Uri,
        expires: u32,
    ) -> rsipstack::Result<Request> {
        let (provider, settings) = (&trunk.provider, &trunk.provider.settings);
        let user = if settings.username.is_empty() {
            &settings.auth_id
        } else {
            &settings.username
        };
        let aor = sip::address(user, &provider.hostname)
            .ok_or_else(|| rsipstack::Error::Error("its host is no host".to_owned()))?;
        let registrar = address::uri(provider, "")
            .ok_or_else(|| rsipstack::Error::Error("its host is no host".to_owned()))?;
        self.sequence += 1;
        let endpoint = context.stack().endpoint();
        let via = SipAddr {
            r#type: Some(wire(settings.transport).transport()),
            addr: own.host_with_port.clone(),
        };
        let from = From {
            display_name: None,
            uri: aor.clone(),
            params: Vec::new(),
        };
        let to = To {
            display_name: None,
            uri: aor,
            params: Vec::new(),
        };
        let mut request = endpoint.make_request(
            Method::Register,
            registrar,
            endpoint.get_via(Some(via), None)?,
            from.with_tag(make_tag()),
            to,
            self.sequence,
            self.call_id.clone().map(Into::into),
        );
        // The library gives the first request its name, and the later ones keep it (RFC 3261 §10.2.4).
        self.call_id = Some(request.call_id_header()?.value().to_owned());
        let headers = request.headers_mut();
        headers.push(Header::Contact(self.contact(own).into()));
        headers.push(Header::Expires(expires.into()));
        Ok(request)
    }

    /// Where calls are to be sent: the address that the provider sees, when the trunk says so.
    fn contact(&self, own: &Uri) -> String {
        let mut uri = own.clone();
        if let Some(seen) = &self.seen {
            uri.host_with_port = seen.clone();
        }
        format!("<{uri}>")
    }

    /// Takes note of the address that the provider sees behind a router (RFC 3581).
    fn notice(&mut self, trunk: &Trunk, own: &Uri, response: &Response) {
        let settings = &trunk.provider.settings;
        if settings.inlan || !settings.rewrite_via_ip {
            return;
        }
        let seen = response
            .via_header()
            .ok()
            .and_then(|via| SipConnection::parse_target_from_via(via).ok());
        self.seen = seen
            .map(|(_, seen)| seen)
            .filter(|seen| seen.host != own.host_with_port.host);
    }
}

/// The seconds that were granted for our contact: its own, else those of the answer, else what was asked for.
fn granted(response: &Response, line: &str, asked: u32) -> u32 {
    let seconds = |text: &str| text.trim().parse::<u32>().ok();
    let values = |wanted: &'static str| {
        let headers = response.headers().0.iter();
        headers
            .filter(move |header| header.name().eq_ignore_ascii_case(wanted))
            .map(Header::value)
    };
    let contacts = values("Contact").filter_map(syntax::list).flatten();
    let mut own = contacts
        .filter(|contact| contact.contains(line))
        .filter_map(NameAddr::read);
    let granted = own
        .find_map(|contact| seconds(&contact.param("expires")?))
        .or_else(|| values("Expires").find_map(seconds))
        .unwrap_or(asked);
    granted.min(asked.max(LEAST))
}

/// The least that a provider grants.
fn least(response: &Response) -> Option<u32> {
    let mut headers = response.headers().0.iter();
    let found = headers.find(|header| header.name().eq_ignore_ascii_case("Min-Expires"))?;
    found.value().trim().parse().ok().filter(|least| *least <= 86_400)
}
