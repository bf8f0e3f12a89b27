//! Sending mail, by whatever the server hands in.

use async_trait::async_trait;

/// A mail to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The receiver's address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text. It may hold a one-time code or link, so it is never logged.
    pub text: String,
    /// A calendar entry that comes with it.
    pub calendar: Option<CalendarPart>,
}

/// A calendar entry in a mail, by RFC 5545 and 5546.
#[derive(Clone, PartialEq, Eq)]
pub struct CalendarPart {
    /// What the receiver is to do with it: `REQUEST` or `CANCEL`.
    pub method: &'static str,
    /// The entry, as a file of the type `text/calendar`. It may hold a PIN, so it is never logged.
    pub content: String,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
#[error("the mail was not sent")]
pub struct MailError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands a mail over to the mail server.
    ///
    /// # Errors
    /// When the server does not take it.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}
