//! Call queues and ring groups. What can be done with them is the same, so it is written once; the macro `mount` names the paths.

use axum::{Json, http::StatusCode};
use jackfield_domain::TeamField;

use crate::{
    agents::{AgentAnswer, AgentLine},
    id::Created,
    team_wire::{
        CallQueueAnswer, CallQueueLine, CreateCallQueue, CreateRingGroup, RingGroupAnswer, RingGroupLine,
        UpdateCallQueue, UpdateRingGroup,
    },
};

/// The fields by which a list can be filtered and ordered, with the vendor's name of the strategy.
fn field(name: &str, strategy: &str) -> Option<TeamField> {
    match name {
        "id" => Some(TeamField::Id),
        "name" => Some(TeamField::Name),
        "extension_number" => Some(TeamField::ExtensionNumber),
        "ring_time" => Some(TeamField::RingTime),
        name if name == strategy => Some(TeamField::Strategy),
        _ => None,
    }
}

/// The vendor answers both with 200, not with the 201 of other creations.
fn made(id: i64) -> (StatusCode, Json<Created>) {
    (StatusCode::OK, Json(Created { id: id.to_string() }))
}

/// The operations of a kind of team, each with its entry in the OpenAPI document.
macro_rules! mount {
    (
        $(#[doc = $what:literal])*
        $module:ident: $settings:ident as $kind:ident, tag $tag:literal, noun $noun:literal, people $people:literal,
        list $list:literal, item $item:literal, destroy $destroy:literal, agents $agents:literal, agent $agent:literal,
        strategy $strategy:literal,
        create $create:ident, update $update:ident, answer $answer:ident, line $line:ident, one $one:ident
    ) => {
        $(#[doc = $what])*
        pub(crate) mod $module {
            use axum::{Json, extract::State, http::StatusCode};
            use jackfield_directory::Directory;
            use jackfield_domain::{
                $settings, TeamField, TeamKind,
                capability::{ManagePhoneSystem, ViewPhoneSystem},
            };

            use jackfield_edge::{Table, routes};

            use super::{$answer, $create, $line, $one, $update, made};
            use crate::{
                Body, Granted, Params, PathOf, Reply,
                agents::{self, AgentPath, SetAgents},
                id::{Created, PathId},
                page::{Items, List, ListParams},
            };

            const KIND: TeamKind = TeamKind::$kind;

            fn names(name: &str) -> Option<TeamField> {
                super::field(name, $strategy)
            }

            #[utoipa::path(
                get, summary = concat!("List ", $noun, "s"),
                path = $list, tag = $tag, params(ListParams), responses((status = 200, body = List<$line>))
            )]
            async fn list(
                grant: Granted<ViewPhoneSystem>,
                State(directory): State<Directory>,
                params: Params<ListParams>,
            ) -> Reply<Json<List<$line>>> {
                let listing = directory.list_teams::<$settings>(&grant, &params.0.query(names)?).await?;
                Ok(Json(List::of(listing)))
            }

            #[utoipa::path(
                post, summary = concat!("Create a ", $noun), description = "It begins with nobody in it.",
                path = $list, tag = $tag, request_body = $create, responses((status = 200, body = Created))
            )]
            async fn create(
                grant: Granted<ManagePhoneSystem>,
                State(directory): State<Directory>,
                body: Body<$create>,
            ) -> Reply<(StatusCode, Json<Created>)> {
                Ok(made(directory.create_team(&grant, body.0.read()?).await?))
            }

            #[utoipa::path(
                get, summary = concat!("Read a ", $noun),
                path = $item, tag = $tag, params(("id" = String, Path, description = "Its id.")),
                responses((status = 200, body = $answer))
            )]
            async fn show(
                grant: Granted<ViewPhoneSystem>,
                State(directory): State<Directory>,
                id: PathOf<PathId>,
            ) -> Reply<Json<$answer>> {
                Ok(Json(directory.team::<$settings>(&grant, id.0.get()).await?.into()))
            }

            #[utoipa::path(
                post, summary = concat!("Change a ", $noun), description = "Fields that are left out stay as they are.",
                path = $item, tag = $tag, params(("id" = String, Path, description = "Its id.")),
                request_body = $update, responses((status = 200))
            )]
            async fn update(
                grant: Granted<ManagePhoneSystem>,
                State(directory): State<Directory>,
                id: PathOf<PathId>,
                body: Body<$update>,
            ) -> Reply<()> {
                Ok(directory.update_team::<$settings>(&grant, id.0.get(), body.0.read()?).await?)
            }

            #[utoipa::path(
                post, summary = concat!("Destroy a ", $noun), description = "Its people stay users; its number comes free.",
                path = $destroy, tag = $tag, params(("id" = String, Path, description = "Its id.")),
                responses((status = 204))
            )]
            async fn destroy(
                grant: Granted<ManagePhoneSystem>,
                State(directory): State<Directory>,
                id: PathOf<PathId>,
            ) -> Reply<StatusCode> {
                directory.destroy_team(&grant, KIND, id.0.get()).await?;
                Ok(StatusCode::NO_CONTENT)
            }

            #[utoipa::path(
                get, summary = concat!("List the ", $people, " of a ", $noun), description = "In the order in which they are rung.",
                path = $agents, tag = $tag, params(("id" = String, Path, description = "Its id.")),
                responses((status = 200, body = Items<agents::AgentLine>))
            )]
            async fn list_agents(
                grant: Granted<ViewPhoneSystem>,
                State(directory): State<Directory>,
                id: PathOf<PathId>,
            ) -> Reply<Json<Items<agents::AgentLine>>> {
                let agents = directory.agents(&grant, KIND, id.0.get()).await?;
                Ok(Json(Items {
                    items: agents.into_iter().map(Into::into).collect(),
                }))
            }

            #[utoipa::path(
                post, summary = concat!("Set the ", $people, " of a ", $noun), description = "The list takes the place of the former one.",
                path = $agents, tag = $tag, params(("id" = String, Path, description = "Its id.")),
                request_body = SetAgents, responses((status = 200))
            )]
            async fn set_agents(
                grant: Granted<ManagePhoneSystem>,
                State(directory): State<Directory>,
                id: PathOf<PathId>,
                body: Body<SetAgents>,
            ) -> Reply<()> {
                Ok(directory.set_agents(&grant, KIND, id.0.get(), &body.0.read()?).await?)
            }

            #[utoipa::path(
                get, summary = concat!("Read one of the ", $people, " of a ", $noun),
                path = $agent, tag = $tag,
                params(
                    ("id" = String, Path, description = "Its id."),
                    ("agent_number" = String, Path, description = "The number of his extension.")
                ),
                responses((status = 200, body = $one))
            )]
            async fn agent(
                grant: Granted<ViewPhoneSystem>,
                State(directory): State<Directory>,
                path: PathOf<AgentPath>,
            ) -> Reply<Json<$one>> {
                let (id, number) = (path.0.id.get(), path.0.agent_number);
                Ok(Json(directory.agent(&grant, KIND, id, &number).await?.into()))
            }

            /// The routes of these.
            pub(crate) fn routes() -> Table {
                Table::new()
                    .routes(routes!(list, create))
                    .routes(routes!(show, update))
                    .routes(routes!(destroy))
                    .routes(routes!(list_agents, set_agents))
                    .routes(routes!(agent))
            }
        }
    };
}

mount! {
    /// Call queues.
    call_queues: CallQueueSettings as CallQueue, tag "call queues", noun "call queue", people "agents",
    list "/call_queues", item "/call_queues/{id}", destroy "/call_queues/{id}/destroy",
    agents "/call_queues/{id}/agents", agent "/call_queues/{id}/agents/{agent_number}",
    strategy "polling_strategy",
    create CreateCallQueue, update UpdateCallQueue, answer CallQueueAnswer, line CallQueueLine, one AgentAnswer
}

mount! {
    /// Ring groups.
    ring_groups: RingGroupSettings as RingGroup, tag "ring groups", noun "ring group", people "members",
    list "/ring_groups", item "/ring_groups/{id}", destroy "/ring_groups/{id}/destroy",
    agents "/ring_groups/{id}/agents", agent "/ring_groups/{id}/agents/{agent_number}",
    strategy "ring_strategy",
    create CreateRingGroup, update UpdateRingGroup, answer RingGroupAnswer, line RingGroupLine, one AgentLine
}
