//! Signs of life: asks a provider now and then whether it is there (`OPTIONS`, RFC 3261 §11), which keeps the way through routers open
//! as well.

use std::time::Duration;

use jackfield_directory::Trunk;
use rsipstack::sip::Method;
use tokio::time::timeout;

use super::{address, wire};
use crate::{
    Context,
    stack::{Flow, Outgoing},
};

/// A provider that does not answer for so long gives no sign of life.
const ANSWER: Duration = Duration::from_secs(10);

/// Asks each address of the provider in turn. Whatever it answers is a sign of life, a refusal too.
///
/// # Errors
/// Why there is none, for the log.
pub(super) async fn ask(context: &Context, trunk: &Trunk, number: u32) -> Result<(), String> {
    let (provider, settings) = (&trunk.provider, &trunk.provider.settings);
    let (host, port) = address::next_hop(&provider.hostname, settings);
    let wire = wire(settings.transport);
    let mut silence = "its host is not known".to_owned();
    for address in address::resolve(host, port).await {
        if let Err(error) = context.stack().dial(wire, address, host).await {
            silence = error.to_string();
            continue;
        }
        let Some(own) = context.stack().contact(wire, address.is_ipv4(), &trunk.line) else {
            return Err("there is no listener for it".to_owned());
        };
        // It is the provider that is asked, and nobody behind it.
        let Some(target) = address::uri(provider, "") else {
            return Err("its host is no host".to_owned());
        };
        let options = Outgoing {
            method: Method::Options,
            from: format!("<{own}>;tag=alive{number}"),
            to: format!("<{target}>"),
            target: target.to_string(),
            call_id: format!("alive-{}-{}", trunk.line, context.name()),
            cseq: number,
            routes: Vec::new(),
            headers: vec![("Contact", format!("<{own}>"))],
            body: Vec::new(),
        };
        let flow = Flow::to(wire, address);
        match timeout(ANSWER, context.stack().ask(&flow, options)).await {
            // The library's own, and what breaks on the way.
            Ok(Ok(408)) | Err(_) => silence = format!("no answer within {ANSWER:?}"),
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => silence = error.to_string(),
        }
    }
    Err(silence)
}
