//! Asks a provider for a call.

use std::sync::Arc;

use jackfield_directory::Trunk;
use jackfield_domain::{
    ProviderId, TenantId,
    route::{Shown, Target},
};
use rsipstack::{
    dialog::{authenticate::Credential, dialog_layer::DialogLayer},
    sip::Header,
};
use tokio::sync::mpsc;

use super::{address, bound, identity, wire};
use crate::{
    Context,
    call::{
        fork::{Leg, Offer, Sign},
        legs::OpenLeg,
        peer::Peer,
    },
};

/// A number outside that is to be called.
pub(crate) struct Outside {
    tenant: TenantId,
    provider: ProviderId,
    number: String,
    shown: Shown,
}

/// What a call over a trunk is known by in its record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Over {
    /// The trunk.
    pub(crate) trunk: String,
    /// What the called side sees; empty for nothing.
    pub(crate) caller_id: String,
}

impl Outside {
    /// The number outside of a target, if it is one.
    pub(crate) fn of(tenant: TenantId, target: &Target) -> Option<Self> {
        let Target::Outside {
            provider,
            number,
            shown,
            ..
        } = target
        else {
            return None;
        };
        Some(Self {
            tenant,
            provider: *provider,
            number: number.clone(),
            shown: shown.clone(),
        })
    }

    /// What its record says of the way; none when the trunk is not there any more.
    pub(crate) async fn over(&self, context: &Context, caller: &str) -> Option<Over> {
        let trunk = self.trunk(context).await?;
        let identity = identity::identity(&trunk, &self.shown, caller)?;
        Some(Over {
            trunk: trunk.provider.name,
            caller_id: identity.number,
        })
    }

    async fn trunk(&self, context: &Context) -> Option<Trunk> {
        match context.directory().trunk(self.tenant, self.provider).await {
            Ok(trunk) => trunk,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a trunk could not be looked up"
                );
                None
            }
        }
    }

    /// Calls the number. None when the provider could not be asked.
    pub(crate) async fn call(
        self,
        context: Context,
        dialogs: Arc<DialogLayer>,
        offer: Offer,
        rung: mpsc::Sender<Sign>,
        open: OpenLeg,
    ) -> Option<Leg> {
        let trunk = self.trunk(&context).await?;
        let (provider, settings) = (&trunk.provider, &trunk.provider.settings);
        let (host, port) = address::next_hop(&provider.hostname, settings);
        let identity = identity::identity(&trunk, &self.shown, offer.number())?;
        // Who transferred is nobody's business outside.
        let passed = |header: &Header| !matches!(header, Header::ReferredBy(_));
        let mut headers = offer.headers;
        headers.retain(passed);
        headers.extend(identity.headers);
        let offer = Offer {
            caller: identity.from,
            name: identity.name.unwrap_or_default(),
            headers,
            ..offer
        };
        let whom = (self.number.clone(), open);
        if provider.accepts_registration() {
            return bound::call(&context, dialogs, &trunk, &offer, whom, rung).await;
        }
        let peer = Peer {
            name: &provider.name,
            host,
            port,
            wire: wire(settings.transport),
            callee: address::uri(provider, &self.number)?,
            line: &trunk.line,
            credential: credential(&trunk),
        };
        peer.call(&context, &dialogs, &offer, whom, rung).await
    }
}

/// What a challenge of the provider is answered with; none for a trunk without a password.
pub(super) fn credential(trunk: &Trunk) -> Option<Credential> {
    let settings = &trunk.provider.settings;
    (!trunk.password.is_empty()).then(|| Credential {
        username: settings.username.clone(),
        password: trunk.password.reveal().to_owned(),
        realm: None,
        auth_username: (!settings.auth_id.is_empty()).then(|| settings.auth_id.clone()),
    })
}
