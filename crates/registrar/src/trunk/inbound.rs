//! A call that comes in: from a telephone that proved itself, or from a provider.

use std::sync::Arc;

use jackfield_directory::{Calling, SipIdentity, Trunk};
use jackfield_domain::TenantId;
use rsipstack::sip::Uri;

use super::{Dialled, Source};
use crate::{
    Context,
    call::sip,
    stack::Incoming,
    syntax::{Address, NameAddr},
};

/// Who calls, and in which tenant.
#[derive(Debug, Clone)]
pub(crate) struct Party {
    pub(crate) tenant: TenantId,
    /// The calling number; empty when it is hidden.
    pub(crate) number: String,
    /// The domain of the tenant.
    pub(crate) domain: String,
    /// Who that is to the plan.
    pub(crate) calling: Calling,
    /// The trunk that the call came over, and the number that it is for.
    pub(crate) came: Option<(String, String)>,
}

impl Party {
    /// An extension.
    pub(crate) fn of(identity: &SipIdentity) -> Self {
        Self {
            tenant: identity.tenant,
            number: identity.number.clone(),
            domain: identity.domain.clone(),
            calling: Calling::Extension(identity.number.clone()),
            came: None,
        }
    }

    /// What the called telephone is shown.
    pub(crate) fn address(&self) -> Option<Uri> {
        if self.number.is_empty() {
            Uri::try_from("sip:anonymous@anonymous.invalid").ok()
        } else {
            sip::address(&self.number, &self.domain)
        }
    }
}

/// The provider that sent a call; none when it is not one, which has to prove itself then.
///
/// # Errors
/// The status and the reason of a refusal, when it is not clear whose call it is.
pub(crate) fn party(context: &Context, incoming: &Incoming) -> Result<Option<Party>, (u16, &'static str)> {
    judge(incoming, |dialled| {
        context.trunks().source(incoming.wire(), incoming.from(), dialled)
    })
}

/// The provider that sent a call and has proved it.
///
/// # Errors
/// As [`party`].
pub(crate) fn proved(incoming: &Incoming, trunk: Trunk) -> Result<Option<Party>, (u16, &'static str)> {
    let trunk = Arc::new(trunk);
    judge(incoming, |dialled| Source::among(&[&trunk], dialled))
}

fn address(incoming: &Incoming, name: &str) -> Option<Address> {
    let value = incoming.header(name).and_then(NameAddr::read)?;
    Address::read(value.uri)
}

fn judge(
    incoming: &Incoming,
    source: impl FnOnce(Dialled<'_>) -> Source,
) -> Result<Option<Party>, (u16, &'static str)> {
    let (target, to) = (
        incoming.target_user(),
        address(incoming, "To").map_or_else(String::new, |to| to.user),
    );
    let dialled = Dialled {
        target: &target,
        to: &to,
    };
    match source(dialled) {
        Source::Stranger => Ok(None),
        Source::Unclear => {
            tracing::warn!(from = %incoming.from(), "a provider of several tenants sent a call, and it is not clear whose it is");
            Err((404, "this number is that of no tenant, or of several"))
        }
        Source::Trunk(trunk, number) => {
            let caller = if is_private(incoming) {
                String::new()
            } else {
                let caller = address(incoming, "P-Asserted-Identity").or_else(|| address(incoming, "From"));
                caller.as_ref().map_or_else(String::new, number_of)
            };
            Ok(Some(Party {
                tenant: trunk.provider.tenant,
                domain: trunk.domain.clone(),
                calling: Calling::Outside {
                    number: caller.clone(),
                    trunk: trunk.provider.id,
                },
                number: caller,
                came: Some((trunk.provider.name.clone(), number)),
            }))
        }
    }
}

/// Whether the caller does not want to be shown (RFC 3323 §4.2, RFC 3325 §7).
fn is_private(incoming: &Incoming) -> bool {
    let mut words = incoming
        .headers("Privacy")
        .flat_map(|value| value.split([';', ',']));
    words.any(|word| {
        matches!(
            word.trim().to_ascii_lowercase().as_str(),
            "id" | "user" | "header"
        )
    })
}

/// A calling number as a provider gives it; empty for an anonymous one.
fn number_of(caller: &Address) -> String {
    if caller.host == "anonymous.invalid" || caller.user.eq_ignore_ascii_case("anonymous") {
        return String::new();
    }
    caller.user.chars().filter(|c| !c.is_control()).collect()
}
