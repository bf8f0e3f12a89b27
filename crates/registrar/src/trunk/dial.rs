//! Asks a provider for a call: at each of its addresses in turn, until one takes it or refuses it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jackfield_directory::Trunk;
use jackfield_domain::{
    ProviderId, TenantId,
    route::{Shown, Target},
};
use rsipstack::{
    dialog::{authenticate::Credential, dialog_layer::DialogLayer, invitation::InviteOption},
    sip::{Header, Uri},
    transport::SipAddr,
};
use tokio::sync::mpsc;

use super::{address, bound, identity, wire};
use crate::{
    Context,
    call::{
        fork::{Leg, Offer, Sign, leg},
        legs::OpenLeg,
    },
};

/// A provider that says nothing at all for so long is taken for gone: somebody waits for the ringing, and the next address or
/// trunk may work. One that is merely slow says that it is trying.
pub(crate) const PATIENCE: Duration = Duration::from_secs(6);

/// How a provider is asked.
pub(super) struct Way {
    /// Where the request is sent.
    pub(super) destination: SipAddr,
    /// What it is for.
    pub(super) target: Uri,
    /// Where we are for it.
    pub(super) contact: Uri,
    /// The proxies between.
    pub(super) routes: Vec<Header>,
}

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
        if trunk.provider.accepts_registration() {
            let way = bound::way(&context, &trunk, &self.number).await?;
            let option = self.invitation(&trunk, &offer, way)?;
            return Some(leg(dialogs, (self.number, open), option, rung, Some(PATIENCE)).await);
        }
        let (host, port) = address::next_hop(&trunk.provider.hostname, &trunk.provider.settings);
        let mut last = None;
        for address in address::resolve(host, port).await {
            let Some(way) = self.way(&context, &trunk, address).await else {
                continue;
            };
            let Some(option) = self.invitation(&trunk, &offer, way) else {
                continue;
            };
            let whom = (self.number.clone(), open.clone());
            let leg = leg(Arc::clone(&dialogs), whom, option, rung.clone(), Some(PATIENCE)).await;
            if !leg.is_unheard() {
                return Some(leg);
            }
            tracing::debug!(trunk = %trunk.provider.name, %address, "a provider does not answer at this address");
            last = Some(leg);
        }
        last
    }

    /// The way to the provider at an address, when there is one.
    async fn way(&self, context: &Context, trunk: &Trunk, address: SocketAddr) -> Option<Way> {
        let (provider, settings) = (&trunk.provider, &trunk.provider.settings);
        let wire = wire(settings.transport);
        let (host, _) = address::next_hop(&provider.hostname, settings);
        let destination = match context.stack().dial(wire, address, host).await {
            Ok(destination) => destination,
            Err(error) => {
                tracing::debug!(trunk = %provider.name, %address, "a provider cannot be reached: {error}");
                return None;
            }
        };
        Some(Way {
            destination,
            target: address::uri(provider, &self.number)?,
            contact: context.stack().contact(wire, address.is_ipv4(), &trunk.line)?,
            routes: Vec::new(),
        })
    }

    /// What the provider is asked.
    fn invitation(&self, trunk: &Trunk, offer: &Offer, way: Way) -> Option<InviteOption> {
        let identity = identity::identity(trunk, &self.shown, offer.number())?;
        let mut headers = vec![Header::MaxForwards(offer.hops.to_string().into())];
        headers.extend(way.routes);
        // Who transferred is nobody's business outside.
        let passed = offer
            .headers
            .iter()
            .filter(|header| !matches!(header, Header::ReferredBy(_)));
        headers.extend(passed.cloned());
        headers.extend(identity.headers);
        Some(InviteOption {
            caller: identity.from,
            caller_display_name: identity.name,
            callee: way.target,
            destination: Some(way.destination),
            content_type: offer.content_type.clone(),
            offer: Some(offer.body.clone()),
            contact: way.contact,
            credential: credential(trunk),
            headers: Some(headers),
            ..InviteOption::default()
        })
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
