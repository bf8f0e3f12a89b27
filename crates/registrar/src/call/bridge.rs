//! Two sides that speak: what one asks is asked of the other, until one of them hangs up.

use std::sync::Arc;

use jackfield_domain::EndReason;
use rsipstack::{
    dialog::{
        dialog::{DialogState, DialogStateReceiver, TransactionHandle},
        dialog_layer::DialogLayer,
        invite_dialog::InviteDialog,
    },
    sip::{Method, Request},
};

use super::sip;

/// A side of a call.
pub(super) struct Side {
    pub(super) dialog: InviteDialog,
    pub(super) states: DialogStateReceiver,
}

/// Carries the call on until it is over, and tells who ended it.
pub(super) async fn bridge(dialogs: &Arc<DialogLayer>, mut from: Side, mut to: Side) -> EndReason {
    let reason = loop {
        tokio::select! {
            state = from.states.recv() => {
                if ended(state, &to.dialog) {
                    break EndReason::CallerDisconnected;
                }
            }
            state = to.states.recv() => {
                if ended(state, &from.dialog) {
                    break EndReason::CalleeDisconnected;
                }
            }
        }
    };
    let other = match reason {
        EndReason::CallerDisconnected => &to.dialog,
        _ => &from.dialog,
    };
    // The side that is left may be gone as well: then nobody answers, and the call is over all the same.
    if let Err(error) = other.bye().await {
        tracing::debug!("the other side of a call could not be told that it is over: {error}");
    }
    dialogs.remove_dialog(&from.dialog.id());
    dialogs.remove_dialog(&to.dialog.id());
    reason
}

/// Hands on what a side asks; tells whether the side has ended.
fn ended(state: Option<DialogState>, other: &InviteDialog) -> bool {
    match state {
        None | Some(DialogState::Terminated(..)) => return true,
        Some(DialogState::Updated(_, request, handle) | DialogState::Info(_, request, handle)) => {
            // Apart, so that hanging up does not wait for an answer.
            tokio::spawn(relay(other.clone(), request, handle));
        }
        Some(_) => {}
    }
    false
}

/// Asks the other side the same and answers what it says.
async fn relay(other: InviteDialog, request: Request, handle: TransactionHandle) {
    let (headers, body) = sip::body_of_request(&request);
    let answer = match request.method {
        Method::Invite => other.reinvite(headers, body).await,
        method => other.request(method, headers, body).await,
    };
    let answered = match answer {
        Ok(Some(response)) => {
            let (headers, body) = sip::body_of_response(&response);
            handle.respond(response.status_code, headers, body).await
        }
        Ok(None) => handle.reply(sip::code(481)).await,
        Err(error) => {
            tracing::debug!("a request within a call could not be handed on: {error}");
            handle.reply(sip::code(408)).await
        }
    };
    if answered.is_err() {
        tracing::debug!("the side that asked has gone");
    }
}
