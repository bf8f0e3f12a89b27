//! Call queues and ring groups, with their people.

use async_trait::async_trait;
use jackfield_domain::{
    Agent, AgentStatus, Listing, Query, TeamField, TeamKind, TeamName, TenantId, Timestamp, UserId,
    text::fold,
};
use jackfield_store::{
    AgentRecord, NumberKind, NumberWrites as _, Result, TeamKey, TeamReads, TeamRecord, TeamWrites,
};

use super::{exists, unstorable, word};
use crate::db::{Error, Param, Row, Sql, SqlWrite};
use crate::query::{Columns, List};
use crate::store::{Records, SqlTransaction};

macro_rules! team_columns {
    () => {
        "tenant_id, kind, id, name, extension_number, ring_time, strategy, settings, created_at, version"
    };
}

/// A statement that reads people of a team.
macro_rules! select_agents {
    ($rest:literal) => {
        concat!(
            "SELECT users.id, users.extension_number, users.display_name, agents.skill_level, agents.status, \
             agents.since FROM agents \
             JOIN users ON users.tenant_id = agents.tenant_id AND users.id = agents.user_id \
             WHERE agents.tenant_id = $1 AND agents.team_kind = $2 AND agents.team_id = $3 ",
            $rest
        )
    };
}

impl Columns for TeamField {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::ExtensionNumber => "extension_number",
            Self::RingTime => "ring_time",
            Self::Strategy => "strategy",
        }
    }
}

fn team(row: &Row<'_>) -> std::result::Result<TeamRecord, Error> {
    Ok(TeamRecord {
        key: TeamKey {
            tenant: TenantId::new(row.get(0)?),
            kind: word(TeamKind::from_word(row.text(1)?), "kind of a team")?,
            id: row.get(2)?,
        },
        name: row.get(3)?,
        extension_number: row.get(4)?,
        ring_time: row.get(5)?,
        strategy: row.get(6)?,
        settings: row.get(7)?,
        created_at: Timestamp::from_micros(row.get(8)?),
        version: row.get(9)?,
    })
}

fn agent(row: &Row<'_>) -> std::result::Result<Agent, Error> {
    Ok(Agent {
        user: UserId::new(row.get(0)?),
        extension_number: row.get::<Option<String>>(1)?.unwrap_or_default(),
        display_name: row.get(2)?,
        skill_level: row.get(3)?,
        status: word(AgentStatus::from_word(row.text(4)?), "status of an agent")?,
        since: Timestamp::from_micros(row.get(5)?),
    })
}

/// What a search looks at. Words hold no line end, so none is found across two values.
fn search_text(team: &TeamRecord) -> String {
    fold(&[team.name.as_str(), &team.extension_number].join("\n"))
}

/// The view that holds the teams of a kind.
fn view(kind: TeamKind) -> &'static str {
    match kind {
        TeamKind::CallQueue => "call_queues",
        TeamKind::RingGroup => "ring_groups",
    }
}

fn number_kind(kind: TeamKind) -> NumberKind {
    match kind {
        TeamKind::CallQueue => NumberKind::CallQueue,
        TeamKind::RingGroup => NumberKind::RingGroup,
    }
}

#[async_trait]
impl<S: Sql, X: Send + Sync> TeamReads for Records<S, X> {
    async fn team(&self, key: TeamKey) -> Result<Option<TeamRecord>> {
        let sql = concat!(
            "SELECT ",
            team_columns!(),
            " FROM teams WHERE tenant_id = $1 AND kind = $2 AND id = $3"
        );
        let values: [&dyn Param; 3] = [&key.tenant.get(), &key.kind.word(), &key.id];
        Ok(self.sql.one(sql, &values, team).await?)
    }

    async fn team_numbered(&self, tenant: TenantId, number: &str) -> Result<Option<TeamRecord>> {
        if unstorable(number) {
            return Ok(None);
        }
        let sql = concat!(
            "SELECT ",
            team_columns!(),
            " FROM teams WHERE tenant_id = $1 AND extension_number = $2"
        );
        Ok(self.sql.one(sql, &[&tenant.get(), &number], team).await?)
    }

    async fn list_teams(
        &self,
        tenant: TenantId,
        kind: TeamKind,
        query: &Query<TeamField>,
    ) -> Result<Listing<TeamRecord>> {
        let list = List {
            table: view(kind),
            columns: team_columns!(),
            tenant: Some(tenant),
            tally: None,
        };
        list.run(&self.sql, query, team).await
    }

