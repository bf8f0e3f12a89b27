//! Call queues and ring groups, and the people who answer them.

use jackfield_domain::{
    Agent, AgentRequest, Blob, BlobId, CallQueueSettings, Caller, ChangeType, Error, Field, Grant, Listing,
    NewAgent, NewTeam, Owner, Query, Result, Rule, Team, TeamField, TeamKind, TeamName, TeamPatch,
    TeamSettings, TenantId, Thing, UserId, Violations,
    capability::{ManagePhoneSystem, ViewPhoneSystem},
};
use jackfield_store::{AgentRecord, BlobUse, Reads, Sequence, TeamDocument, TeamKey, TeamRecord};

use crate::{
    Directory, caller_ids, policy,
    work::{Work, in_work},
};

/// A team, and the files that its callers hear.
#[derive(Debug, Clone)]
pub struct SeenTeam<S> {
    /// The team.
    pub team: Team<S>,
    files: Vec<Blob>,
}

impl<S> SeenTeam<S> {
    /// The file that one of the settings names.
    pub fn file(&self, named: &str) -> Option<&Blob> {
        let id = file_id(named)?;
        self.files.iter().find(|file| file.id == id)
    }
}

impl Directory {
    /// The teams of a tenant as a query asks for them.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_teams<S: TeamDocument>(
        &self,
        grant: &Grant<ViewPhoneSystem>,
        query: &Query<TeamField>,
    ) -> Result<Listing<Team<S>>> {
        let found = self.store().list_teams(grant.tenant(), S::KIND, query).await?;
        let teams = found.items.into_iter().map(TeamRecord::team);
        Ok(Listing {
            total: found.total,
            items: teams.collect::<jackfield_store::Result<_>>()?,
        })
    }

    /// A team.
    ///
    /// # Errors
    /// `Absent`.
    pub async fn team<S: TeamDocument>(
        &self,
        grant: &Grant<ViewPhoneSystem>,
        id: i64,
    ) -> Result<SeenTeam<S>> {
        let team: Team<S> = existing(self.store().as_reads(), grant.tenant(), id).await?;
        let prompts = team.settings.prompts().into_iter();
        let ids: Vec<i64> = prompts
            .filter_map(|(_, file)| file_id(file))
            .map(BlobId::get)
            .collect();
        let files = self.store().blobs_among(grant.tenant(), &ids).await?;
        Ok(SeenTeam { team, files })
    }

    /// Creates a team with nobody in it.
    ///
    /// # Errors
    /// [`Error::Invalid`], also for caller ids of a trunk that the tenant does not have, for a file that is not the caller's and
    /// for one that cannot be played;
    /// `Taken(Extension, ExtensionNumber)`; [`Error::Full`].
    pub async fn create_team<S: TeamDocument>(
        &self,
        grant: &Grant<ManagePhoneSystem>,
        new: NewTeam<S>,
    ) -> Result<i64> {
        let tenant = grant.tenant();
        let mut found = new.check();
        let list = new.settings.outbound_caller_ids();
        caller_ids::judge(self.store().as_reads(), tenant, list, &mut found).await?;
        self.judge_prompts(tenant, grant.caller(), &S::default(), &new.settings, &mut found)
            .await?;
        found.finish()?;
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let limit = most::<S>(&work, tenant).await?;
            if work.count_teams(tenant, S::KIND).await? >= limit {
                return Err(Error::Full(S::KIND.thing(), u64::try_from(limit).unwrap_or(0)));
            }
            let team = Team {
                tenant,
                id: work.next_id(sequence(S::KIND)).await?,
                name: new.name.clone(),
                extension_number: new.extension_number.clone(),
                settings: new.settings.clone(),
                created_at: work.now(),
                version: 1,
            };
            work.insert_team(&TeamRecord::of(&team)).await?;
            let list = team.settings.outbound_caller_ids();
            caller_ids::refer(&mut work, S::KIND.kind(), team.id, list).await?;
            use_prompts(&mut work, team.id, &team.settings).await?;
            work.journal(S::KIND.kind(), team.id, ChangeType::Created).await?;
            team.id
        })
    }

    /// Changes a team. What is not mentioned stays; a change to the present values leaves no trace.
    ///
    /// # Errors
    /// [`Error::Invalid`], as above; `Absent`.
    pub async fn update_team<S: TeamDocument>(
        &self,
        grant: &Grant<ManagePhoneSystem>,
        id: i64,
        patch: TeamPatch<S::Patch>,
    ) -> Result<()> {
        let mut found = Team::<S>::check_patch(&patch);
        let tenant = grant.tenant();
        // Files are read before the tenant's turn, for reading takes its time; they do not change.
        let present = existing::<S>(self.store().as_reads(), tenant, id).await?.settings;
        let mut wanted = present.clone();
        wanted.apply(patch.settings.clone());
        self.judge_prompts(tenant, grant.caller(), &present, &wanted, &mut found)
            .await?;
        found.finish()?;
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let mut team = existing::<S>(work.as_reads(), tenant, id).await?;
            let before = team.settings.clone();
            if team.apply(patch.clone()) {
                let list = team.settings.outbound_caller_ids();
                if list != before.outbound_caller_ids() {
                    caller_ids::refer(&mut work, S::KIND.kind(), id, list).await?;
                }
                if team.settings.prompts() != before.prompts() {
                    let now = work.now();
                    work.release_blobs(tenant, S::KIND.kind(), id, now).await?;
                    use_prompts(&mut work, id, &team.settings).await?;
                }
                team.version += 1;
                work.update_team(&TeamRecord::of(&team)).await?;
                work.journal(S::KIND.kind(), id, ChangeType::Updated).await?;
            }
        })
    }

    /// Destroys a team; its people stay users, and its number comes free.
    ///
    /// # Errors
    /// `Absent`.
    pub async fn destroy_team(
        &self,
        grant: &Grant<ManagePhoneSystem>,
        kind: TeamKind,
        id: i64,
    ) -> Result<()> {
        let tenant = grant.tenant();
        in_work!(self, tenant, grant.caller().actor(), |work| {
            if !work.delete_team(TeamKey { tenant, kind, id }).await? {
                return Err(Error::Absent(kind.thing()));
            }
            work.set_providers_of(tenant, kind.kind(), id, &[]).await?;
            let now = work.now();
            work.release_blobs(tenant, kind.kind(), id, now).await?;
            work.journal(kind.kind(), id, ChangeType::Deleted).await?;
        })
    }

    /// The people of a team, in the order in which they are rung.
    ///
    /// # Errors
    /// `Absent`.
    pub async fn agents(
        &self,
        grant: &Grant<ViewPhoneSystem>,
        kind: TeamKind,
        id: i64,
    ) -> Result<Vec<Agent>> {
        let tenant = grant.tenant();
        let key = self.existing_team(TeamKey { tenant, kind, id }).await?;
        Ok(self.store().agents(key).await?)
    }

    /// The one of them whose extension has this number; what an agent does is refined by what his phones do.
    ///
    /// # Errors
    /// `Absent` for the team, `Absent(Agent)`.
    pub async fn agent(
        &self,
        grant: &Grant<ViewPhoneSystem>,
        kind: TeamKind,
        id: i64,
        number: &str,
    ) -> Result<Agent> {
        let tenant = grant.tenant();
        let key = self.existing_team(TeamKey { tenant, kind, id }).await?;
        let agent = self.store().agent(key, number).await?;
        self.seen_agent(key, agent.ok_or(Error::Absent(Thing::Agent))?)
            .await
    }

    /// Replaces the list of a team's people. Who stays in it keeps what he does, and since when.
    ///
    /// # Errors
    /// [`Error::Invalid`], also for numbers that no user has; `Absent`.
    pub async fn set_agents(
        &self,
        grant: &Grant<ManagePhoneSystem>,
        kind: TeamKind,
        id: i64,
        list: &[NewAgent],
    ) -> Result<()> {
        NewAgent::check_list(list).finish()?;
        let tenant = grant.tenant();
        let key = TeamKey { tenant, kind, id };
        in_work!(self, tenant, grant.caller().actor(), |work| {
            if work.team(key).await?.is_none() {
                return Err(Error::Absent(kind.thing()));
            }
            let present: Vec<AgentRecord> = work.agents(key).await?.iter().map(record).collect();
            let mut found = Violations::new();
            let mut agents = Vec::with_capacity(list.len());
            for (index, new) in list.iter().enumerate() {
                let Some(user) = work.user_by_extension(tenant, &new.extension_number).await? else {
                    let at = format!("[{index}].extension_number");
                    found.add_at(Field::Agents, at, Rule::Unknown);
                    continue;
                };
                let known = present.iter().find(|agent| agent.user == user.id);
                agents.push(AgentRecord {
                    user: user.id,
                    skill_level: new.skill_level,
                    status: known.map_or(kind.first_status(), |agent| agent.status),
                    since: known.map_or(work.now(), |agent| agent.since),
                });
            }
            found.finish()?;
            if agents != present {
                work.set_agents(key, &agents).await?;
                let detail = list_detail(&present, &agents);
                work.journal_with(kind.kind(), id, ChangeType::Updated, Some(detail))
                    .await?;
            }
        })
    }

    /// Sets what an agent of a queue does.
    ///
    /// # Errors
    /// `Absent(CallQueue)`, `Absent(Agent)`.
    pub async fn set_agent_status(
        &self,
        grant: &Grant<ManagePhoneSystem>,
        queue: i64,
        number: &str,
        request: AgentRequest,
    ) -> Result<()> {
        let tenant = grant.tenant();
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let settings = existing(work.as_reads(), tenant, queue).await?.settings;
            let agent = work.agent(queue_key(tenant, queue), number).await?;
            let agent = agent.ok_or(Error::Absent(Thing::Agent))?;
            change_status(&mut work, queue, &settings, &agent, request).await?;
        })
    }

    /// The teams of a kind that a user belongs to.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn teams_of(&self, owner: &Owner, kind: TeamKind) -> Result<Vec<TeamName>> {
        let (tenant, user) = (owner.tenant(), owner.user());
        policy::existing_user(self.store().as_reads(), tenant, user).await?;
        Ok(self.store().teams_of_user(tenant, kind, user).await?)
    }

    /// A user as an agent of a queue, as above. To who is none, the queue is unknown.
    ///
    /// # Errors
    /// `Absent(User)`, `Absent(CallQueue)`.
    pub async fn agent_of(&self, owner: &Owner, queue: i64) -> Result<Agent> {
        let (tenant, user) = (owner.tenant(), owner.user());
        policy::existing_user(self.store().as_reads(), tenant, user).await?;
        let key = queue_key(tenant, queue);
        let agent = self.store().agent_of_user(key, user).await?;
        self.seen_agent(key, agent.ok_or(Error::Absent(Thing::CallQueue))?)
            .await
    }

    /// Sets what a user does as an agent of a queue.
    ///
    /// # Errors
    /// `Absent(User)`, `Absent(CallQueue)`.
    pub async fn set_status_of(&self, owner: &Owner, queue: i64, request: AgentRequest) -> Result<()> {
        let (tenant, user) = (owner.tenant(), owner.user());
        in_work!(self, tenant, owner.caller().actor(), |work| {
            policy::existing_user(work.as_reads(), tenant, user).await?;
            let agent = work.agent_of_user(queue_key(tenant, queue), user).await?;
            let agent = agent.ok_or(Error::Absent(Thing::CallQueue))?;
            let settings = existing(work.as_reads(), tenant, queue).await?.settings;
            change_status(&mut work, queue, &settings, &agent, request).await?;
        })
    }

    /// Notes every file that is newly referred to and that the caller has not put there, or that cannot be played.
    async fn judge_prompts<S: TeamSettings>(
        &self,
        tenant: TenantId,
        caller: &Caller,
        before: &S,
        after: &S,
        found: &mut Violations,
    ) -> Result<()> {
        for ((field, file), (_, known)) in after.prompts().into_iter().zip(before.prompts()) {
            if file.is_empty() || file == known {
                continue;
            }
            let stored = match file_id(file) {
                Some(id) => self.own_blob(tenant, caller, id).await?,
                None => None,
            };
            let judged = match stored {
                Some(stored) => {
                    self.check_prompt_content(&stored.content, stored.blob.size)
                        .await?
                }
                None => Err(Rule::Unknown),
            };
            if let Err(rule) = judged {
                found.add(field, rule);
            }
        }
        Ok(())
    }

    /// An agent as others see him. The members of a ring group have no status.
    async fn seen_agent(&self, key: TeamKey, agent: Agent) -> Result<Agent> {
        let status = match key.kind {
            TeamKind::CallQueue => agent.status.seen(self.phones_do(key.tenant, agent.user).await?),
            TeamKind::RingGroup => agent.status,
        };
        Ok(Agent { status, ..agent })
    }

    async fn existing_team(&self, key: TeamKey) -> Result<TeamKey> {
        let team = self.store().team(key).await?;
        team.map(|team| team.key).ok_or(Error::Absent(key.kind.thing()))
    }
}

