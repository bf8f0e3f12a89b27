//! Teams: call queues and ring groups, with their people.
//!
//! Both share one form here: what is asked for by is a column, the settings are a document.

use async_trait::async_trait;
use jackfield_domain::{
    Agent, AgentStatus, Listing, Query, Team, TeamField, TeamKind, TeamName, TenantId, Timestamp, UserId,
};

use crate::{Result, TeamDocument};

/// Which team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `Team`")]
pub struct TeamKey {
    pub tenant: TenantId,
    pub kind: TeamKind,
    pub id: i64,
}

/// A team as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each is the value of the same name in `Team` or its settings"
)]
pub struct TeamRecord {
    pub key: TeamKey,
    pub name: String,
    pub extension_number: String,
    pub ring_time: i64,
    /// The word in the spelling of documents, which is what lists show.
    pub strategy: String,
    /// All settings, as JSON.
    pub settings: String,
    pub created_at: Timestamp,
    pub version: i64,
}

impl TeamRecord {
    /// The stored form of a team.
    pub fn of<S: TeamDocument>(team: &Team<S>) -> Self {
        Self {
            key: TeamKey {
                tenant: team.tenant,
                kind: S::KIND,
                id: team.id,
            },
            name: team.name.clone(),
            extension_number: team.extension_number.clone(),
            ring_time: team.settings.ring_time(),
            strategy: team.settings.strategy().word().to_ascii_uppercase(),
            settings: team.settings.encode(),
            created_at: team.created_at,
            version: team.version,
        }
    }

    /// The team that is stored in this form.
    ///
    /// # Errors
    /// `Internal` when the settings are damaged.
    pub fn team<S: TeamDocument>(self) -> Result<Team<S>> {
        Ok(Team {
            settings: S::decode(&self.settings)?,
            tenant: self.key.tenant,
            id: self.key.id,
            name: self.name,
            extension_number: self.extension_number,
            created_at: self.created_at,
            version: self.version,
        })
    }
}

/// An agent to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `Agent`")]
pub struct AgentRecord {
    pub user: UserId,
    pub skill_level: i64,
    pub status: AgentStatus,
    pub since: Timestamp,
}

/// Reading teams.
#[async_trait]
pub trait TeamReads: Send + Sync {
    /// The team of this key.
    async fn team(&self, key: TeamKey) -> Result<Option<TeamRecord>>;

    /// The team, of whichever kind, that has this number.
    async fn team_numbered(&self, tenant: TenantId, number: &str) -> Result<Option<TeamRecord>>;

    /// Teams of a kind as a query asks for them. A search looks at name and number.
    async fn list_teams(
        &self,
        tenant: TenantId,
        kind: TeamKind,
        query: &Query<TeamField>,
    ) -> Result<Listing<TeamRecord>>;

    /// How many teams of a kind the tenant has.
    async fn count_teams(&self, tenant: TenantId, kind: TeamKind) -> Result<i64>;

    /// The people of a team, in the order of its list.
    async fn agents(&self, key: TeamKey) -> Result<Vec<Agent>>;

    /// The one of them whose extension has this number.
    async fn agent(&self, key: TeamKey, number: &str) -> Result<Option<Agent>>;

    /// The one of them who is this user.
    async fn agent_of_user(&self, key: TeamKey, user: UserId) -> Result<Option<Agent>>;

    /// The teams of a kind that a user belongs to, by their ids.
    async fn teams_of_user(&self, tenant: TenantId, kind: TeamKind, user: UserId) -> Result<Vec<TeamName>>;
}

/// Changing teams.
#[async_trait]
pub trait TeamWrites: TeamReads {
    /// Stores a new team and takes its number.
    ///
    /// # Errors
    /// `Taken(Extension, ExtensionNumber)` when anything that can be dialled in the tenant has it.
    async fn insert_team(&mut self, team: &TeamRecord) -> Result<()>;

    /// Stores a changed team but for its number, which never changes. The caller has counted its version up.
    async fn update_team(&mut self, team: &TeamRecord) -> Result<()>;

    /// Removes a team, its list and its number. Tells whether it was there.
    async fn delete_team(&mut self, key: TeamKey) -> Result<bool>;

    /// Replaces the list of a team's people, in this order.
    async fn set_agents(&mut self, key: TeamKey, agents: &[AgentRecord]) -> Result<()>;

    /// Sets what an agent does, and since when. Tells whether he belongs to the team.
    async fn set_agent_status(
        &mut self,
        key: TeamKey,
        user: UserId,
        status: AgentStatus,
        since: Timestamp,
    ) -> Result<bool>;
}
