//! Signing in, staying signed in, and getting back in.

use std::time::Duration;

use jackfield_domain::{
    Actor, ChangeType, Error, Field, Kind, NewPassword, Result, Rule, Session, SessionId, SessionKind,
    Tenant, TenantId, Thing, Timestamp, Token, TokenPurpose, User, Violation, Violations, text::fold,
};
use jackfield_store::Sequence;
use subtle::ConstantTimeEq;

use crate::{
    Directory, Mail, policy,
    secrets::{new_code, new_token, token_hash},
    work::{Work, in_work},
};

/// How long an access token serves.
const ACCESS: Duration = Duration::from_mins(30);
/// How long a refresh token serves.
const REFRESH: Duration = Duration::from_hours(30 * 24);
/// How long a session can be kept alive by refreshing.
const SESSION: Duration = Duration::from_hours(90 * 24);
/// How long the second step of a sign-in, or a link to reset a password, is awaited.
const STEP: Duration = Duration::from_mins(10);
/// Wrong codes before the sign-in has to begin anew.
const CODE_TRIES: i64 = 5;

/// What somebody signs in with.
#[derive(Clone)]
pub struct SignIn {
    /// The name of the account.
    pub username: String,
    /// Its password.
    pub password: String,
    /// The SIP domain of its tenant; none for accounts of the installation.
    pub domain: Option<String>,
    /// Where the request came from: failures are counted by account and source.
    pub source: String,
}

/// A pair of tokens. Its [`Debug`](std::fmt::Debug) output shows nothing of them.
#[derive(Clone)]
pub struct TokenPair {
    /// Opens requests.
    pub access: String,
    /// Gets the next pair, once.
    pub refresh: String,
    /// How long the access token serves.
    pub expires_in: Duration,
    /// Until when it serves.
    pub expires_at: Timestamp,
    /// The role of the account.
    pub role: String,
}

impl std::fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenPair")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// What a right password leads to.
pub enum SignInOutcome {
    /// Signed in.
    Tokens(TokenPair),
    /// The tenant demands a one-time code; the token names this sign-in.
    CodeNeeded {
        /// For [`Directory::send_code`] and [`Directory::verify_code`].
        token: String,
    },
}

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

const NO_MAIL: &str = "this needs mail: ask the operator to set JACKFIELD_SMTP_URL and JACKFIELD_SMTP_FROM";

struct Account {
    user: User,
    tenant: Option<Tenant>,
}

