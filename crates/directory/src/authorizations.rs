//! What users allow programs: codes, access tokens and refresh tokens of OAuth 2 (RFC 6749), their end and their state.
//!
//! All tokens of one authorization end together. What serves once and comes twice was copied, so it ends them all.

use std::time::Duration;

use jackfield_domain::{
    ACCESS_LASTS, Actor, Application, ApplicationAccess, ApplicationKind, Authorization, AuthorizationId,
    AuthorizationToken, AuthorizationTokenKind, CODE_LASTS, ChangeType, Denial, Error, Kind, REFRESH_LASTS,
    Result, Session, SessionKind, TenantId, Thing, Timestamp, TokenHash, TokenPurpose, User, UserId,
    text::fold,
};
use jackfield_store::Sequence;
use subtle::ConstantTimeEq as _;

use crate::{
    Directory, ProvenApplication, SignInOutcome,
    secrets::{new_file_name, new_program_token, token_hash},
    sign_in::{Account, Issued},
    work::{Work, in_work},
};

/// The tokens of a program. Their [`Debug`](std::fmt::Debug) output shows nothing of them.
pub struct ProgramTokens {
    /// Opens requests.
    pub access: String,
    /// Gets the next tokens, once; none for a program that gets them by its own secret.
    pub refresh: Option<String>,
    /// How long the access token serves.
    pub expires_in: Duration,
    /// What the program may do.
    pub scope: ApplicationAccess,
}

impl std::fmt::Debug for ProgramTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProgramTokens")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// What a program asks of a user: a code for itself.
#[derive(Debug, Clone)]
pub struct CodeRequest {
    /// The program.
    pub application: Application,
    /// The address that it named to be sent back to, if it named one; it has to repeat it with the code.
    pub redirect_uri: Option<String>,
    /// SHA-256 of what it will prove itself with, if it said so (RFC 7636).
    pub challenge: Option<TokenHash>,
}

/// A code for a program. Its [`Debug`](std::fmt::Debug) output shows nothing of it.
pub struct ProgramCode(pub String);

impl std::fmt::Debug for ProgramCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProgramCode(…)")
    }
}

/// A token that serves, as its program may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveToken {
    /// Whether it opens requests; otherwise it gets the next tokens.
    pub opens_requests: bool,
    /// Whom the program acts as.
    pub user: UserId,
    /// His name.
    pub username: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Who has shown a password and a one-time code. No session comes of it: he signed in only to say yes.
struct Recognised {
    tenant: TenantId,
    user: UserId,
}

impl Issued for Recognised {
    const KIND: SessionKind = SessionKind::AwaitingCode;
    const LASTS: Duration = Duration::ZERO;
    const IDLE: Option<Duration> = None;

    async fn issue(_: &Directory, work: &mut Work, session: &Session, _: &str) -> Result<Self> {
        work.delete_session(session.tenant, session.id).await?;
        work.journal(Kind::Session, session.id.get(), ChangeType::Deleted)
            .await?;
        Ok(Self {
            tenant: session.tenant,
            user: session.user,
        })
    }
}

fn acting(tenant: TenantId, user: UserId) -> Actor {
    Actor {
        tenant,
        user: Some(user),
    }
}

fn of_kind(program: &ProvenApplication, kinds: &[ApplicationKind]) -> Result<()> {
    if kinds.contains(&program.0.kind) {
        Ok(())
    } else {
        Err(Error::Denied(Denial::GrantType))
    }
}

impl Directory {
    /// Gives a trusted program a token by which it acts as the user that it was made for.
    ///
    /// # Errors
    /// [`Denial::GrantType`] for another type of program; [`Denial::UserDisabled`].
    pub async fn tokens_of_program(&self, program: &ProvenApplication) -> Result<ProgramTokens> {
        of_kind(program, &[ApplicationKind::Trusted])?;
        self.authorize(&program.0, program.0.owner, false).await
    }

