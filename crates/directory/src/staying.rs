//! Sessions that last as long as they are used: those of people who sign in with an address, and API tokens.

use std::time::Duration;

use jackfield_domain::{
    ApiToken, ApiTokenField, ChangeType, Denial, Error, IDLE_SESSION, Kind, Listing, Literal, NewApiToken,
    Owner, Query, Result, Session, SessionKind, TenantId, Thing, Timestamp, Token, TokenHash, TokenPurpose,
    UserId, limits, text::fold,
};

use crate::{
    Directory, SignInOutcome, policy,
    secrets::{new_hex_token, token_handle, token_hash},
    sign_in::{Account, Issued},
    work::{Work, in_work},
};

/// What ends by itself only with its session.
const NEVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// What somebody signs in with who does not say to which tenant.
#[derive(Clone)]
pub struct AddressSignIn {
    /// An e-mail address, or a name and the SIP domain of its tenant with `@` between them.
    pub address: String,
    /// The password.
    pub password: String,
    /// Where the request came from: failures are counted by account and source.
    pub source: String,
}

/// A session that lasts as long as requests come. Its [`Debug`](std::fmt::Debug) output shows nothing of the token.
#[derive(Clone)]
pub struct StayingSession {
    /// Opens requests: 40 lower-case hexadecimal digits.
    pub token: String,
    /// Whose it is.
    pub user: UserId,
}

impl std::fmt::Debug for StayingSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StayingSession")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl Issued for StayingSession {
    const KIND: SessionKind = SessionKind::Idle;
    const LASTS: Duration = IDLE_SESSION;
    const IDLE: Option<Duration> = Some(IDLE_SESSION);

    async fn issue(directory: &Directory, work: &mut Work, session: &Session, _: &str) -> Result<Self> {
        Ok(Self {
            token: directory.issue_lasting_token(work, session).await?,
            user: session.user,
        })
    }
}

fn shown(hash: &TokenHash, session: Session) -> ApiToken {
    ApiToken {
        handle: token_handle(hash),
        name: session.name.unwrap_or_default(),
        ends_at: session.idle.map(|_| session.expires_at),
        idle: session.idle,
        created_at: session.created_at,
    }
}

impl Directory {
    /// Signs in with an e-mail address, which is unique only in its tenant, or with `name@domain`. A password is tried on a
    /// few accounts at most; one that is right for accounts of two tenants is right for none, since which was meant cannot
    /// be known. The session lasts as long as requests come.
    ///
    /// # Errors
    /// [`Error::BadCredentials`]; [`Error::TooMany`] after repeated failures, whatever the password.
    pub async fn sign_in_to_stay(&self, sign_in: AddressSignIn) -> Result<SignInOutcome<StayingSession>> {
        let key = format!("{}\0\0{}", fold(&sign_in.address), sign_in.source);
        self.admit(&key, &sign_in.source)?;
        let accounts = self.accounts_of(&sign_in.address).await?;
        let account = self
            .prove(&key, &sign_in.source, &sign_in.password, accounts)
            .await?;
        self.enter(account).await
    }

    /// Ends such a sign-in with the code that was mailed.
    ///
    /// # Errors
    /// `Spent(OneTimeCode)`: wrong, used, too old, or tried too often.
    pub async fn verify_code_to_stay(&self, challenge: &str, code: &str) -> Result<StayingSession> {
        self.redeem(challenge, code).await
    }

    /// The accounts that an address may mean.
    async fn accounts_of(&self, address: &str) -> Result<Vec<Account>> {
        let most = i64::try_from(limits::ACCOUNTS_OF_ADDRESS).unwrap_or(0);
        let mut accounts = Vec::new();
        for user in self.store().users_by_email(&fold(address), most).await? {
            let tenant = match user.tenant {
                TenantId::SYSTEM => None,
                tenant => match self.store().tenant(tenant).await? {
                    Some(tenant) => Some(tenant),
                    // Destroyed a moment ago, and its users with it.
                    None => continue,
                },
            };
            accounts.push(Account { user, tenant });
        }
        if let Some((name, domain)) = address.rsplit_once('@')
            && let Some(account) = self.account(name, Some(domain)).await?
            && accounts.iter().all(|other| other.user.id != account.user.id)
        {
            accounts.push(account);
        }
        Ok(accounts)
    }

