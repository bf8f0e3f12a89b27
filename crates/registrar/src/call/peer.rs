//! Asks somebody who does not register here for a call: a provider, or the media engine. At each of its addresses in turn, until one
//! takes the call or refuses it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rsipstack::{
    dialog::{authenticate::Credential, dialog_layer::DialogLayer, invitation::InviteOption},
    sip::Uri,
};
use tokio::sync::mpsc;

use super::{
    fork::{Leg, Offer, Sign, leg},
    legs::OpenLeg,
};
use crate::{Context, stack::Wire, trunk::resolve};

/// One that says nothing at all for so long is taken for gone: somebody waits for the ringing, and the next address or trunk may
/// work. One that is merely slow says that it is trying.
pub(crate) const PATIENCE: Duration = Duration::from_secs(6);

/// Somebody who is called where he always is.
pub(crate) struct Peer<'a> {
    /// What he is called in the log.
    pub(crate) name: &'a str,
    /// The host that is asked, and its port.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) wire: Wire,
    /// Who is called there.
    pub(crate) callee: Uri,
    /// The user part of our own address for him.
    pub(crate) line: &'a str,
    /// What a challenge is answered with.
    pub(crate) credential: Option<Credential>,
}

impl Peer<'_> {
    /// Calls. None when there is no way to any of the addresses.
    pub(crate) async fn call(
        &self,
        context: &Context,
        dialogs: &Arc<DialogLayer>,
        offer: &Offer,
        whom: (String, OpenLeg),
        rung: mpsc::Sender<Sign>,
    ) -> Option<Leg> {
        let mut last = None;
        for address in resolve(self.host, self.port).await {
            let Some(option) = self.invitation(context, offer, address).await else {
                continue;
            };
            let dialogs = Arc::clone(dialogs);
            let leg = leg(dialogs, whom.clone(), option, rung.clone(), Some(PATIENCE)).await;
            if !leg.is_unheard() {
                return Some(leg);
            }
            tracing::warn!(peer = self.name, %address, "nobody answers a call at this address");
            last = Some(leg);
        }
        last
    }

    /// What he is asked at an address; none when there is no way to it.
    async fn invitation(
        &self,
        context: &Context,
        offer: &Offer,
        address: SocketAddr,
    ) -> Option<InviteOption> {
        let destination = match context.stack().dial(self.wire, address, self.host).await {
            Ok(destination) => destination,
            Err(error) => {
                tracing::warn!(peer = self.name, %address, "there is no way to this address: {error}");
                return None;
            }
        };
        let contact = context.stack().contact(self.wire, address.is_ipv4(), self.line)?;
        Some(InviteOption {
            credential: self.credential.clone(),
            ..offer.invitation(self.callee.clone(), destination, contact, Vec::new())
        })
    }
}
