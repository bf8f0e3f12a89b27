//! Mail, over SMTP.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::Uri;
use jackfield_directory::{CalendarPart, Mail, MailError, Mailer};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart, header::ContentType};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::config::{Secret, Wrong};

/// How long one command of the conversation with the mail server may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail that was not sent, for this reason. Every reason says what to do or what the mail server said.
fn unsent(reason: impl Into<String>) -> MailError {
    MailError(reason.into().into())
}

/// Where the mail server is, who we are to it, and whether TLS is spoken.
///
/// `smtps://` is TLS from the start. `smtp://` is STARTTLS, and goes no further without; only a server on this machine,
/// or one for which `?tls=none` was written, is spoken to in the clear. Its `Debug` prints `…`.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(Secret);

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl SmtpUrl {
    /// Reads a URL of the form `smtp[s]://[user:password@]host[:port][/name][?tls=required|none]`; `name` is how this
    /// machine introduces itself.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let instead = "write `smtps://user:password@host` or `smtp://user:password@host:port`, with special characters \
                       in the user and the password percent-encoded";
        let wrong = |wrong: &str| Wrong::new(wrong, instead);
        let uri: Uri = text.parse().map_err(|_| wrong("is not a URL"))?;
        let scheme = uri
            .scheme_str()
            .filter(|scheme| ["smtp", "smtps"].contains(scheme));
        let scheme = scheme.ok_or_else(|| wrong("begins neither with `smtp://` nor with `smtps://`"))?;
        let host = uri
            .host()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| wrong("names no host"))?;
        if let Some((user, _)) = uri
            .authority()
            .and_then(|authority| authority.as_str().rsplit_once('@'))
            && user
                .split_once(':')
                .is_none_or(|(user, password)| user.is_empty() || password.is_empty())
        {
            return Err(wrong(
                "has a user without a password, or a password without a user",
            ));
        }
        let starttls = match (scheme, uri.query()) {
            ("smtps", None) => "",
            ("smtps", Some(_)) => return Err(wrong("needs no parameters: `smtps` always speaks TLS")),
            (_, None) if local(host) => "",
            (_, Some("tls=none")) => "",
            (_, None | Some("tls=required")) => "?tls=required",
            (_, Some(_)) => {
                return Err(wrong(
                    "has a parameter that is neither `tls=required` nor `tls=none`",
                ));
            }
        };
        let bare = text.split_once('?').map_or(text, |(bare, _)| bare);
        let url = Secret::new(format!("{bare}{starttls}"));
        AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose())
            .map_err(|_| wrong("is not understood by the mail client"))?;
        Ok(Self(url))
    }
}

/// Whether `host`, as a URL writes it, is this machine.
fn local(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Sends mails through a mail server. Every mail is a conversation of its own: a server that sends a few mails a day
/// holds no connection open.
#[derive(Debug, Clone)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    /// A mailer that hands mails of `from` to the server at `url`. Nothing is connected yet.
    pub fn new(url: &SmtpUrl, from: Mailbox) -> Result<Self, MailError> {
        // The client's own words may repeat the URL, and with it the password.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.0.expose())
            .map_err(|_| unsent("JACKFIELD_SMTP_URL is not understood by the mail client"))?;
        Ok(Self {
            transport: builder.timeout(Some(PATIENCE)).build(),
            from,
        })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let to = mail
            .to
            .parse()
            .map_err(|_| unsent("the recipient is not a mail address"))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .message_id(None)
            .subject(mail.subject);
        let message = match mail.calendar {
            None => message.header(ContentType::TEXT_PLAIN).body(mail.text),
            Some(calendar) => message.multipart(with_calendar(mail.text, calendar)?),
        }
        .map_err(|error| unsent(format!("it cannot be put into the form of a mail: {error}")))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(unsent(format!(
                "{error}; check JACKFIELD_SMTP_URL and the mail server's log"
            ))),
        }
    }
}

/// A text with a calendar entry: for programs that offer to accept it beside the text, and for all others as a file.
fn with_calendar(text: String, calendar: CalendarPart) -> Result<MultiPart, MailError> {
    let entry: ContentType = format!("text/calendar; charset=utf-8; method={}", calendar.method)
        .parse()
        .map_err(|_| unsent("the type of the calendar entry is not understood by the mail client"))?;
    let file: ContentType = "application/ics"
        .parse()
        .map_err(|_| unsent("the type of the calendar file is not understood by the mail client"))?;
    let alternatives = MultiPart::alternative()
        .singlepart(SinglePart::plain(text))
        .singlepart(SinglePart::builder().header(entry).body(calendar.content.clone()));
    Ok(MultiPart::mixed()
        .multipart(alternatives)
        .singlepart(Attachment::new("invite.ics".to_owned()).body(calendar.content, file)))
}

/// Stands where there is no mail server: it sends nothing and says so.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMailer;

#[async_trait]
impl Mailer for NoMailer {
    async fn send(&self, _: Mail) -> Result<(), MailError> {
        Err(unsent(
            "this server has no mail server; set JACKFIELD_SMTP_URL and JACKFIELD_SMTP_FROM",
        ))
    }
}

#[cfg(test)]
mod tests;
