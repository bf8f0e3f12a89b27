//! Getting back in with a link by mail.

use jackfield_domain::{
    Actor, Error, Field, NewPassword, Result, Rule, SessionKind, Tenant, Thing, TokenPurpose, Violation,
    Violations,
};

use crate::{Directory, Mail, policy, secrets::token_hash, sign_in::NO_MAIL, work::in_work};

/// Who has forgotten his password.
#[derive(Debug, Clone)]
pub struct ForgottenPassword {
    /// The SIP domain of his tenant; none for accounts of the installation.
    pub domain: Option<String>,
    /// His name.
    pub username: String,
    /// The page that the link in the mail leads to; the token is added to its query.
    pub callback_url: String,
    /// Where the request came from.
    pub source: String,
}

impl Directory {
    /// Mails a link to set a new password. The answer does not tell whether there is such an account: the mail is sent
    /// afterwards, if there is one to send.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] without a mail server; [`Error::Invalid`] for a callback address that does not belong to
    /// the installation or the tenant, since the link carries a key to the account; [`Error::TooMany`].
    pub async fn forget_password(&self, forgotten: ForgottenPassword) -> Result<()> {
        let mailer = self.inner.mailer.clone().ok_or(Error::NotConfigured(NO_MAIL))?;
        let key = format!("forget\0{}", forgotten.source);
        self.inner.codes.check(&key, self.now())?;
        self.inner.codes.failed(&key, self.now());
        let tenant = match &forgotten.domain {
            Some(domain) => {
                self.store()
                    .tenant_by_domain(&domain.to_ascii_lowercase())
                    .await?
            }
            None => None,
        };
        self.check_callback(&forgotten.callback_url, tenant.as_ref())?;
        let account = self
            .account(&forgotten.username, forgotten.domain.as_deref())
            .await?;
        let Some(user) = account
            .map(|account| account.user)
            .filter(|user| user.enabled && !user.email.is_empty())
        else {
            return Ok(());
        };
        let directory = self.clone();
        tokio::spawn(async move {
            let sent = async {
                let token = directory
                    .begin_step(&user, SessionKind::Reset, TokenPurpose::Reset)
                    .await?;
                let joint = if forgotten.callback_url.contains('?') {
                    '&'
                } else {
                    '?'
                };
                let text = format!(
                    "Somebody, perhaps you, asked for a new password for {}.\n\nTo set one, open\n\n  {}{joint}token={token}\n\n\
                     The link serves once and for 10 minutes. If you did not ask for it, do nothing.\n",
                    user.name, forgotten.callback_url
                );
                let mail = Mail {
                    to: user.email,
                    subject: "Set a new password".into(),
                    text,
                    calendar: None,
                };
                mailer
                    .send(mail)
                    .await
                    .map_err(|error| Error::Unavailable(Box::new(error)))
            };
            if let Err(error) = sent.await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a link to reset a password was not sent"
                );
            }
        });
        Ok(())
    }

    /// Sets a new password with the token of a mailed link, and ends all sessions of the account.
    ///
    /// # Errors
    /// `Spent(ResetLink)`; [`Error::Invalid`] when the password breaks the policy, and then the link still serves.
    pub async fn reset_password(&self, token: &str, new_password: &str) -> Result<()> {
        let (_, session) = self.step(token, TokenPurpose::Reset, Thing::ResetLink).await?;
        let user = policy::existing_user(self.store().as_reads(), session.tenant, session.user).await?;
        let rules = policy::password_policy(self.store().as_reads(), session.tenant).await?;
        let mut found = Violations::new();
        let new = NewPassword::Plain(new_password.to_owned());
        policy::judge_password(
            &mut found,
            &rules,
            Field::NewPassword,
            &new,
            &user.account_information(),
        );
        found.finish()?;
        let hash = self.inner.hashing.hash(self.entropy(), new_password).await?;
        let actor = Actor {
            tenant: session.tenant,
            user: Some(session.user),
        };
        in_work!(self, session.tenant, actor, |work| {
            let now = work.now();
            if !work.use_token(session.tenant, &token_hash(token), now).await? {
                return Err(Error::Spent(Thing::ResetLink));
            }
            let mut user = policy::existing_user(work.as_reads(), session.tenant, session.user).await?;
            // He has chosen it himself.
            user.must_change_password = false;
            self.store_password(&mut work, user, &hash, None).await?;
        })
    }

    /// Whether a link with a key to an account may lead to an address: only to the installation itself or to the tenant.
    fn check_callback(&self, url: &str, tenant: Option<&Tenant>) -> Result<()> {
        let host = host_of(url);
        let public = self.inner.public_url.as_deref().and_then(host_of);
        let site = tenant.and_then(|tenant| host_of(&tenant.website));
        let domain = tenant.map(|tenant| tenant.domain.clone());
        if host.is_some() && [public, site, domain].contains(&host) {
            return Ok(());
        }
        let text = "must be an http or https address on the host of the installation, or on the tenant's domain or website";
        Err(Error::invalid(Violation::new(
            Field::CallbackUrl,
            Rule::Other(text.into()),
        )))
    }
}

/// The host of an http address in lower case, without user and port.
fn host_of(url: &str) -> Option<String> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    if url
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
    {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    if authority.contains('@') {
        return None;
    }
    let host = match authority.strip_prefix('[') {
        Some(literal) => literal.split(']').next()?,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn hosts_of_addresses() {
        assert_eq!(
            host_of("https://PBX.example.com:8443/reset?x=1").as_deref(),
            Some("pbx.example.com")
        );
        assert_eq!(host_of("http://[::1]:8887/").as_deref(), Some("::1"));
        for bad in [
            "",
            "ftp://a",
            "https://",
            "https://pbx.example.com@evil.example/",
            "https:\\\\a",
            "javascript:x",
        ] {
            assert_eq!(host_of(bad), None, "{bad}");
        }
    }
}
