//! Signing in, staying signed in, and getting back in.

use std::time::Duration;

use jackfield_domain::{
    Actor, ChangeType, Error, Kind, Result, Session, SessionId, SessionKind, Tenant, TenantId, Thing,
    Timestamp, Token, TokenPurpose, User, UserId, text::fold,
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
pub enum SignInOutcome<T = TokenPair> {
    /// Signed in.
    Tokens(T),
    /// The tenant demands a one-time code; the token names this sign-in.
    CodeNeeded {
        /// For [`Directory::send_code`] and [`Directory::verify_code`], or [`Directory::verify_code_to_stay`].
        token: String,
    },
}

pub(crate) const NO_MAIL: &str =
    "this needs mail: ask the operator to set JACKFIELD_SMTP_URL and JACKFIELD_SMTP_FROM";

pub(crate) struct Account {
    pub(crate) user: User,
    pub(crate) tenant: Option<Tenant>,
}

/// What a sign-in ends with. The steps before it are the same for all kinds.
pub(crate) trait Issued: Sized + Send {
    /// What the session is for.
    const KIND: SessionKind;
    /// How long it lasts.
    const LASTS: Duration;
    /// How long it lives without a request; none when its end is fixed.
    const IDLE: Option<Duration>;

    /// Makes and stores the tokens of a session.
    fn issue(
        directory: &Directory,
        work: &mut Work,
        session: &Session,
        role: &str,
    ) -> impl Future<Output = Result<Self>> + Send;
}

impl Issued for TokenPair {
    const KIND: SessionKind = SessionKind::Password;
    const LASTS: Duration = SESSION;
    const IDLE: Option<Duration> = None;

    async fn issue(directory: &Directory, work: &mut Work, session: &Session, role: &str) -> Result<Self> {
        directory.issue_tokens(work, session, role).await
    }
}

impl Directory {
    /// Signs in with name and password. An unknown account, a wrong password and a disabled account or tenant answer
    /// alike and take the same time.
    ///
    /// # Errors
    /// [`Error::BadCredentials`]; [`Error::TooMany`] after repeated failures, whatever the password.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<SignInOutcome> {
        let domain = sign_in
            .domain
            .as_deref()
            .map(str::to_ascii_lowercase)
            .unwrap_or_default();
        let key = format!("{}\0{domain}\0{}", fold(&sign_in.username), sign_in.source);
        self.admit(&key, &sign_in.source)?;
        let account = self.account(&sign_in.username, sign_in.domain.as_deref()).await?;
        let accounts = account.into_iter().collect();
        let account = self
            .prove(&key, &sign_in.source, &sign_in.password, accounts)
            .await?;
        self.enter(account).await
    }

    /// Whether a sign-in may be tried now.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub(crate) fn admit(&self, key: &str, source: &str) -> Result<()> {
        let now = self.now();
        self.inner.sign_ins.check(key, now)?;
        self.inner.sources.check(source, now)
    }

    /// The one of these accounts that the password is right for, and counts the outcome. Without an account a password is
    /// tried all the same, in vain, so that both answers take the same time.
    ///
    /// # Errors
    /// [`Error::BadCredentials`], also when it is right for more than one.
    pub(crate) async fn prove(
        &self,
        key: &str,
        source: &str,
        password: &str,
        accounts: Vec<Account>,
    ) -> Result<Account> {
        if accounts.is_empty() {
            self.inner.hashing.verify(None, password).await?;
        }
        let mut right = Vec::new();
        for account in accounts {
            let stored = self
                .store()
                .password_hash(account.user.tenant, account.user.id)
                .await?;
            let usable = account.user.enabled && account.tenant.as_ref().is_none_or(|tenant| tenant.enabled);
            if self.inner.hashing.verify(stored, password).await? && usable {
                right.push(account);
            }
        }
        if let [first, second, ..] = right.as_slice() {
            tracing::warn!(
                tenants = ?[first.user.tenant.get(), second.user.tenant.get()],
                "accounts of several tenants have one address and one password; their owner has to sign in as name@domain"
            );
            right.clear();
        }
        let Some(account) = right.pop() else {
            self.inner.sign_ins.failed(key, self.now());
            self.inner.sources.failed(source, self.now());
            return Err(Error::BadCredentials);
        };
        self.inner.sign_ins.succeeded(key);
        Ok(account)
    }

    /// Opens a session for an account whose password was right, or the second step where the tenant demands one.
    pub(crate) async fn enter<T: Issued>(&self, account: Account) -> Result<SignInOutcome<T>> {
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
            let now = work.now();
            work.purge_sessions(now).await?;
            let mut session = self
                .blank_session(&mut work, user.tenant, user.id, T::KIND, T::LASTS)
                .await?;
            session.idle = T::IDLE;
            work.insert_session(&session).await?;
            work.journal(Kind::Session, session.id.get(), ChangeType::Created)
                .await?;
            T::issue(self, &mut work, &session, &user.role).await?
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
        self.redeem(challenge, code).await
    }

    /// Ends a sign-in with the code that was mailed, whatever it leads to.
    pub(crate) async fn redeem<T: Issued>(&self, challenge: &str, code: &str) -> Result<T> {
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
                session.kind = T::KIND;
                session.code = None;
                session.idle = T::IDLE;
                session.expires_at = work.now().plus(T::LASTS);
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
                Some(T::issue(self, &mut work, &session, &user.role).await?)
            } else {
                None
            }
        })?;
        self.inner.codes.succeeded(&format!("send\0{}", session.user));
        tokens.ok_or_else(spent)
    }

    /// The account of this name, and its tenant.
    pub(crate) async fn account(&self, username: &str, domain: Option<&str>) -> Result<Option<Account>> {
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
    pub(crate) async fn begin_step(
        &self,
        user: &User,
        kind: SessionKind,
        purpose: TokenPurpose,
    ) -> Result<String> {
        let actor = Actor {
            tenant: user.tenant,
            user: Some(user.id),
        };
        in_work!(self, user.tenant, actor, |work| {
            let now = work.now();
            work.purge_sessions(now).await?;
            self.step_in(&mut work, user, kind, purpose, STEP).await?
        })
    }

    /// The same inside of a unit of work, for a step that lasts so long.
    pub(crate) async fn step_in(
        &self,
        work: &mut Work,
        user: &User,
        kind: SessionKind,
        purpose: TokenPurpose,
        lasts: Duration,
    ) -> Result<String> {
        let text = new_token(self.entropy());
        let session = self
            .blank_session(work, user.tenant, user.id, kind, lasts)
            .await?;
        work.insert_session(&session).await?;
        work.insert_token(&Token {
            tenant: session.tenant,
            session: session.id,
            hash: token_hash(&text),
            purpose,
            expires_at: session.expires_at,
            used_at: None,
        })
        .await?;
        Ok(text)
    }

    /// The live session behind the token of a step.
    pub(crate) async fn step(
        &self,
        text: &str,
        purpose: TokenPurpose,
        thing: Thing,
    ) -> Result<(Token, Session)> {
        let found = self.store().token(&token_hash(text)).await?;
        found
            .filter(|(token, session)| {
                let live = self.now() < token.expires_at && self.now() < session.expires_at;
                token.purpose == purpose && token.used_at.is_none() && live
            })
            .ok_or(Error::Spent(thing))
    }

    /// A session that is not stored yet.
    pub(crate) async fn blank_session(
        &self,
        work: &mut Work,
        tenant: TenantId,
        user: UserId,
        kind: SessionKind,
        lasts: Duration,
    ) -> Result<Session> {
        Ok(Session {
            tenant,
            id: SessionId::new(work.next_id(Sequence::Session).await?),
            user,
            kind,
            acting_in: None,
            created_at: work.now(),
            expires_at: work.now().plus(lasts),
            idle: None,
            name: None,
            code: None,
        })
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
}