    /// A token that ends with its session only.
    async fn issue_lasting_token(&self, work: &mut Work, session: &Session) -> Result<String> {
        let text = new_hex_token(self.entropy());
        work.insert_token(&Token {
            tenant: session.tenant,
            session: session.id,
            hash: token_hash(&text),
            purpose: TokenPurpose::Access,
            expires_at: NEVER,
            used_at: None,
        })
        .await?;
        Ok(text)
    }

    /// The API tokens of a user as a query asks for them. The tokens themselves are not kept: each is named by a handle.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_api_tokens(
        &self,
        owner: &Owner,
        query: &Query<ApiTokenField>,
    ) -> Result<Listing<ApiToken>> {
        let stored = self.store().api_tokens(owner.tenant(), owner.user()).await?;
        let tokens = stored
            .into_iter()
            .map(|(hash, session)| shown(&hash, session))
            .collect();
        let value = |token: &ApiToken, field| match field {
            ApiTokenField::Handle => Literal::Text(token.handle.clone()),
            ApiTokenField::Name => Literal::Text(token.name.clone()),
            ApiTokenField::CreatedAt => Literal::Time(token.created_at),
        };
        Ok(query.run(tokens, value, |token| token.name.clone()))
    }

    /// Makes an API token: whoever has it acts as the user, until it was idle for too long. The text is given here and
    /// nowhere again.
    ///
    /// # Errors
    /// [`Error::Denied`] for anybody but the user himself: a token of somebody else would let its maker act as him;
    /// [`Error::Invalid`]; `Taken(ApiToken, Name)`; [`Error::Full`]; `Absent(User)`.
    pub async fn create_api_token(&self, owner: &Owner, new: NewApiToken) -> Result<(String, ApiToken)> {
        if !owner.is_own() {
            return Err(Error::Denied(Denial::Permission));
        }
        new.check().finish()?;
        in_work!(self, owner.tenant(), owner.caller().actor(), |work| {
            let now = work.now();
            work.purge_sessions(now).await?;
            policy::existing_user(work.as_reads(), owner.tenant(), owner.user()).await?;
            if work.api_tokens(owner.tenant(), owner.user()).await?.len() >= limits::API_TOKENS {
                let limit = u64::try_from(limits::API_TOKENS).unwrap_or(0);
                return Err(Error::Full(Thing::ApiToken, limit));
            }
            let kind = SessionKind::ApiToken;
            let lasts = new.idle().unwrap_or(Duration::MAX);
            let mut session = self
                .blank_session(&mut work, owner.tenant(), owner.user(), kind, lasts)
                .await?;
            session.idle = new.idle();
            session.name = Some(new.name.clone());
            work.insert_session(&session).await?;
            let text = self.issue_lasting_token(&mut work, &session).await?;
            work.journal(Kind::Session, session.id.get(), ChangeType::Created)
                .await?;
            let hash = token_hash(&text);
            (text, shown(&hash, session))
        })
    }

    /// Ends an API token of a user, named by itself or by its handle.
    ///
    /// # Errors
    /// `Absent(ApiToken)`.
    pub async fn remove_api_token(&self, owner: &Owner, token: &str) -> Result<()> {
        let wanted = token_hash(token);
        in_work!(self, owner.tenant(), owner.caller().actor(), |work| {
            let all = work.api_tokens(owner.tenant(), owner.user()).await?;
            let (_, session) = all
                .into_iter()
                .find(|(hash, _)| *hash == wanted || token_handle(hash) == token)
                .ok_or(Error::Absent(Thing::ApiToken))?;
            work.delete_session(session.tenant, session.id).await?;
            work.journal(Kind::Session, session.id.get(), ChangeType::Deleted)
                .await?;
        })
    }
}
