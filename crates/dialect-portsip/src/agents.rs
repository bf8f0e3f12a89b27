//! The people of call queues and ring groups, and what an agent does: in a queue, and as oneself.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use jackfield_domain::{
    Agent, AgentRequest, Field, NewAgent, Result, SKILL_LEVEL, TeamKind, TeamName, Violations,
    capability::ManagePhoneSystem,
};
use jackfield_edge::{Expected, Input, Place, conclude};
use jackfield_edge::{Table, routes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, Granted, PathOf, Reply, Target,
    id::PathId,
    owned::ItemId,
    page::Items,
    words::{AgentRequestWord, AgentStatusWord, choice},
};

/// One of the people of a queue or ring group, as a request writes him.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct AgentInput {
    extension_number: Input<String>,
    skill_level: Input<i64>,
}

impl Expected for AgentInput {
    const WORDS: &'static str = "an object";
}

impl AgentInput {
    fn read(self, found: &mut Violations, place: &Place) -> NewAgent {
        NewAgent {
            extension_number: self
                .extension_number
                .required(found, place.part("extension_number"))
                .unwrap_or_default(),
            skill_level: self
                .skill_level
                .optional(found, place.part("skill_level"))
                .unwrap_or(SKILL_LEVEL),
        }
    }
}

/// One of the people of a queue or ring group, to be put into its list.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "it says what a request writes, and is read in another form"
)]
pub(crate) struct NewAgentWire {
    /// The number of his extension.
    #[schema(min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
    extension_number: String,
    /// How well he fits; more is better.
    #[schema(required = false, minimum = 1, maximum = 100, default = 1)]
    skill_level: i32,
}

/// The people of a queue or ring group: all of them, in the order in which they are rung.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct SetAgents {
    /// The list.
    #[serde(default)]
    #[schema(value_type = Vec<NewAgentWire>, required = true, max_items = 1000)]
    items: Input<Vec<Input<AgentInput>>>,
}

impl SetAgents {
    /// The list.
    pub(crate) fn read(self) -> Result<Vec<NewAgent>> {
        let mut found = Violations::new();
        let list = self
            .items
            .entries(&mut found, Field::Agents, AgentInput::read)
            .required(&mut found, Field::Agents)
            .unwrap_or_default();
        conclude(found, || NewAgent::check_list(&list))?;
        Ok(list)
    }
}

/// One of the people of a queue or ring group.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgentLine {
    /// The number of his extension.
    #[schema(min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
    extension_number: String,
    /// The name that people see.
    #[schema(max_length = 1024)]
    display_name: String,
    /// How well he fits; more is better.
    #[schema(value_type = i32, minimum = 1, maximum = 100)]
    skill_level: i64,
}

impl From<Agent> for AgentLine {
    fn from(agent: Agent) -> Self {
        Self {
            extension_number: agent.extension_number,
            display_name: agent.display_name,
            skill_level: agent.skill_level,
        }
    }
}

/// An agent of a queue.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgentAnswer {
    /// The number of his extension.
    #[schema(min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
    extension_number: String,
    /// The name that people see.
    #[schema(max_length = 1024)]
    display_name: String,
    /// How well he fits; more is better.
    #[schema(value_type = i32, minimum = 1, maximum = 100)]
    skill_level: i64,
    /// What he does.
    status: AgentStatusWord,
}

impl From<Agent> for AgentAnswer {
    fn from(agent: Agent) -> Self {
        Self {
            extension_number: agent.extension_number,
            display_name: agent.display_name,
            skill_level: agent.skill_level,
            status: agent.status.into(),
        }
    }
}

/// What an agent does from now on.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct SetStatus {
    /// `LOGGED_IN` begins to work for the queue: as ready or not ready, as the queue says.
    #[serde(default)]
    #[schema(value_type = AgentRequestWord, required = true)]
    status: Input<String>,
}

impl SetStatus {
    /// What is asked for.
    pub(crate) fn read(self) -> Result<AgentRequest> {
        let mut found = Violations::new();
        let request = choice(self.status).required(&mut found, Field::Status);
        found.finish()?;
        Ok(request.unwrap_or(AgentRequest::NotReady))
    }
}

/// A queue or ring group that a user belongs to.
#[derive(Serialize, ToSchema)]
pub(crate) struct TeamLine {
    /// Its id.
    #[schema(example = "100001")]
    id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// Its number.
    #[schema(min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
    extension_number: String,
}

impl From<TeamName> for TeamLine {
    fn from(team: TeamName) -> Self {
        Self {
            id: team.id.to_string(),
            name: team.name,
            extension_number: team.extension_number,
        }
    }
}

