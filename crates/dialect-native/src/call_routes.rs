//! Which number of the tenant answers a number from outside, and which trunk takes a number outside.

use axum::{Json, http::StatusCode};
use jackfield_directory::{Directory, Keeper, NamesTrunk};
use jackfield_domain::{
    Field, InboundRoute, InboundRoutePatch, Item, OutboundRoute, OutboundRoutePatch, Owned, Page, Patch,
    ProviderId, Result, SealedSecret, Violations,
    capability::{ManagePhoneSystem, ViewPhoneSystem},
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::Granted;

/// A route for calls that come in: to be made, or what of it is to be changed.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct InboundRouteBody {
    /// The number called, in digits as the trunk has it; or how such numbers begin, with a `*` behind. `*` alone means every
    /// number of the trunks. Needed when the route is made.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 33, example = "4930901820")]
    called: Input<String>,
    /// The id of the trunk that the call has to come by; any, when it is left out or null.
    #[serde(default)]
    #[schema(value_type = Option<i64>, required = false)]
    trunk_id: Input<i64>,
    /// The number of the tenant that answers: an extension, a ring group, a queue or a meeting. Needed when the route is made.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 32, example = "6000")]
    target: Input<String>,
    /// Of two routes that fit alike, the one with the lower number counts.
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 1000, default = 0)]
    priority: Input<i64>,
    /// A note for people.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    description: Input<String>,
}

/// A route for calls that go out: to be made, or what of it is to be changed.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct OutboundRouteBody {
    /// How the numbers begin, in E.164 form. `+` alone means every number, which is the default.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 33, example = "+49")]
    prefix: Input<String>,
    /// The id of the trunk that takes them. Needed when the route is made.
    #[serde(default)]
    #[schema(value_type = i64, required = false)]
    trunk_id: Input<i64>,
    /// Of the routes with the longest prefix, the one with the lowest number is tried first.
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 1000, default = 0)]
    priority: Input<i64>,
    /// How many digits behind the plus sign are left out of what is sent.
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 32, default = 0)]
    strip: Input<i64>,
    /// What is sent before the digits that are left. Without `strip` and `prepend` the number is sent with its plus sign.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 33, example = "0")]
    prepend: Input<String>,
    /// A note for people.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    description: Input<String>,
}

/// A route for calls that come in.
#[derive(Serialize, ToSchema)]
pub(crate) struct InboundRouteAnswer {
    /// Its id.
    id: i64,
    /// The number called, or how it begins.
    called: String,
    /// The trunk; left out for any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    trunk_id: Option<i64>,
    /// The number that answers.
    target: String,
    /// The lower, the sooner.
    priority: i64,
    /// A note for people.
    description: String,
}

/// A route for calls that go out.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutboundRouteAnswer {
    /// Its id.
    id: i64,
    /// How the numbers begin.
    prefix: String,
    /// The trunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    trunk_id: Option<i64>,
    /// The lower, the sooner.
    priority: i64,
    /// How many digits are left out.
    strip: i64,
    /// What is sent before the others.
    prepend: String,
    /// A note for people.
    description: String,
}

/// The routes for calls that come in.
#[derive(Serialize, ToSchema)]
pub(crate) struct InboundRoutes {
    /// All of them, in the order in which they were made.
    items: Vec<InboundRouteAnswer>,
}

/// The routes for calls that go out.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutboundRoutes {
    /// All of them, in the order in which they were made.
    items: Vec<OutboundRouteAnswer>,
}

/// How routes of a kind travel.
trait Travels: NamesTrunk + Owned<New = Self> + Default {
    type Body: DeserializeOwned;
    type Answer: Serialize;

    /// What of a route is to be changed; every wrong value is noted.
    fn read(body: Self::Body, found: &mut Violations) -> Self::Patch;

    fn answer(item: Item<Self>) -> Self::Answer;
}

fn trunk(input: Input<i64>, found: &mut Violations) -> Patch<Option<ProviderId>> {
    let input = input.convert(|id| Ok(ProviderId::new(id)));
    input.patch_option(found, Field::TrunkId)
}

impl Travels for InboundRoute {
    type Body = InboundRouteBody;
    type Answer = InboundRouteAnswer;

    fn read(body: InboundRouteBody, found: &mut Violations) -> InboundRoutePatch {
        InboundRoutePatch {
            called: body.called.patch(found, Field::Called),
            trunk: trunk(body.trunk_id, found),
            target: body.target.patch(found, Field::Target),
            priority: body.priority.patch(found, Field::Priority),
            description: body.description.patch_or_default(found, Field::Description),
        }
    }

    fn answer(item: Item<Self>) -> InboundRouteAnswer {
        InboundRouteAnswer {
            id: item.id,
            called: item.value.called,
            trunk_id: item.value.trunk.map(ProviderId::get),
            target: item.value.target,
            priority: item.value.priority,
            description: item.value.description,
        }
    }
}

impl Travels for OutboundRoute {
    type Body = OutboundRouteBody;
    type Answer = OutboundRouteAnswer;

    fn read(body: OutboundRouteBody, found: &mut Violations) -> OutboundRoutePatch {
        OutboundRoutePatch {
            prefix: body.prefix.patch(found, Field::Prefix),
            trunk: trunk(body.trunk_id, found),
            priority: body.priority.patch(found, Field::Priority),
            strip: body.strip.patch(found, Field::Strip),
            prepend: body.prepend.patch_or_default(found, Field::Prepend),
            description: body.description.patch_or_default(found, Field::Description),
        }
    }

