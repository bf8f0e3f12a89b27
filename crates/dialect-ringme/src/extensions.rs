//! Extensions: to find the id that a user of one is made with.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use jackfield_domain::{
    Extension, ExtensionField, ExtensionId, Field, Literal, Query, Result, TenantId, capability::ManageUsers,
};
use jackfield_edge::{IdList, Input, Whole, write_moment};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    PathId, PathOf, QueryFields, Reply, call_history,
    listing::{self, Conditions, Texts},
    or_null,
    user_view::{STATUSES, enabled, status},
    visitor::Visitor,
};

/// The only type of extension that there is here. The vendor's others are queues and menus of its own.
const PHONE: &str = "phone";

/// An extension.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExtensionAnswer {
    /// Its id.
    #[schema(example = 100_000)]
    id: i64,
    /// The client's id and its number, with an asterisk between them.
    #[schema(example = "100000*1001")]
    name: String,
    /// Always `phone`.
    #[schema(example = "phone")]
    r#type: &'static str,
    /// `active` or `blocked`, as whom it was made with.
    #[schema(example = "active")]
    status: &'static str,
    /// The name of whom it was made with.
    label: Option<String>,
    /// The same: it is what others are shown.
    caller_id_name: Option<String>,
    /// Its client.
    client_id: i64,
    /// Always `null`: there are no groups of extensions.
    extension_group_id: Option<i64>,
    /// The client's SIP domain.
    #[schema(example = "sip.example.com")]
    domain: String,
    /// When it was made, in UTC.
    #[schema(example = "2026-03-02 08:00:00")]
    create_date: String,
    /// Always `null`.
    extra_params: Option<String>,
    /// Always `null`: rules for dialling are the client's.
    dial_rule_id: Option<i64>,
    /// Always `null`.
    dial_rule_limit: Option<i64>,
}

impl ExtensionAnswer {
    fn of(extension: Extension, domain: &str) -> Self {
        let client = extension.tenant.get();
        Self {
            id: extension.id.get(),
            name: call_history::name(extension.tenant, &extension.number),
            r#type: PHONE,
            status: status(extension.enabled),
            label: or_null(extension.display_name.clone()),
            caller_id_name: or_null(extension.display_name),
            client_id: client,
            extension_group_id: None,
            domain: domain.to_owned(),
            create_date: write_moment(extension.created_at),
            extra_params: None,
            dial_rule_id: None,
            dial_rule_limit: None,
        }
    }
}

/// What the list can be asked for.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListExtensions {
    /// Only with one of these ids.
    #[param(value_type = Option<Vec<i64>>)]
    id: Input<IdList>,
    /// Only with one of these names; the number alone will do.
    #[param(value_type = Option<Vec<String>>)]
    name: Input<Texts>,
    /// Only of one of these types. All here are of the type `phone`.
    #[param(value_type = Option<Vec<String>>)]
    r#type: Input<Texts>,
    /// Only with one of these states: `active`, `blocked`.
    #[param(value_type = Option<Vec<String>>)]
    status: Input<Texts>,
    /// Only with one of these labels.
    #[param(value_type = Option<Vec<String>>)]
    label: Input<Texts>,
    /// Only of one of these groups. There are none.
    #[param(value_type = Option<Vec<i64>>)]
    extension_group_id: Input<IdList>,
    /// Which page, from 1. One past the end is empty.
    #[param(value_type = Option<i32>, minimum = 1, default = 1)]
    page: Input<Whole>,
    /// How many rows a page has.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 1000, default = 1000)]
    per_page: Input<Whole>,
}

impl ListExtensions {
    fn query(self, client: TenantId) -> Result<Query<ExtensionField>> {
        use ExtensionField as F;
        let mut all = Conditions::new();
        let page = listing::page(self.page, self.per_page, all.found());
        all.numbers(self.id, Field::Id, F::Id);
        all.texts_as(self.name, Field::Number, F::Number, |name| {
            let prefix = format!("{client}*");
            name.strip_prefix(&prefix).map(str::to_owned).unwrap_or(name)
        });
        all.words(self.status, Field::Enabled, F::Enabled, STATUSES, |word| {
            enabled(word).map(Literal::Flag)
        });
        all.texts(self.label, Field::DisplayName, F::DisplayName);
        let types = self.r#type.optional(all.found(), Field::Mode);
        all.none_if(types.is_some_and(|types| !types.has(PHONE)), F::Id);
        let groups = self.extension_group_id.optional(all.found(), Field::Groups);
        all.none_if(groups.is_some_and(|IdList(groups)| !groups.is_empty()), F::Id);
        all.query(page)
    }
}

/// List extensions
#[utoipa::path(
    get, path = "/{client_id}/extension/", tag = "extensions",
    params(("client_id" = String, Path, description = "The client, or `@me`."), ListExtensions),
    responses((status = 200, body = Vec<ExtensionAnswer>))
)]
pub(crate) async fn list(
    visitor: Visitor,
    State(directory): State<Directory>,
    params: QueryFields<ListExtensions>,
) -> Reply<Json<Vec<ExtensionAnswer>>> {
    let grant = visitor.grant::<ManageUsers>()?;
    let query = params.0.query(grant.tenant())?;
    let extensions = directory.list_extensions(&grant, &query).await?;
    let facts = directory.tenant_facts(grant.tenant()).await?;
    let answers = extensions
        .into_iter()
        .map(|extension| ExtensionAnswer::of(extension, &facts.domain));
    Ok(Json(answers.collect()))
}

/// What a path names beside the client.
#[derive(Deserialize)]
pub(crate) struct Named {
    extension_id: PathId,
}

/// Read an extension
#[utoipa::path(
    get, path = "/{client_id}/extension/{extension_id}", tag = "extensions",
    params(
        ("client_id" = String, Path, description = "The client, or `@me`."),
        ("extension_id" = i64, Path, description = "The extension.")
    ),
    responses((status = 200, body = ExtensionAnswer))
)]
pub(crate) async fn show(
    visitor: Visitor,
    State(directory): State<Directory>,
    named: PathOf<Named>,
) -> Reply<Json<ExtensionAnswer>> {
    let grant = visitor.grant::<ManageUsers>()?;
    let id = ExtensionId::new(named.0.extension_id.0);
    let extension = directory.extension(&grant, id).await?;
    let facts = directory.tenant_facts(grant.tenant()).await?;
    Ok(Json(ExtensionAnswer::of(extension, &facts.domain)))
}