    async fn count_teams(&self, tenant: TenantId, kind: TeamKind) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM teams WHERE tenant_id = $1 AND kind = $2";
        let count = self
            .sql
            .one(sql, &[&tenant.get(), &kind.word()], |row| row.get(0))
            .await?;
        Ok(count.unwrap_or(0))
    }

    async fn agents(&self, key: TeamKey) -> Result<Vec<Agent>> {
        let sql = select_agents!("ORDER BY agents.position");
        let values: [&dyn Param; 3] = [&key.tenant.get(), &key.kind.word(), &key.id];
        Ok(self.sql.all(sql, &values, agent).await?)
    }

    async fn agent(&self, key: TeamKey, number: &str) -> Result<Option<Agent>> {
        if unstorable(number) {
            return Ok(None);
        }
        let sql = select_agents!("AND users.extension_number = $4");
        let values: [&dyn Param; 4] = [&key.tenant.get(), &key.kind.word(), &key.id, &number];
        Ok(self.sql.one(sql, &values, agent).await?)
    }

    async fn agent_of_user(&self, key: TeamKey, user: UserId) -> Result<Option<Agent>> {
        let sql = select_agents!("AND agents.user_id = $4");
        let values: [&dyn Param; 4] = [&key.tenant.get(), &key.kind.word(), &key.id, &user.get()];
        Ok(self.sql.one(sql, &values, agent).await?)
    }

    async fn teams_of_user(&self, tenant: TenantId, kind: TeamKind, user: UserId) -> Result<Vec<TeamName>> {
        let sql = "SELECT teams.id, teams.name, teams.extension_number FROM agents \
                   JOIN teams ON teams.tenant_id = agents.tenant_id AND teams.kind = agents.team_kind \
                   AND teams.id = agents.team_id \
                   WHERE agents.tenant_id = $1 AND agents.user_id = $2 AND agents.team_kind = $3 ORDER BY teams.id";
        let values: [&dyn Param; 3] = [&tenant.get(), &user.get(), &kind.word()];
        let name = |row: &Row<'_>| {
            Ok(TeamName {
                id: row.get(0)?,
                name: row.get(1)?,
                extension_number: row.get(2)?,
            })
        };
        Ok(self.sql.all(sql, &values, name).await?)
    }
}

#[async_trait]
impl TeamWrites for SqlTransaction {
    async fn insert_team(&mut self, team: &TeamRecord) -> Result<()> {
        let key = team.key;
        self.claim_number(key.tenant, &team.extension_number, number_kind(key.kind))
            .await?;
        self.sql
            .exec(
                "INSERT INTO teams (tenant_id, kind, id, name, extension_number, ring_time, strategy, created_at, \
                 version, search_text, settings) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                &[
                    &key.tenant.get(),
                    &key.kind.word(),
                    &key.id,
                    &team.name,
                    &team.extension_number,
                    &team.ring_time,
                    &team.strategy,
                    &team.created_at.as_micros(),
                    &team.version,
                    &search_text(team),
                    &team.settings,
                ],
            )
            .await?;
        Ok(())
    }

    async fn update_team(&mut self, team: &TeamRecord) -> Result<()> {
        let key = team.key;
        let changed = self
            .sql
            .exec(
                "UPDATE teams SET name = $4, ring_time = $5, strategy = $6, version = $7, search_text = $8, \
                 settings = $9 WHERE tenant_id = $1 AND kind = $2 AND id = $3",
                &[
                    &key.tenant.get(),
                    &key.kind.word(),
                    &key.id,
                    &team.name,
                    &team.ring_time,
                    &team.strategy,
                    &team.version,
                    &search_text(team),
                    &team.settings,
                ],
            )
            .await?;
        exists(changed)
    }

    async fn delete_team(&mut self, key: TeamKey) -> Result<bool> {
        let sql = "SELECT extension_number FROM teams WHERE tenant_id = $1 AND kind = $2 AND id = $3";
        let values: [&dyn Param; 3] = [&key.tenant.get(), &key.kind.word(), &key.id];
        let number: Option<String> = self.sql.one(sql, &values, |row| row.get(0)).await?;
        match number {
            // The team goes with its number, and its list with it.
            Some(number) => self.release_number(key.tenant, &number).await,
            None => Ok(false),
        }
    }

    async fn set_agents(&mut self, key: TeamKey, agents: &[AgentRecord]) -> Result<()> {
        let sql = "DELETE FROM agents WHERE tenant_id = $1 AND team_kind = $2 AND team_id = $3";
        let params = (key.tenant.get(), key.kind.word());
        self.sql.exec(sql, &[&params.0, &params.1, &key.id]).await?;
        let sql = "INSERT INTO agents (tenant_id, team_kind, team_id, user_id, position, skill_level, status, since) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        for (position, agent) in (0_i64..).zip(agents) {
            self.sql
                .exec(
                    sql,
                    &[
                        &params.0,
                        &params.1,
                        &key.id,
                        &agent.user.get(),
                        &position,
                        &agent.skill_level,
                        &agent.status.word(),
                        &agent.since.as_micros(),
                    ],
                )
                .await?;
        }
        Ok(())
    }

    async fn set_agent_status(
        &mut self,
        key: TeamKey,
        user: UserId,
        status: AgentStatus,
        since: Timestamp,
    ) -> Result<bool> {
        let sql = "UPDATE agents SET status = $5, since = $6 \
                   WHERE tenant_id = $1 AND team_kind = $2 AND team_id = $3 AND user_id = $4";
        let changed = self
            .sql
            .exec(
                sql,
                &[
                    &key.tenant.get(),
                    &key.kind.word(),
                    &key.id,
                    &user.get(),
                    &status.word(),
                    &since.as_micros(),
                ],
            )
            .await?;
        Ok(changed > 0)
    }
}
