//! The signed-in account.

use axum::{Json, extract::State};
use jackfield_directory::{Directory, document::settings_of};
use jackfield_domain::{Error, Result, split_name, text::country_code};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    Reply, Session,
    envelope::{Many, One},
    user_view::is_root,
};

/// The signed-in account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// Its id.
    #[schema(example = 100_001)]
    id: i64,
    /// What is left of its credit, in `currency_iso`, exact to five fraction digits.
    #[schema(value_type = f64, example = 5.1)]
    balance: Box<RawValue>,
    /// The country of its tenant, ISO 3166 in two letters; empty when it is not known.
    cc: &'static str,
    /// The caller id that it shows first; empty when it has none.
    cli: String,
    /// The currency of its tenant, ISO 4217.
    currency_iso: String,
    /// Whether it administers its tenant.
    is_root: bool,
    /// The language of its voicemail prompts.
    language: String,
    /// The id of its tenant.
    customer_id: i64,
    /// Its address; empty when it has none.
    email: String,
    /// Its first name, split off the name that people see.
    first_name: String,
    /// Its last name, split off the name that people see.
    last_name: String,
    /// The SIP domain of its tenant.
    sip_domain: String,
    /// The name that its SIP devices sign in with: the number of its extension; empty without one.
    sip_username: String,
    /// The password that its SIP devices sign in with; empty without an extension.
    sip_password: String,
}

async fn me(session: &Session, directory: &Directory) -> Result<Me> {
    let owner = session.own()?;
    let user = directory.user(&owner).await?;
    let facts = directory.tenant_facts(owner.tenant()).await?;
    let caller_ids = directory.outbound_caller_ids(&owner).await?;
    let first = caller_ids
        .iter()
        .find(|entry| entry.preferred)
        .or(caller_ids.first());
    let language = settings_of(&user)?.voicemail_prompt;
    let sip = directory.own_sip_account(&owner).await?;
    let (sip_username, sip_password) = sip.map(|sip| (sip.number, sip.password)).unwrap_or_default();
    let (first_name, last_name) = split_name(&user.display_name);
    Ok(Me {
        id: user.id.get(),
        balance: RawValue::from_string(user.balance.to_string()).map_err(Error::internal)?,
        cc: country_code(&facts.region),
        cli: first.map(|entry| entry.caller_id.clone()).unwrap_or_default(),
        currency_iso: facts.currency.clone(),
        is_root: is_root(&user.role),
        language: if language.is_empty() {
            "en".to_owned()
        } else {
            language
        },
        customer_id: owner.tenant().get(),
        email: user.email,
        first_name,
        last_name,
        sip_domain: facts.domain.clone(),
        sip_username,
        sip_password,
    })
}

/// Read the signed-in account
#[utoipa::path(get, path = "/me", tag = "session", responses((status = 200, body = One<Me>)))]
pub(crate) async fn show(session: Session, State(directory): State<Directory>) -> Reply<Json<One<Me>>> {
    Ok(Json(One::of(me(&session, &directory).await?)))
}

/// Read the signed-in account
///
/// A list with one entry, as this version's reference has it.
#[utoipa::path(get, path = "/me", tag = "session", responses((status = 200, body = Many<Me>)))]
pub(crate) async fn list(session: Session, State(directory): State<Directory>) -> Reply<Json<Many<Me>>> {
    Ok(Json(Many::whole(vec![me(&session, &directory).await?])))
}