    /// Gives a program tokens by the name and the password of a user of its tenant, which he told it.
    ///
    /// # Errors
    /// [`Denial::GrantType`]; [`Error::BadCredentials`]; [`Error::TooMany`]; [`Denial::CodeNeeded`] where a password alone does not
    /// open anything.
    pub async fn tokens_by_password(
        &self,
        program: &ProvenApplication,
        username: &str,
        password: &str,
        source: &str,
    ) -> Result<ProgramTokens> {
        of_kind(program, &[ApplicationKind::Password])?;
        let account = self.account_of(&program.0, username, password, source).await?;
        if demands_code(&account) {
            return Err(Error::Denied(Denial::CodeNeeded));
        }
        self.authorize(&program.0, account.user.id, true).await
    }

    /// Gives a program a code, as a user says who shows his name and password; or begins the second step where the tenant
    /// demands a one-time code, which is mailed then.
    ///
    /// # Errors
    /// [`Error::BadCredentials`]; [`Error::TooMany`]; [`Denial::GrantType`]; [`Error::NotConfigured`] when a code is needed and there is no mail.
    pub async fn allow_program(
        &self,
        request: &CodeRequest,
        username: &str,
        password: &str,
        source: &str,
    ) -> Result<SignInOutcome<ProgramCode>> {
        if request.application.kind != ApplicationKind::Public {
            return Err(Error::Denied(Denial::GrantType));
        }
        let account = self
            .account_of(&request.application, username, password, source)
            .await?;
        if demands_code(&account) {
            let token = self
                .begin_step(&account.user, SessionKind::AwaitingCode, TokenPurpose::Challenge)
                .await?;
            self.send_code(&token).await?;
            return Ok(SignInOutcome::CodeNeeded { token });
        }
        Ok(SignInOutcome::Tokens(
            self.issue_code(request, account.user.id).await?,
        ))
    }

    /// The same with the one-time code that was mailed.
    ///
    /// # Errors
    /// `Spent(OneTimeCode)`: wrong, used, too old, tried too often, or of another tenant.
    pub async fn allow_program_with_code(
        &self,
        request: &CodeRequest,
        challenge: &str,
        code: &str,
    ) -> Result<ProgramCode> {
        let known: Recognised = self.redeem(challenge, code).await?;
        if known.tenant != request.application.tenant || request.application.kind != ApplicationKind::Public {
            return Err(Error::Spent(Thing::OneTimeCode));
        }
        self.issue_code(request, known.user).await
    }

    /// Trades a code for tokens. A code that comes a second time was copied: it ends the tokens that came from it.
    ///
    /// # Errors
    /// `Spent(AuthorizationCode)`: unknown, another program's, used, too old, or without the address or the proof that belongs
    /// to it; [`Denial::GrantType`].
    pub async fn tokens_by_code(
        &self,
        program: &ProvenApplication,
        code: &str,
        redirect_uri: Option<&str>,
        verifier: Option<&str>,
    ) -> Result<ProgramTokens> {
        let spent = || Error::Spent(Thing::AuthorizationCode);
        of_kind(program, &[ApplicationKind::Public])?;
        let (token, authorization) = self
            .token_of(program, code, AuthorizationTokenKind::Code)
            .await?
            .ok_or_else(spent)?;
        let repeated = match &authorization.redirect_uri {
            Some(named) => redirect_uri == Some(named.as_str()),
            None => redirect_uri.is_none() || program.0.redirect_uri(None) == redirect_uri,
        };
        let proven = match (&authorization.challenge, verifier) {
            (Some(challenge), Some(verifier)) => token_hash(verifier).ct_eq(challenge).into(),
            (None, None) => true,
            // Whoever takes the challenge away from a request must not get through with it.
            _ => false,
        };
        if token.used_at.is_none() && !(repeated && proven) {
            return Err(spent());
        }
        self.next_tokens(program, &token, &authorization, Thing::AuthorizationCode)
            .await
    }

    /// Trades a refresh token for new tokens. One that comes a second time was copied: it ends them all.
    ///
    /// # Errors
    /// `Spent(RefreshToken)`; [`Denial::GrantType`].
    pub async fn tokens_by_refresh(
        &self,
        program: &ProvenApplication,
        refresh: &str,
    ) -> Result<ProgramTokens> {
        of_kind(program, &[ApplicationKind::Public, ApplicationKind::Password])?;
        let (token, authorization) = self
            .token_of(program, refresh, AuthorizationTokenKind::Refresh)
            .await?
            .ok_or(Error::Spent(Thing::RefreshToken))?;
        self.next_tokens(program, &token, &authorization, Thing::RefreshToken)
            .await
    }