    fn answer(item: Item<Self>) -> OutboundRouteAnswer {
        OutboundRouteAnswer {
            id: item.id,
            prefix: item.value.prefix,
            trunk_id: item.value.trunk.map(ProviderId::get),
            priority: item.value.priority,
            strip: item.value.strip,
            prepend: item.value.prepend,
            description: item.value.description,
        }
    }
}

/// The right to see or to change them is one for the tenant's collections.
fn shelf<C>(grant: &Granted<C>) -> Keeper {
    Keeper::of_tenant(grant)
}

async fn all<T: Travels>(grant: &Granted<ViewPhoneSystem>, directory: &Directory) -> Result<Vec<T::Answer>> {
    let page = Page {
        skip: 0,
        take: T::MOST,
    };
    let listing = directory.list_items::<T>(&shelf(grant), page).await?;
    Ok(listing.items.into_iter().map(T::answer).collect())
}

async fn one<T: Travels>(keeper: &Keeper, directory: &Directory, id: i64) -> Result<Json<T::Answer>> {
    Ok(Json(T::answer(directory.item::<T>(keeper, id).await?)))
}

async fn make<T: Travels>(
    grant: &Granted<ManagePhoneSystem>,
    directory: &Directory,
    body: T::Body,
) -> Result<(StatusCode, Json<T::Answer>)> {
    let mut found = Violations::new();
    let patch = T::read(body, &mut found);
    let mut new = T::default();
    new.apply(patch, &mut |_| SealedSecret::default());
    conclude(found, || <T as Owned>::check(&new))?;
    let id = directory.create_call_route::<T>(grant, new).await?;
    Ok((StatusCode::CREATED, one::<T>(&shelf(grant), directory, id).await?))
}

async fn change<T: Travels>(
    grant: &Granted<ManagePhoneSystem>,
    directory: &Directory,
    id: i64,
    body: T::Body,
) -> Result<Json<T::Answer>> {
    let mut found = Violations::new();
    let patch = T::read(body, &mut found);
    found.finish()?;
    directory.update_call_route::<T>(grant, id, patch).await?;
    one::<T>(&shelf(grant), directory, id).await
}

/// The five operations of one kind of routes.
macro_rules! mount {
    ($module:ident: $route:ty, $what:literal, list $list:literal, item $item:literal, body $body:ident, answer $answer:ident, items $items:ident) => {
        #[doc = $what]
        pub(crate) mod $module {
            use axum::{Json, extract::State, http::StatusCode};
            use jackfield_directory::Directory;
            use jackfield_domain::capability::{ManagePhoneSystem, ViewPhoneSystem};

            use super::{$answer, $body, $items};
            use crate::{Body, Granted, PathOf, Reply};

            /// List them
            #[utoipa::path(get, path = $list, tag = "routes", responses((status = 200, body = $items)))]
            pub(crate) async fn list(
                grant: Granted<ViewPhoneSystem>,
                State(directory): State<Directory>,
            ) -> Reply<Json<$items>> {
                let items = super::all::<$route>(&grant, &directory).await?;
                Ok(Json($items { items }))
            }

            /// Make one
            #[utoipa::path(
                post, path = $list, tag = "routes", request_body = $body, responses((status = 201, body = $answer))
            )]
            pub(crate) async fn create(
                grant: Granted<ManagePhoneSystem>,
                State(directory): State<Directory>,
                body: Body<$body>,
            ) -> Reply<(StatusCode, Json<$answer>)> {
                Ok(super::make::<$route>(&grant, &directory, body.0).await?)
            }

            /// Read one
            #[utoipa::path(
                get, path = $item, tag = "routes", params(("id" = i64, Path, description = "The route.")),
                responses((status = 200, body = $answer))
            )]
            pub(crate) async fn read(
                grant: Granted<ViewPhoneSystem>,
                State(directory): State<Directory>,
                id: PathOf<i64>,
            ) -> Reply<Json<$answer>> {
                Ok(super::one::<$route>(&super::shelf(&grant), &directory, id.0).await?)
            }

            /// Change one
            ///
            /// What is left out stays as it is.
            #[utoipa::path(
                patch, path = $item, tag = "routes", params(("id" = i64, Path, description = "The route.")),
                request_body = $body, responses((status = 200, body = $answer))
            )]
            pub(crate) async fn update(
                grant: Granted<ManagePhoneSystem>,
                State(directory): State<Directory>,
                id: PathOf<i64>,
                body: Body<$body>,
            ) -> Reply<Json<$answer>> {
                Ok(super::change::<$route>(&grant, &directory, id.0, body.0).await?)
            }

            /// Remove one
            #[utoipa::path(
                delete, path = $item, tag = "routes", params(("id" = i64, Path, description = "The route.")),
                responses((status = 204))
            )]
            pub(crate) async fn remove(
                grant: Granted<ManagePhoneSystem>,
                State(directory): State<Directory>,
                id: PathOf<i64>,
            ) -> Reply<StatusCode> {
                directory.remove_item::<$route>(&super::shelf(&grant), id.0).await?;
                Ok(StatusCode::NO_CONTENT)
            }
        }
    };
}

mount! {
    inbound: jackfield_domain::InboundRoute, "Routes for calls that come in.",
    list "/inbound_routes", item "/inbound_routes/{id}",
    body InboundRouteBody, answer InboundRouteAnswer, items InboundRoutes
}

mount! {
    outbound: jackfield_domain::OutboundRoute, "Routes for calls that go out.",
    list "/outbound_routes", item "/outbound_routes/{id}",
    body OutboundRouteBody, answer OutboundRouteAnswer, items OutboundRoutes
}
