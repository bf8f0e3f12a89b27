//! What the telephones of a tenant may watch of each other: who may, and what there is to see.
//!
//! A telephone watches for the user whose extension it proved. Each extension of his tenant that he could call he may watch: whether
//! it is in a call, and what its user says of himself. With whom somebody speaks is told when that is an extension of the tenant as
//! well, which he could watch just so; a number outside is told only to who may see the call records of the whole tenant, and to the
//! user himself. What lies in a voicemail box only its user is told.

use std::{collections::HashMap, sync::Arc};

use jackfield_domain::{
    LiveCall, Permission, Presence, Registration, Result, SeenPresence, TenantId, UserId, UserPresence,
    UserStatus,
};

use crate::{Directory, SipIdentity, policy, report::live_calls::silent_since};

/// An extension as it stands now, to watch or to be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whose it is, and whether it is enabled.
    pub identity: Arc<SipIdentity>,
    /// Whether he may call, and so watch, other extensions.
    pub may_watch: bool,
    /// Whether he may hear his own voicemail, and so be told of it.
    pub hears_voicemail: bool,
    /// Whether he may see with which numbers outside others speak.
    pub sees_numbers: bool,
}

/// What others see of a user at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenUser {
    /// What he says of himself, refined by what his phones do.
    pub presence: SeenPresence,
    /// What his phones do.
    pub status: UserStatus,
    /// His note.
    pub note: String,
}

impl Directory {
    /// Whether the extension with this number may pick up a call that rings at another one for a ring group or queue: an enabled
    /// user who may call other extensions, when both are members of it.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal).
    pub async fn may_pick_up(
        &self,
        tenant: TenantId,
        number: &str,
        (team, rings): (&str, &str),
    ) -> Result<bool> {
        let Some(user) = self.store().user_by_extension(tenant, number).await? else {
            return Ok(false);
        };
        let Some(team) = self.store().team_numbered(tenant, team).await? else {
            return Ok(false);
        };
        let permissions = policy::permissions_of(self.store().as_reads(), &user).await?;
        let member = self.store().agent(team.key, number).await?.is_some()
            && self.store().agent(team.key, rings).await?.is_some();
        Ok(user.enabled && member && permissions.has(Permission::InternalCalls))
    }

    /// How the extension with this number at this domain (in lower case) stands. None for a number that is nobody's and for an
    /// unknown domain.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal).
    pub async fn standing(&self, domain: &str, number: &str) -> Result<Option<Standing>> {
        let Some(identity) = self.sip_identity(domain, number).await? else {
            return Ok(None);
        };
        let user = self.store().user(identity.tenant, identity.user).await?;
        let Some(user) = user else { return Ok(None) };
        let permissions = policy::permissions_of(self.store().as_reads(), &user).await?;
        Ok(Some(Standing {
            identity,
            may_watch: permissions.has(Permission::InternalCalls),
            hears_voicemail: permissions.has(Permission::VoicemailView),
            sees_numbers: permissions.has(Permission::CompanyCallLogView),
        }))
    }

    /// The calls that go on in a tenant now.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal).
    pub async fn calls_of_tenant(&self, tenant: TenantId) -> Result<Vec<LiveCall>> {
        let since = silent_since(self.now());
        Ok(self.store().live_calls(tenant, None, since).await?)
    }

    /// What others see of several users now. Whoever is gone is left out.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal).
    pub async fn seen_users(&self, tenant: TenantId, users: &[UserId]) -> Result<HashMap<UserId, SeenUser>> {
        let (now, ids) = (self.now(), users.iter().map(|user| user.get()));
        let ids: Vec<i64> = ids.collect();
        let said = self.store().presences_among(tenant, &ids).await?;
        let said: HashMap<UserId, UserPresence> = said.into_iter().map(|one| (one.user, one)).collect();
        let mut devices: HashMap<UserId, Vec<Registration>> = HashMap::new();
        for device in self.store().registrations_among(tenant, &ids, now).await? {
            devices.entry(device.user).or_default().push(device);
        }
        let calls = self.calls_of_tenant(tenant).await?;
        let found = self.store().users_among(tenant, &ids).await?;
        let seen = found.into_iter().map(|user| {
            let bound = devices.get(&user.id).map_or(&[][..], Vec::as_slice);
            let own = calls.iter().filter(|call| call.is_of(user.id));
            let status = UserStatus::derive(bound, own, now);
            let said = said.get(&user.id);
            let word = said.map_or_else(Presence::default, |said| said.presence);
            let seen = SeenUser {
                presence: SeenPresence::derive(word, user.dnd, status),
                status,
                note: said.map(|said| said.note.clone()).unwrap_or_default(),
            };
            (user.id, seen)
        });
        Ok(seen.collect())
    }
}