    /// Ends the authorization that a token of the program came from, with all of its tokens. A token that is unknown, or another
    /// program's, is left alone.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn revoke_token(&self, program: &ProvenApplication, token: &str) -> Result<()> {
        let found = self.store().authorization_token(&token_hash(token)).await?;
        let Some((_, authorization, _)) = found.filter(|(_, _, owner)| owner.id == program.0.id) else {
            return Ok(());
        };
        let actor = acting(authorization.tenant, authorization.user);
        in_work!(self, authorization.tenant, actor, |work| {
            end(&mut work, &authorization).await?;
        })
    }

    /// What a token of the program is good for; none when it does not serve, or is another program's.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn inspect_token(&self, program: &ProvenApplication, token: &str) -> Result<Option<LiveToken>> {
        let now = self.now();
        let found = self.store().authorization_token(&token_hash(token)).await?;
        let live = found.filter(|(token, _, owner)| {
            owner.id == program.0.id
                && token.kind != AuthorizationTokenKind::Code
                && token.used_at.is_none()
                && now < token.expires_at
        });
        let Some((token, authorization, _)) = live else {
            return Ok(None);
        };
        let user = self
            .store()
            .user(authorization.tenant, authorization.user)
            .await?;
        Ok(user.filter(|user| user.enabled).map(|user| LiveToken {
            opens_requests: token.kind == AuthorizationTokenKind::Access,
            user: user.id,
            username: user.name,
            created_at: token.created_at,
            expires_at: token.expires_at,
        }))
    }

    /// A random value by which a page recognises its own form: 32 hexadecimal digits.
    pub fn form_key(&self) -> String {
        new_file_name(self.entropy())
    }

    /// Ends whatever programs may do as a user.
    pub(crate) async fn end_authorizations(&self, work: &mut Work, user: &User) -> Result<()> {
        for id in work.delete_authorizations_of_user(user.tenant, user.id).await? {
            work.journal(Kind::Authorization, id.get(), ChangeType::Deleted)
                .await?;
        }
        Ok(())
    }

    /// The account of this name in the program's tenant, when the password is right.
    async fn account_of(
        &self,
        application: &Application,
        username: &str,
        password: &str,
        source: &str,
    ) -> Result<Account> {
        let key = format!("{}\0{}\0{source}", fold(username), application.tenant);
        self.admit(&key, source)?;
        let user = self
            .store()
            .user_by_name(application.tenant, &fold(username))
            .await?;
        let tenant = self.store().tenant(application.tenant).await?;
        let accounts = user.map(|user| Account { user, tenant }).into_iter().collect();
        self.prove(&key, source, password, accounts).await
    }

    /// The token of this text, when it is of this kind and the program's.
    async fn token_of(
        &self,
        program: &ProvenApplication,
        text: &str,
        kind: AuthorizationTokenKind,
    ) -> Result<Option<(AuthorizationToken, Authorization)>> {
        let found = self.store().authorization_token(&token_hash(text)).await?;
        let own = found.filter(|(token, _, owner)| token.kind == kind && owner.id == program.0.id);
        Ok(own.map(|(token, authorization, _)| (token, authorization)))
    }

    async fn issue_code(&self, request: &CodeRequest, user: UserId) -> Result<ProgramCode> {
        let text = new_program_token(self.entropy());
        let application = &request.application;
        in_work!(
            self,
            application.tenant,
            acting(application.tenant, user),
            |work| {
                let now = work.now();
                work.purge_authorizations(now).await?;
                let authorization = Authorization {
                    redirect_uri: request.redirect_uri.clone(),
                    challenge: request.challenge,
                    ..blank(&mut work, application, user, now.plus(CODE_LASTS)).await?
                };
                work.insert_authorization(&authorization).await?;
                work.journal(Kind::Authorization, authorization.id.get(), ChangeType::Created)
                    .await?;
                let kind = AuthorizationTokenKind::Code;
                insert(&mut work, &authorization, &text, kind, CODE_LASTS).await?;
            }
        )?;
        Ok(ProgramCode(text))
    }

    /// A new authorization with its first tokens.
    async fn authorize(
        &self,
        application: &Application,
        user: UserId,
        refreshable: bool,
    ) -> Result<ProgramTokens> {
        in_work!(
            self,
            application.tenant,
            acting(application.tenant, user),
            |work| {
                let now = work.now();
                work.purge_authorizations(now).await?;
                if !is_enabled(&work, application.tenant, user).await? {
                    return Err(Error::Denied(Denial::UserDisabled));
                }
                let lasts = if refreshable { REFRESH_LASTS } else { ACCESS_LASTS };
                let authorization = blank(&mut work, application, user, now.plus(lasts)).await?;
                work.insert_authorization(&authorization).await?;
                work.journal(Kind::Authorization, authorization.id.get(), ChangeType::Created)
                    .await?;
                self.issue_program_tokens(&mut work, &authorization, application, refreshable)
                    .await?
            }
        )
    }

    /// The tokens that come after one that serves once, or the end of the authorization when it has served already.
    async fn next_tokens(
        &self,
        program: &ProvenApplication,
        token: &AuthorizationToken,
        authorization: &Authorization,
        thing: Thing,
    ) -> Result<ProgramTokens> {
        let tenant = authorization.tenant;
        let tokens = in_work!(self, tenant, acting(tenant, authorization.user), |work| {
            let now = work.now();
            work.purge_authorizations(now).await?;
            let fresh = work.use_authorization_token(tenant, &token.hash, now).await?;
            let serves = fresh && now < token.expires_at;
            if serves && is_enabled(&work, tenant, authorization.user).await? {
                work.prolong_authorization(tenant, authorization.id, now.plus(REFRESH_LASTS))
                    .await?;
                Some(
                    self.issue_program_tokens(&mut work, authorization, &program.0, true)
                        .await?,
                )
            } else {
                end(&mut work, authorization).await?;
                None
            }
        })?;
        tokens.ok_or(Error::Spent(thing))
    }

    async fn issue_program_tokens(
        &self,
        work: &mut Work,
        authorization: &Authorization,
        application: &Application,
        refreshable: bool,
    ) -> Result<ProgramTokens> {
        let access = new_program_token(self.entropy());
        let kind = AuthorizationTokenKind::Access;
        insert(work, authorization, &access, kind, ACCESS_LASTS).await?;
        let refresh = if refreshable {
            let text = new_program_token(self.entropy());
            let kind = AuthorizationTokenKind::Refresh;
            insert(work, authorization, &text, kind, REFRESH_LASTS).await?;
            Some(text)
        } else {
            None
        };
        Ok(ProgramTokens {
            access,
            refresh,
            expires_in: ACCESS_LASTS,
            scope: application.access,
        })
    }
}

