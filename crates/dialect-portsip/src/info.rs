//! What anybody may know before signing in.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Params, Reply};

/// Whose information is asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct InfoParams {
    /// The SIP domain of a tenant.
    #[param(min_length = 1, max_length = 280)]
    domain: Option<String>,
}

/// What clients need to know to offer a sign-in. The part about a tenant is there when one was asked for.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Info {
    /// The host name under which the installation is reached; empty when the operator has set none.
    web_domain: String,
    /// Not told.
    private_ipv4: String,
    /// Not told.
    public_ipv4: String,
    /// Not told.
    enable_ipv6: bool,
    /// Not told.
    private_ipv6: String,
    /// Not told.
    public_ipv6: String,
    /// Not told.
    primary_dns_server: String,
    /// Not told.
    secondary_dns_server: String,
    /// The tenant's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 1024)]
    name: Option<String>,
    /// Its SIP domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 280)]
    domain: Option<String>,
    /// Its web address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 255)]
    website: Option<String>,
    /// Its picture; none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    avatar_url: Option<String>,
    /// Whether its users can sign in through Microsoft 365; not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    enable_ms365_integration: Option<bool>,
    /// Where they would.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    ms365_authorization_endpoint: Option<String>,
}

/// Describe the installation
///
/// With a domain, the tenant of that domain too. An unknown domain is an error, so that a client can tell a typing error
/// before anyone enters a password.
#[utoipa::path(
    get, path = "/info", tag = "session", security(()), params(InfoParams),
    responses((status = 200, body = Info))
)]
pub(crate) async fn show(
    State(directory): State<Directory>,
    params: Params<InfoParams>,
) -> Reply<Json<Info>> {
    let mut info = Info {
        web_domain: directory
            .installation_info()
            .public_url
            .as_deref()
            .map(host)
            .unwrap_or_default(),
        ..Info::default()
    };
    if let Some(domain) = params.0.domain.filter(|domain| !domain.is_empty()) {
        let tenant = directory.tenant_info(&domain).await?;
        info.name = Some(tenant.name);
        info.domain = Some(tenant.domain);
        info.website = Some(tenant.website);
        info.avatar_url = Some(String::new());
        info.enable_ms365_integration = Some(false);
        info.ms365_authorization_endpoint = Some(String::new());
    }
    Ok(Json(info))
}

/// The host of an address.
fn host(url: &str) -> String {
    url.parse::<axum::http::Uri>()
        .ok()
        .and_then(|uri| uri.host().map(ToOwned::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_address() {
        for (url, name) in [
            ("https://pbx.example.com", "pbx.example.com"),
            ("http://pbx.example.com:8887/x", "pbx.example.com"),
            ("", ""),
        ] {
            assert_eq!(host(url), name);
        }
    }
}