impl Directory {
    /// Signs in with name and password. An unknown account, a wrong password and a disabled account or tenant answer
    /// alike and take the same time.
    ///
    /// # Errors
    /// [`Error::BadCredentials`]; [`Error::TooMany`] after repeated failures, whatever the password.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<SignInOutcome> {
        let now = self.now();
        let domain = sign_in
            .domain
            .as_deref()
            .map(str::to_ascii_lowercase)
            .unwrap_or_default();
        let key = format!("{}\0{domain}\0{}", fold(&sign_in.username), sign_in.source);
        self.inner.sign_ins.check(&key, now)?;
        self.inner.sources.check(&sign_in.source, now)?;
        let account = self.account(&sign_in.username, sign_in.domain.as_deref()).await?;
        let stored = match &account {
            Some(account) => {
                self.store()
                    .password_hash(account.user.tenant, account.user.id)
                    .await?
            }
            None => None,
        };
        let right = self.inner.hashing.verify(stored, &sign_in.password).await?;
        let usable = |account: &Account| {
            account.user.enabled && account.tenant.as_ref().is_none_or(|tenant| tenant.enabled)
        };
        let Some(account) = account.filter(|account| right && usable(account)) else {
            self.inner.sign_ins.failed(&key, self.now());
            self.inner.sources.failed(&sign_in.source, self.now());
            return Err(Error::BadCredentials);
        };
        self.inner.sign_ins.succeeded(&key);
        if account
            .tenant
            .is_some_and(|tenant| tenant.settings.enable_two_factor_authentication)
        {
            let token = self
                .begin_step(&account.user, SessionKind::AwaitingCode, TokenPurpose::Challenge)
                .await?;
            return Ok(SignInOutcome::CodeNeeded { token });
        }
        let user = &account.user;
        let actor = Actor {
            tenant: user.tenant,
            user: Some(user.id),
        };
        let tokens = in_work!(self, user.tenant, actor, |work| {
            work.purge_sessions(now).await?;
            let session = self
                .new_session(&mut work, user, SessionKind::Password, SESSION)
                .await?;
            work.journal(Kind::Session, session.id.get(), ChangeType::Created)
                .await?;
            self.issue_tokens(&mut work, &session, &user.role).await?
        })?;
        Ok(SignInOutcome::Tokens(tokens))
    }

    /// Trades a refresh token for a new pair. Each serves once; one that comes a second time was copied, so the whole
    /// session ends.
    ///
    /// # Errors
    /// `Spent(RefreshToken)`.
    pub async fn refresh(&self, refresh_token: &str) -> Result<TokenPair> {
        let spent = || Error::Spent(Thing::RefreshToken);
        let hash = token_hash(refresh_token);
        let (token, session) = self.store().token(&hash).await?.ok_or_else(spent)?;
        if token.purpose != TokenPurpose::Refresh {
            return Err(spent());
        }
        let actor = Actor {
            tenant: session.tenant,
            user: Some(session.user),
        };
        let pair = in_work!(self, session.tenant, actor, |work| {
            let now = work.now();
            let user = work.user(session.tenant, session.user).await?;
            let fresh = work.use_token(session.tenant, &hash, now).await?;
            match user {
                Some(user) if fresh && user.enabled && now < token.expires_at && now < session.expires_at => {
                    Some(self.issue_tokens(&mut work, &session, &user.role).await?)
                }
                _ => {
                    if work.delete_session(session.tenant, session.id).await? {
                        work.journal(Kind::Session, session.id.get(), ChangeType::Deleted)
                            .await?;
                    }
                    None
                }
            }
        })?;
        pair.ok_or_else(spent)
    }

    /// Mails a one-time code for a sign-in that awaits one.
    ///
    /// # Errors
    /// `Spent(OneTimeCode)` for an unknown or ended sign-in; [`Error::NotConfigured`] without a mail server or without an
    /// address of the user; [`Error::TooMany`] when codes are asked for too often.
    pub async fn send_code(&self, challenge: &str) -> Result<()> {
        let mailer = self.inner.mailer.clone().ok_or(Error::NotConfigured(NO_MAIL))?;
        let (token, session) = self
            .step(challenge, TokenPurpose::Challenge, Thing::OneTimeCode)
            .await?;
        let user = policy::existing_user(self.store().as_reads(), session.tenant, session.user).await?;
        if user.email.is_empty() {
            return Err(Error::NotConfigured(
                "the account has no e-mail address that a code could be sent to",
            ));
        }
        let key = format!("send\0{}", session.user);
        self.inner.codes.check(&key, self.now())?;
        self.inner.codes.failed(&key, self.now());
        let code = new_code(self.entropy());
        let actor = Actor {
            tenant: session.tenant,
            user: Some(session.user),
        };
        in_work!(self, session.tenant, actor, |work| {
            let mut session = work
                .session(session.tenant, session.id)
                .await?
                .ok_or(Error::Spent(Thing::OneTimeCode))?;
            let tries = session.code.map_or(CODE_TRIES, |(_, tries)| tries);
            session.code = Some((self.sealer().code_hash(session.id.get(), &code), tries));
            work.update_session(&session).await?;
        })?;
        let minutes = token.expires_at.since(self.now()).as_secs().div_ceil(60);
        let text = format!(
            "Your code to sign in is {code}.\n\nIt serves once and for {minutes} minutes. \
             If you did not try to sign in, somebody else knows your password: change it.\n"
        );
        let mail = Mail {
            to: user.email,
            subject: "Your sign-in code".into(),
            text,
            calendar: None,
        };
        mailer
            .send(mail)
            .await
            .map_err(|error| Error::Unavailable(Box::new(error)))
    }

    /// Ends a sign-in with the code that was mailed.
    ///
    /// # Errors
    /// `Spent(OneTimeCode)`: wrong, used, too old, or tried too often.
    pub async fn verify_code(&self, challenge: &str, code: &str) -> Result<TokenPair> {
        let spent = || Error::Spent(Thing::OneTimeCode);
        let (_, session) = self
            .step(challenge, TokenPurpose::Challenge, Thing::OneTimeCode)
            .await?;
        let hash = self.sealer().code_hash(session.id.get(), code.trim());
        let actor = Actor {
            tenant: session.tenant,
            user: Some(session.user),
        };
        let tokens = in_work!(self, session.tenant, actor, |work| {
            let mut session = work
                .session(session.tenant, session.id)
                .await?
                .ok_or_else(spent)?;
            let user = work
                .user(session.tenant, session.user)
                .await?
                .filter(|user| user.enabled)
                .ok_or_else(spent)?;
            let (expected, tries) = session.code.ok_or_else(spent)?;
            let right = tries > 0 && bool::from(expected.ct_eq(&hash));
            if right {
                session.kind = SessionKind::Password;
                session.code = None;
                session.expires_at = work.now().plus(SESSION);
            } else {
                session.code = Some((expected, (tries - 1).max(0)));
            }
            work.update_session(&session).await?;
            if right {
                let now = work.now();
                work.use_token(session.tenant, &token_hash(challenge), now)
                    .await?;
                work.journal(Kind::Session, session.id.get(), ChangeType::Created)
                    .await?;
                Some(self.issue_tokens(&mut work, &session, &user.role).await?)
            } else {
                None
            }
        })?;
        self.inner.codes.succeeded(&format!("send\0{}", session.user));
        tokens.ok_or_else(spent)
    }

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
            let user = policy::existing_user(work.as_reads(), session.tenant, session.user).await?;
            self.store_password(&mut work, user, &hash, None).await?;
        })
    }

    /// The account of this name, and its tenant.
    async fn account(&self, username: &str, domain: Option<&str>) -> Result<Option<Account>> {
        let tenant = match domain.filter(|domain| !domain.is_empty()) {
            Some(domain) => match self
                .store()
                .tenant_by_domain(&domain.to_ascii_lowercase())
                .await?
            {
                Some(tenant) => Some(tenant),
                None => return Ok(None),
            },
            None => None,
        };
        let id = tenant.as_ref().map_or(TenantId::SYSTEM, |tenant| tenant.id);
        let user = self.store().user_by_name(id, &fold(username)).await?;
        Ok(user.map(|user| Account { user, tenant }))
    }

    /// A session and its token for something that ends soon.
    async fn begin_step(&self, user: &User, kind: SessionKind, purpose: TokenPurpose) -> Result<String> {
        let text = new_token(self.entropy());
        let actor = Actor {
            tenant: user.tenant,
            user: Some(user.id),
        };
        in_work!(self, user.tenant, actor, |work| {
            let now = work.now();
            work.purge_sessions(now).await?;
            let session = self.new_session(&mut work, user, kind, STEP).await?;
            work.insert_token(&Token {
                tenant: session.tenant,
                session: session.id,
                hash: token_hash(&text),
                purpose,
                expires_at: session.expires_at,
                used_at: None,
            })
            .await?;
        })?;
        Ok(text)
    }

    /// The live session behind the token of a step.
    async fn step(&self, text: &str, purpose: TokenPurpose, thing: Thing) -> Result<(Token, Session)> {
        let found = self.store().token(&token_hash(text)).await?;
        found
            .filter(|(token, session)| {
                let live = self.now() < token.expires_at && self.now() < session.expires_at;
                token.purpose == purpose && token.used_at.is_none() && live
            })
            .ok_or(Error::Spent(thing))
    }

    async fn new_session(
        &self,
        work: &mut Work,
        user: &User,
        kind: SessionKind,
        lasts: Duration,
    ) -> Result<Session> {
        let session = Session {
            tenant: user.tenant,
            id: SessionId::new(work.next_id(Sequence::Session).await?),
            user: user.id,
            kind,
            acting_in: None,
            created_at: work.now(),
            expires_at: work.now().plus(lasts),
            code: None,
        };
        work.insert_session(&session).await?;
        Ok(session)
    }

    async fn issue_tokens(&self, work: &mut Work, session: &Session, role: &str) -> Result<TokenPair> {
        let (access, refresh) = (new_token(self.entropy()), new_token(self.entropy()));
        let now = work.now();
        let end = |lasts| now.plus(lasts).min(session.expires_at);
        for (text, purpose, expires_at) in [
            (&access, TokenPurpose::Access, end(ACCESS)),
            (&refresh, TokenPurpose::Refresh, end(REFRESH)),
        ] {
            let hash = token_hash(text);
            let token = Token {
                tenant: session.tenant,
                session: session.id,
                hash,
                purpose,
                expires_at,
                used_at: None,
            };
            work.insert_token(&token).await?;
        }
        let expires_at = end(ACCESS);
        Ok(TokenPair {
            access,
            refresh,
            expires_in: expires_at.since(now),
            expires_at,
            role: role.to_owned(),
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
