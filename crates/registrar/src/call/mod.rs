//! Calls: a back-to-back user agent that carries out what [`plan`](jackfield_domain::route::plan) says.
//!
//! The caller's `INVITE` has to be proved (407). Then the directory plans the call, and the edge goes from step to step
//! (`place.rs`, `lead.rs`): it rings the telephones of a step at once (`fork.rs`), or a number outside over its
//! trunk (`trunk/dial.rs`), and where nobody answers the outcome leads to
//! the next step. When somebody answers, both sides are two dialogs of ours, and what one side asks is asked of the other
//! (`bridge.rs`), or carried out for it (`transfer.rs`). Session descriptions pass as they are, so sound and picture go from
//! telephone to telephone; where a side gets another opposite, both are asked again (`media.rs`).
//!
//! A call that takes the place of another dialog is no new one (`replace.rs`, `moving.rs`). What rings is told to lamps, and picked
//! up there (`ringing.rs`).
//!
//! What needs a sound of its own is handed to the media engine (`engine.rs`). Who waits in a queue hears its music from there
//! while agents are rung (`waiting.rs`).
//!
//! What is asked of a call over the API comes through the store (`orders.rs`) and finds it in a table (`table.rs`).
//!
//! Every call leaves one record with its legs (`legs.rs`), a refused one too (`record.rs`). A call that is answered is in the store before the caller hears
//! of it; its entry is renewed each minute, so that another process sees when the one that carried it is gone and writes its
//! record (`jackfield_directory`, `report/lost_calls.rs`).

mod bridge;
mod engine;
pub(crate) mod fork;
mod front;
mod joining;
mod lead;
pub(crate) mod legs;
mod media;
mod moving;
mod orders;
pub(crate) mod peer;
mod place;
mod record;
mod replace;
pub(crate) mod ringing;
pub(crate) mod sip;
mod table;
mod transfer;
mod waiting;

use std::{
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use async_trait::async_trait;
use jackfield_domain::{Clock, Entropy};
use rsipstack::{
    dialog::{
        dialog::{Dialog, DialogState},
        dialog_layer::DialogLayer,
    },
    sip::{Method, StatusCode, prelude::HeadersExt},
};

use self::{ringing::RingingCalls, table::Table};
use crate::{Context, RequestHandler, stack::Incoming, trunk};

/// For how long a request within a call waits for the `ACK` that was sent before it, and how often that is looked at.
const ACKNOWLEDGE: Duration = Duration::from_secs(1);
const GLANCE: Duration = Duration::from_millis(5);
/// How often calls that are lost are looked for.
const UPKEEP: Duration = Duration::from_mins(1);

/// Answers what has to do with calls.
pub struct Calls {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    dialogs: OnceLock<Arc<DialogLayer>>,
    table: Arc<Table>,
    pub(crate) ringing: Arc<RingingCalls>,
    /// Itself, for what goes on after a request is handled.
    own: Weak<Self>,
}

impl Calls {
    /// Somebody for calls, to be handed to [`BoundEdge::start`](crate::BoundEdge::start).
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Arc<Self> {
        Arc::new_cyclic(|own| Self {
            clock,
            entropy,
            dialogs: OnceLock::new(),
            table: Arc::default(),
            ringing: Arc::default(),
            own: Weak::clone(own),
        })
    }

    /// Follows the trunks, and writes now and then the records of calls whose process is gone. Runs until it is dropped.
    pub async fn upkeep(context: Context) {
        tokio::join!(trunk::follow(context.clone()), Self::close_lost(context));
    }

    async fn close_lost(context: Context) {
        let mut tick = tokio::time::interval(UPKEEP);
        loop {
            tick.tick().await;
            match context.directory().close_lost_calls().await {
                Ok(0) => {}
                Ok(closed) => tracing::info!(closed, "calls of a process that is gone were closed"),
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "calls of a process that is gone could not be closed; the next try is in {UPKEEP:?}"
                ),
            }
        }
    }

    /// An id for a call.
    fn new_id(&self) -> String {
        let mut id = [0; 16];
        self.entropy.fill(&mut id);
        hex::encode(id)
    }

    /// A number for a session description.
    fn new_number(&self) -> u64 {
        let mut number = [0; 8];
        self.entropy.fill(&mut number);
        u64::from_le_bytes(number)
    }

    fn dialogs(&self, context: &Context) -> &Arc<DialogLayer> {
        self.dialogs
            .get_or_init(|| Arc::new(DialogLayer::new(Arc::clone(context.stack().endpoint()))))
    }
}

/// Waits, for a moment at most, until the answer of a call is acknowledged; tells whether it is. A telephone may ask for something right after its
/// `ACK`, which is handled elsewhere; the library would take an early `INVITE` for the one that began the call.
async fn acknowledged(dialog: &Dialog) -> bool {
    for _ in 0..ACKNOWLEDGE.as_millis() / GLANCE.as_millis() {
        if !matches!(dialog.state(), DialogState::WaitAck(..)) {
            return true;
        }
        tokio::time::sleep(GLANCE).await;
    }
    false
}

#[async_trait]
impl RequestHandler for Calls {
    fn methods(&self) -> &'static [&'static str] {
        &["INVITE", "BYE", "INFO", "UPDATE", "REFER"]
    }

    async fn handle(&self, context: &Context, incoming: Incoming) {
        let dialogs = self.dialogs(context);
        let tagged = incoming.header("To").is_some_and(sip::has_tag);
        if !tagged && incoming.method() == "INVITE" {
            // It is held by whoever hands requests to it.
            let Some(calls) = self.own.upgrade() else { return };
            // It lasts as long as the call, and is large.
            return Box::pin(place::place(&calls, context, incoming)).await;
        }
        let mut transaction = incoming.into_transaction();
        let outcome = match dialogs.match_dialog(&transaction) {
            Some(mut dialog) if tagged => {
                if acknowledged(&dialog).await || transaction.original.method != Method::Invite {
                    dialog.handle(&mut transaction).await
                } else {
                    // The answer goes out again until it is acknowledged; the side may ask again then (RFC 3261 §14.1).
                    transaction.reply(StatusCode::RequestPending).await
                }
            }
            _ => transaction.reply(StatusCode::CallTransactionDoesNotExist).await,
        };
        if let Err(error) = outcome {
            let call = transaction.original.call_id_header().map(ToString::to_string);
            tracing::debug!(?call, "a request of a call could not be answered: {error}");
        }
    }
}
