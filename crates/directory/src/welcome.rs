//! The mail to somebody who has just got an account: his name, and a link with which he chooses his password.

use std::time::Duration;

use jackfield_domain::{
    Error, Field, Grant, NewPassword, NewUser, Result, Rule, SessionKind, Tenant, TokenPurpose, User,
    Violations, capability::ManageUsers, text::is_email,
};

use crate::{Belongings, Directory, Mail, WelcomeTo, work::Work};

/// How long the link serves: whoever gets an account on a Friday finds it on Monday.
const LASTS: Duration = Duration::from_hours(72);

/// What is wrong when no such mail can be sent.
const NO_MAIL: &str = "cannot be sent: no mail server is set up (JACKFIELD_SMTP_URL and JACKFIELD_SMTP_FROM); make the user without \
                       that mail";

/// A mail that waits for the commit of its account.
pub(crate) struct Welcome(Mail);

impl Directory {
    /// A password that nobody knows, for a user who is to choose his own.
    ///
    /// # Errors
    /// [`Error::Internal`] when it cannot be hashed.
    pub async fn unknown_password(&self) -> Result<NewPassword> {
        let password = self.random_password();
        let hash = self.inner.hashing.hash(self.entropy(), &password).await?;
        Ok(NewPassword::Hashed(hash))
    }

    /// The address that such a mail goes to, if one is wanted; what stands against it is added to `found`.
    pub(crate) async fn welcome_address(
        &self,
        grant: &Grant<ManageUsers>,
        new: &NewUser,
        belongings: &Belongings,
        found: &mut Violations,
    ) -> Result<Option<String>> {
        let Some(to) = &belongings.welcome else {
            return Ok(None);
        };
        if self.inner.mailer.is_none() || self.inner.public_url.is_none() {
            found.add(Field::Welcome, Rule::Other(NO_MAIL.to_owned()));
        }
        Ok(Some(match to {
            WelcomeTo::User => {
                if new.email.is_empty() {
                    found.add(Field::Email, Rule::Required);
                }
                new.email.clone()
            }
            WelcomeTo::Address(address) => {
                if !is_email(address) {
                    found.add(
                        Field::WelcomeAddress,
                        Rule::Form("an address like name@example.com"),
                    );
                }
                address.clone()
            }
            WelcomeTo::Maker => {
                let caller = grant.caller();
                let maker = match caller.user {
                    Some(user) => self.store().user(caller.home, user).await?,
                    None => None,
                };
                let own = maker.map(|user| user.email).unwrap_or_default();
                if own.is_empty() {
                    let rule = Rule::Other("is required: your own account has no e-mail address".into());
                    found.add(Field::WelcomeAddress, rule);
                }
                own
            }
        }))
    }

    /// The mail about a user to this address, with a link that serves once this unit of work is committed.
    pub(crate) async fn welcome(
        &self,
        work: &mut Work,
        user: &User,
        tenant: &Tenant,
        to: &str,
    ) -> Result<Welcome> {
        let url = self
            .inner
            .public_url
            .as_deref()
            .ok_or(Error::NotConfigured(NO_MAIL))?;
        let token = self
            .step_in(work, user, SessionKind::Reset, TokenPurpose::Reset, LASTS)
            .await?;
        let (whom, whose) = if to == user.email {
            ("you", "Your".to_owned())
        } else {
            (
                "somebody whom you are to tell",
                format!("{}: the", user.display_name),
            )
        };
        let text = format!(
            "{} has made an account for {whom}.\n\n{whose} user name is {} and the domain is {}. To choose the password, open\n\n  \
             {}/password?token={token}\n\nThe link serves once and for three days.\n",
            tenant.name,
            user.name,
            tenant.domain,
            url.trim_end_matches('/'),
        );
        Ok(Welcome(Mail {
            to: to.to_owned(),
            subject: "Your account".into(),
            text,
            calendar: None,
        }))
    }

    /// Sends it, by a task of its own: the account is made whether the mail server answers or not, and the log says when it
    /// does not.
    pub(crate) fn send_welcome(&self, Welcome(mail): Welcome) {
        let Some(mailer) = self.inner.mailer.clone() else {
            return;
        };
        tokio::spawn(async move {
            if let Err(error) = mailer.send(mail).await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the mail to a new user was not sent"
                );
            }
        });
    }
}
