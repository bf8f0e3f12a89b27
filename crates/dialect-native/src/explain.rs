//! Which way a call would go, and why.

use axum::{Json, extract::State};
use jackfield_directory::{Directory, ExplainedRoute};
use jackfield_domain::{
    Field, Result, Violations,
    capability::ViewPhoneSystem,
    route::{Action, MediaService, Next, RouteQuery, Shown, Step, Target},
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, Granted, Reply,
    wire::{moment, required_text},
};

/// A call whose way is asked for.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct ExplainRoute {
    /// The SIP domain of your tenant. It may be left out; another tenant's answers as an unknown one.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "sip.example.com")]
    tenant: Input<String>,
    /// Who calls: the number of an extension, or else a number outside, whose call comes in over a trunk.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256, example = "1001")]
    from: Input<String>,
    /// What is dialled, as the caller dials it.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256, example = "1002")]
    to: Input<String>,
    /// When; now, when it is left out.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = false, example = "2026-11-24T18:30:00Z")]
    at: Input<String>,
}

impl ExplainRoute {
    fn read(self) -> Result<RouteQuery> {
        let mut found = Violations::new();
        let query = RouteQuery {
            tenant: self.tenant.optional(&mut found, Field::RouteTenant),
            from: required_text(self.from, &mut found, Field::RouteFrom),
            to: required_text(self.to, &mut found, Field::RouteTo),
            at: moment(self.at).optional(&mut found, Field::RouteAt),
        };
        conclude(found, || query.check())?;
        Ok(query)
    }
}

/// Something that rings: a device of a user or a number outside.
#[derive(Serialize, ToSchema)]
pub(crate) struct RungTarget {
    /// The number of the user, or the number outside as it is sent to the trunk.
    number: String,
    /// The id of the user's device.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    instance_id: Option<String>,
    /// The name of the trunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    trunk: Option<String>,
    /// What the called side outside sees as the calling number; left out when that is the trunk's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    caller_id: Option<String>,
    /// The called side outside sees no calling number.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    anonymous: bool,
}

/// What is done with the call.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RouteAction {
    /// All targets ring; the first who answers has the call.
    Ring,
    /// A message is taken.
    Voicemail,
    /// The caller hears his messages.
    Mailbox,
    /// The caller waits for an agent.
    Queue,
    /// The caller joins a meeting.
    Meeting,
    /// The caller speaks to all phones of a ring group.
    Announcement,
    /// The call ends.
    Refuse,
}

/// Where the call goes on, by how the step ends without an answer: places in the list of steps, counted from 0.
#[derive(Serialize, ToSchema)]
pub(crate) struct RouteNext {
    /// The called side is busy or declines.
    busy: usize,
    /// It rings, and time runs out.
    no_answer: usize,
    /// Nobody can be reached.
    unreachable: usize,
}

/// One thing that is done with the call.
#[derive(Serialize, ToSchema)]
pub(crate) struct RouteStep {
    /// What is done.
    action: RouteAction,
    /// Why, since the step before.
    because: Vec<String>,
    /// The numbers that the call was for, one after the other; the last is the present one.
    path: Vec<String>,
    /// The number of the ring group or queue that it came through.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    service_number: Option<String>,
    /// What rings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    targets: Vec<RungTarget>,
    /// Whose voicemail or messages, or which queue, meeting or ring group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    number: Option<String>,
    /// For how long it rings, or the caller waits, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    seconds: Option<i64>,
    /// The SIP status that the caller is refused with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u16, required = false, minimum = 400, maximum = 699)]
    status: Option<u16>,
    /// Where the call goes on; left out where it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = RouteNext, required = false)]
    next: Option<RouteNext>,
}

/// The way of a call.
#[derive(Serialize, ToSchema)]
pub(crate) struct Route {
    /// The instant that it is for.
    #[schema(format = DateTime)]
    at: String,
    /// The extension that calls; left out for a call from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    extension_number: Option<String>,
    /// What is done, beginning with the first.
    steps: Vec<RouteStep>,
}

impl From<Target> for RungTarget {
    fn from(target: Target) -> Self {
        match target {
            Target::Device {
                number, instance_id, ..
            } => Self {
                number,
                instance_id: Some(instance_id),
                trunk: None,
                caller_id: None,
                anonymous: false,
            },
            Target::Outside {
                trunk, number, shown, ..
            } => Self {
                number,
                instance_id: None,
                trunk: Some(trunk),
                anonymous: shown == Shown::Anonymous,
                caller_id: match shown {
                    Shown::As(text) => Some(text),
                    Shown::Anonymous | Shown::Account => None,
                },
            },
        }
    }
}

impl From<Next> for RouteNext {
    fn from(next: Next) -> Self {
        Self {
            busy: next.busy,
            no_answer: next.no_answer,
            unreachable: next.unreachable,
        }
    }
}

impl From<Step> for RouteStep {
    fn from(step: Step) -> Self {
        let mut said = Self {
            action: RouteAction::Refuse,
            because: step.because,
            path: step.path,
            service_number: step.service,
            targets: Vec::new(),
            number: None,
            seconds: None,
            status: None,
            next: step.next.map(Into::into),
        };
        match step.action {
            Action::Ring(ring) => {
                said.action = RouteAction::Ring;
                said.targets = ring.targets.into_iter().map(Into::into).collect();
                said.seconds = Some(ring.seconds);
            }
            Action::Media { service, refusal } => {
                said.status = refusal.map(|refusal| refusal.status);
                let (action, number) = match service {
                    MediaService::Voicemail(number) => (RouteAction::Voicemail, number),
                    MediaService::Mailbox(number) => (RouteAction::Mailbox, number),
                    MediaService::Meeting(number) => (RouteAction::Meeting, number),
                    MediaService::Announcement(number) => (RouteAction::Announcement, number),
                    MediaService::Queue { number, seconds } => {
                        said.seconds = Some(seconds);
                        (RouteAction::Queue, number)
                    }
                };
                (said.action, said.number) = (action, Some(number));
            }
            Action::Refuse(refusal) => said.status = Some(refusal.status),
        }
        said
    }
}

impl From<ExplainedRoute> for Route {
    fn from(route: ExplainedRoute) -> Self {
        Self {
            at: route.at.to_string(),
            extension_number: route.extension,
            steps: route.plan.steps.into_iter().map(Into::into).collect(),
        }
    }
}

/// Explain a route
///
/// Which way a call would go, and why, without making it. Office hours and holidays are those of `at`; presence, registered phones,
/// queues and calls are those of now.
#[utoipa::path(
    post, path = "/routes/explain", tag = "routes", request_body = ExplainRoute, responses((status = 200, body = Route))
)]
pub(crate) async fn explain(
    grant: Granted<ViewPhoneSystem>,
    State(directory): State<Directory>,
    body: Body<ExplainRoute>,
) -> Reply<Json<Route>> {
    let route = directory.explain_route(&grant, &body.0.read()?).await?;
    Ok(Json(route.into()))
}