/// The parameters of a path that names one of the people of a queue or ring group.
#[derive(Deserialize)]
pub(crate) struct AgentPath {
    pub(crate) id: PathId,
    pub(crate) agent_number: String,
}

async fn teams(directory: &Directory, target: &Target, kind: TeamKind) -> Reply<Json<Items<TeamLine>>> {
    let teams = directory.teams_of(target, kind).await?;
    Ok(Json(Items {
        items: teams.into_iter().map(Into::into).collect(),
    }))
}

/// Set what an agent of a call queue does
#[utoipa::path(
    post, path = "/call_queues/{id}/agents/{agent_number}", tag = "call queues",
    params(
        ("id" = String, Path, description = "The queue."),
        ("agent_number" = String, Path, description = "The number of the agent's extension.")
    ),
    request_body = SetStatus, responses((status = 200))
)]
async fn set_status(
    grant: Granted<ManagePhoneSystem>,
    State(directory): State<Directory>,
    path: PathOf<AgentPath>,
    body: Body<SetStatus>,
) -> Reply<()> {
    let (path, request) = (path.0, body.0.read()?);
    Ok(directory
        .set_agent_status(&grant, path.id.get(), &path.agent_number, request)
        .await?)
}

/// List your call queues
#[utoipa::path(
    get, path = "/user/call_queues", tag = "user", responses((status = 200, body = Items<TeamLine>))
)]
async fn own_queues(target: Target, State(directory): State<Directory>) -> Reply<Json<Items<TeamLine>>> {
    teams(&directory, &target, TeamKind::CallQueue).await
}

/// List your ring groups
#[utoipa::path(
    get, path = "/user/ring_groups", tag = "user", responses((status = 200, body = Items<TeamLine>))
)]
async fn own_groups(target: Target, State(directory): State<Directory>) -> Reply<Json<Items<TeamLine>>> {
    teams(&directory, &target, TeamKind::RingGroup).await
}

/// List a user's call queues
#[utoipa::path(
    get, path = "/users/{user_id}/call_queues", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    responses((status = 200, body = Items<TeamLine>))
)]
async fn queues_of(target: Target, State(directory): State<Directory>) -> Reply<Json<Items<TeamLine>>> {
    teams(&directory, &target, TeamKind::CallQueue).await
}

/// Read yourself as an agent of a call queue
#[utoipa::path(
    get, path = "/user/call_queues/{id}/agent", tag = "user",
    params(("id" = String, Path, description = "The queue.")),
    responses((status = 200, body = AgentAnswer))
)]
async fn own_agent(
    target: Target,
    State(directory): State<Directory>,
    queue: ItemId,
) -> Reply<Json<AgentAnswer>> {
    Ok(Json(directory.agent_of(&target, queue.0).await?.into()))
}

/// Set what you do as an agent of a call queue
#[utoipa::path(
    post, path = "/user/call_queues/{id}/agent", tag = "user",
    params(("id" = String, Path, description = "The queue.")),
    request_body = SetStatus, responses((status = 200))
)]
async fn set_own_status(
    target: Target,
    State(directory): State<Directory>,
    queue: ItemId,
    body: Body<SetStatus>,
) -> Reply<()> {
    Ok(directory.set_status_of(&target, queue.0, body.0.read()?).await?)
}

/// Read a user as an agent of a call queue
#[utoipa::path(
    get, path = "/users/{user_id}/call_queues/{queue_id}/agent", tag = "users",
    params(
        ("user_id" = String, Path, description = "The user's id."),
        ("queue_id" = String, Path, description = "The queue.")
    ),
    responses((status = 200, body = AgentAnswer))
)]
async fn agent_of(
    target: Target,
    State(directory): State<Directory>,
    queue: ItemId,
) -> Reply<Json<AgentAnswer>> {
    Ok(Json(directory.agent_of(&target, queue.0).await?.into()))
}

/// Set what a user does as an agent of a call queue
#[utoipa::path(
    post, path = "/users/{user_id}/call_queues/{queue_id}/agent", tag = "users",
    params(
        ("user_id" = String, Path, description = "The user's id."),
        ("queue_id" = String, Path, description = "The queue.")
    ),
    request_body = SetStatus, responses((status = 200))
)]
async fn set_status_of(
    target: Target,
    State(directory): State<Directory>,
    queue: ItemId,
    body: Body<SetStatus>,
) -> Reply<()> {
    Ok(directory.set_status_of(&target, queue.0, body.0.read()?).await?)
}

/// The routes of what agents do.
pub(crate) fn routes() -> Table {
    Table::new()
        .routes(routes!(set_status))
        .routes(routes!(own_queues))
        .routes(routes!(own_groups))
        .routes(routes!(queues_of))
        .routes(routes!(own_agent, set_own_status))
        .routes(routes!(agent_of, set_status_of))
}
