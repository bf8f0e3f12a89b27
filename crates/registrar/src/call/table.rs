//! The calls that this process carries, as they are found by what is asked of them from outside of their own dialogs.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use jackfield_domain::TenantId;
use parking_lot::Mutex;
use rsipstack::dialog::DialogId;
use tokio::sync::{mpsc, oneshot};

use super::bridge::{Party, Side};

/// What is asked of a call.
pub(super) enum Ask {
    /// To end. Told when its record is written.
    HangUp(oneshot::Sender<()>),
    /// To give the opposite of the side with this dialog away. None is given by a call that cannot; one that still rings drops
    /// the question.
    Release {
        dialog: DialogId,
        give: oneshot::Sender<Option<Side>>,
    },
    /// To let the side with this dialog be replaced by one that offers this; asked only of calls that speak, others drop it. The
    /// opposite's answer is given, none when it refuses; then the new side comes when it was accepted.
    Replace {
        dialog: DialogId,
        offer: Vec<u8>,
        answer: oneshot::Sender<Option<Vec<u8>>>,
        new: oneshot::Receiver<Side>,
    },
}

/// A call that goes on.
struct Entry {
    tenant: TenantId,
    asks: mpsc::Sender<Ask>,
    /// The dialogs of its sides, each with the number of the extension that has it; of somebody outside there is none.
    dialogs: Vec<(DialogId, String)>,
}

/// All of them, by their external ids.
#[derive(Default)]
pub(super) struct Table {
    entries: Mutex<HashMap<String, Entry>>,
}

/// The place of one of them. Dropping it takes the call out.
pub(super) struct Seat {
    table: Weak<Table>,
    id: String,
    /// What is asked of it.
    pub(super) asks: mpsc::Receiver<Ask>,
}

impl Table {
    /// A place for a call.
    pub(super) fn seat(self: &Arc<Self>, tenant: TenantId, id: &str) -> Seat {
        let (sender, asks) = mpsc::channel(4);
        let entry = Entry {
            tenant,
            asks: sender,
            dialogs: Vec::new(),
        };
        self.entries.lock().insert(id.to_owned(), entry);
        Seat {
            table: Arc::downgrade(self),
            id: id.to_owned(),
            asks,
        }
    }

    /// Whom to ask for something of the call with an id.
    pub(super) fn named(&self, tenant: TenantId, id: &str) -> Option<mpsc::Sender<Ask>> {
        let entries = self.entries.lock();
        let entry = entries.get(id).filter(|entry| entry.tenant == tenant);
        entry.map(|entry| entry.asks.clone())
    }

    /// Whom to ask for something of the call in which the extension with this number has this dialog.
    pub(super) fn having(
        &self,
        tenant: TenantId,
        dialog: &DialogId,
        number: &str,
    ) -> Option<mpsc::Sender<Ask>> {
        let entries = self.entries.lock();
        let has = |entry: &&Entry| {
            let mut dialogs = entry.dialogs.iter();
            entry.tenant == tenant && dialogs.any(|(own, of)| own == dialog && of == number)
        };
        entries.values().find(has).map(|entry| entry.asks.clone())
    }
}

impl Seat {
    /// These are its sides now.
    pub(super) fn speaks(&self, sides: [&Arc<Party>; 2]) {
        self.are(&sides);
    }

    /// This is its only side now.
    pub(super) fn waits(&self, side: &Arc<Party>) {
        self.are(&[side]);
    }

    fn are(&self, sides: &[&Arc<Party>]) {
        let own = sides.iter().filter(|side| side.extension);
        self.has(own.map(|side| (side.dialog.id(), side.number.clone())).collect());
    }

    /// These are the dialogs of extensions in it now.
    pub(super) fn has(&self, dialogs: Vec<(DialogId, String)>) {
        self.with(|entry| entry.dialogs = dialogs);
    }

    fn with(&self, change: impl FnOnce(&mut Entry)) {
        if let Some(table) = self.table.upgrade()
            && let Some(entry) = table.entries.lock().get_mut(&self.id)
        {
            change(entry);
        }
    }

    /// The call goes on under another id.
    pub(super) fn becomes(&mut self, id: &str) {
        let Some(table) = self.table.upgrade() else {
            return;
        };
        let mut entries = table.entries.lock();
        if let Some(entry) = entries.remove(&self.id) {
            entries.insert(id.to_owned(), entry);
        }
        id.clone_into(&mut self.id);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(table) = self.table.upgrade() {
            table.entries.lock().remove(&self.id);
        }
    }
}