fn demands_code(account: &Account) -> bool {
    account
        .tenant
        .as_ref()
        .is_some_and(|tenant| tenant.settings.enable_two_factor_authentication)
}

async fn is_enabled(work: &Work, tenant: TenantId, user: UserId) -> Result<bool> {
    Ok(work.user(tenant, user).await?.is_some_and(|user| user.enabled))
}

/// Ends an authorization, if it has not ended yet.
async fn end(work: &mut Work, authorization: &Authorization) -> Result<()> {
    if work
        .delete_authorization(authorization.tenant, authorization.id)
        .await?
    {
        work.journal(Kind::Authorization, authorization.id.get(), ChangeType::Deleted)
            .await?;
    }
    Ok(())
}

/// An authorization that is not stored yet.
async fn blank(
    work: &mut Work,
    application: &Application,
    user: UserId,
    expires_at: Timestamp,
) -> Result<Authorization> {
    Ok(Authorization {
        tenant: application.tenant,
        id: AuthorizationId::new(work.next_id(Sequence::Authorization).await?),
        application: application.id,
        user,
        created_at: work.now(),
        expires_at,
        redirect_uri: None,
        challenge: None,
    })
}

async fn insert(
    work: &mut Work,
    authorization: &Authorization,
    text: &str,
    kind: AuthorizationTokenKind,
    lasts: Duration,
) -> Result<()> {
    let now = work.now();
    work.insert_authorization_token(&AuthorizationToken {
        tenant: authorization.tenant,
        authorization: authorization.id,
        hash: token_hash(text),
        kind,
        created_at: now,
        expires_at: now.plus(lasts),
        used_at: None,
    })
    .await?;
    Ok(())
}
