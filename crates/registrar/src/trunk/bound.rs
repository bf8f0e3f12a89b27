//! Providers that register here: where they are, and what comes from there.

use std::net::SocketAddr;

use jackfield_directory::Trunk;
use rsipstack::sip::{Header, Uri};

use super::dial::Way;
use crate::{Context, Phone, call::sip, stack::Wire};

/// The place that a provider registered from; none while it is not registered.
fn place(context: &Context, trunk: &Trunk) -> Option<Phone> {
    let bound = trunk.binding.as_ref()?;
    Phone::at(&bound.binding, &bound.route, context.name())
}

/// Where a call that comes from there is the provider's without a proof. A proxy that we trust stands for many, so what comes over
/// one has to be proved.
pub(super) fn source(context: &Context, trunk: &Trunk) -> Option<(Wire, SocketAddr)> {
    let place = place(context, trunk)?;
    let own = place.path.is_empty() && !context.trusts(place.address.ip());
    own.then_some((place.wire, place.address))
}

/// The way to a number at the place that its provider registered from.
pub(super) async fn way(context: &Context, trunk: &Trunk, number: &str) -> Option<Way> {
    let place = place(context, trunk)?;
    let destination = match context.stack().reach(place.wire, place.address).await {
        Ok((_, destination)) => destination,
        Err(error) => {
            tracing::debug!(trunk = %trunk.provider.name, "a provider cannot be reached: {error}");
            return None;
        }
    };
    // The number takes the place of the account that it registered (RFC 6140 §5.2 has such a contact written without one).
    let mut target = Uri::try_from(place.contact.as_str()).ok()?;
    target.auth = sip::address(number, &trunk.domain)?.auth;
    Some(Way {
        destination,
        target,
        contact: sip::contact(&context.stack().endpoint().transport_layer, place.wire)?,
        routes: place
            .path
            .iter()
            .map(|hop| Header::Route(hop.clone().into()))
            .collect(),
    })
}
