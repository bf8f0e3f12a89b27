//! Providers that register here: where they are, and what comes from there.

use std::{net::SocketAddr, sync::Arc};

use jackfield_directory::Trunk;
use rsipstack::{
    dialog::{dialog_layer::DialogLayer, invitation::InviteOption},
    sip::Uri,
};
use tokio::sync::mpsc;

use super::dial::credential;
use crate::{
    Context, Phone,
    call::{
        fork::{Leg, Offer, Sign, invited, leg},
        legs::OpenLeg,
        peer::PATIENCE,
        sip,
    },
    stack::Wire,
};

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

/// Calls a number at the place that its provider registered from. None when there is no way to it.
pub(super) async fn call(
    context: &Context,
    dialogs: Arc<DialogLayer>,
    trunk: &Trunk,
    offer: &Offer,
    (number, open): (String, OpenLeg),
    rung: mpsc::Sender<Sign>,
) -> Option<Leg> {
    let place = place(context, trunk)?;
    // The number takes the place of the account that was registered.
    let mut callee = Uri::try_from(place.contact.as_str()).ok()?;
    callee.auth = sip::address(&number, &trunk.domain)?.auth;
    let option = InviteOption {
        credential: credential(trunk),
        ..invited(context, &place, callee, offer, Vec::new()).await?
    };
    Some(leg(dialogs, (number, open), option, rung, Some(PATIENCE)).await)
}
