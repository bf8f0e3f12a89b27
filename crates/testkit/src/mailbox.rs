//! A mail server that keeps what it is given.

use std::time::Duration;

use async_trait::async_trait;
use jackfield_directory::{Mail, MailError, Mailer};
use parking_lot::Mutex;
use tokio::{sync::Notify, time::timeout};

/// How long a mail is waited for; it is sent by a task of the server's own, so it may come after the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A mail that was sent.
#[derive(Debug, Clone)]
pub struct Received {
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The method of the calendar entry that came with it, and the entry.
    pub calendar: Option<(&'static str, String)>,
}

impl Received {
    /// The one-time code in it: the first word of six digits.
    pub fn code(&self) -> String {
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        let mut words = self.text.split(|c: char| !c.is_ascii_alphanumeric());
        words.find(is_code).expect("the mail has a code").to_owned()
    }

    /// The token in the link that it contains.
    pub fn link_token(&self) -> String {
        let (_, rest) = self
            .text
            .split_once("token=")
            .expect("the mail has a link with a token");
        rest.split_whitespace().next().expect("the link ends").to_owned()
    }
}

/// Keeps every mail until the test takes it.
#[derive(Debug, Default)]
pub struct Mailbox {
    mails: Mutex<Vec<Received>>,
    arrived: Notify,
}

impl Mailbox {
    /// The oldest mail that nobody has taken yet. Waits for it, and fails the test when none comes.
    pub async fn await_mail(&self) -> Received {
        let arrival = async {
            loop {
                let arrived = self.arrived.notified();
                if let Some(mail) = self.take() {
                    return mail;
                }
                arrived.await;
            }
        };
        timeout(PATIENCE, arrival)
            .await
            .expect("a mail comes within ten seconds")
    }

    /// The oldest mail that nobody has taken yet, if there is one.
    pub fn take(&self) -> Option<Received> {
        let mut mails = self.mails.lock();
        (!mails.is_empty()).then(|| mails.remove(0))
    }
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let Mail {
            to,
            subject,
            text,
            calendar,
        } = mail;
        self.mails.lock().push(Received {
            to,
            subject,
            text,
            calendar: calendar.map(|calendar| (calendar.method, calendar.content)),
        });
        self.arrived.notify_one();
        Ok(())
    }
}