/// A user is about to go: his teams go on without him. The store takes him out of their lists when he goes.
pub(crate) async fn leave_teams(work: &mut Work, user: UserId) -> Result<()> {
    for kind in TeamKind::ALL {
        for team in work.teams_of_user(work.scope(), *kind, user).await? {
            let detail = format!(r#"{{"agents":{{"removed":[{user}]}}}}"#);
            work.journal_with(kind.kind(), team.id, ChangeType::Updated, Some(detail))
                .await?;
        }
    }
    Ok(())
}

/// Since when somebody does something begins anew only when it is something else.
async fn change_status(
    work: &mut Work,
    queue: i64,
    settings: &CallQueueSettings,
    agent: &Agent,
    request: AgentRequest,
) -> Result<()> {
    let status = request.result(agent.status, settings.agent_auto_ready);
    if status == agent.status {
        return Ok(());
    }
    let (key, now) = (queue_key(work.scope(), queue), work.now());
    work.set_agent_status(key, agent.user, status, now).await?;
    let detail = format!(
        r#"{{"agent":{{"user":{},"status":"{}"}}}}"#,
        agent.user,
        status.word()
    );
    work.journal_with(key.kind.kind(), queue, ChangeType::Updated, Some(detail))
        .await
}

fn queue_key(tenant: TenantId, id: i64) -> TeamKey {
    let kind = TeamKind::CallQueue;
    TeamKey { tenant, kind, id }
}

fn sequence(kind: TeamKind) -> Sequence {
    match kind {
        TeamKind::CallQueue => Sequence::CallQueue,
        TeamKind::RingGroup => Sequence::RingGroup,
    }
}

/// How many teams of a kind the tenant may have.
async fn most<S: TeamSettings>(work: &Work, tenant: TenantId) -> Result<i64> {
    let tenant = work.tenant(tenant).await?.ok_or(Error::Absent(Thing::Tenant))?;
    Ok(match S::KIND {
        TeamKind::CallQueue => tenant.settings.max_call_queues,
        TeamKind::RingGroup => tenant.settings.max_ring_groups,
    })
}

async fn existing<S: TeamDocument>(reads: &dyn Reads, tenant: TenantId, id: i64) -> Result<Team<S>> {
    let kind = S::KIND;
    let team = reads.team(TeamKey { tenant, kind, id }).await?;
    Ok(team.ok_or(Error::Absent(kind.thing()))?.team()?)
}

/// The file that a setting names.
fn file_id(named: &str) -> Option<BlobId> {
    named.parse().ok().map(BlobId::new)
}

/// Notes that a team refers to the files that its callers hear.
async fn use_prompts<S: TeamSettings>(work: &mut Work, team: i64, settings: &S) -> Result<()> {
    for (field, file) in settings.prompts() {
        if let Some(id) = file_id(file) {
            let by = BlobUse {
                kind: S::KIND.kind(),
                record: team,
                owner: None,
            };
            work.use_blob_for(id, field, by).await?;
        }
    }
    Ok(())
}

fn record(agent: &Agent) -> AgentRecord {
    AgentRecord {
        user: agent.user,
        skill_level: agent.skill_level,
        status: agent.status,
        since: agent.since,
    }
}

/// Who came into a list and who left it. Nobody did when only the order or a skill is another.
fn list_detail(before: &[AgentRecord], after: &[AgentRecord]) -> String {
    let only = |these: &[AgentRecord], others: &[AgentRecord]| {
        let users: Vec<String> = these
            .iter()
            .filter(|agent| !others.iter().any(|other| other.user == agent.user))
            .map(|agent| agent.user.to_string())
            .collect();
        users.join(",")
    };
    let (added, removed) = (only(after, before), only(before, after));
    format!(r#"{{"agents":{{"added":[{added}],"removed":[{removed}]}}}}"#)
}
