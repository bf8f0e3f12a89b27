//! Renewals of bindings that are answered from memory and written down a moment later, many in one commit.
//!
//! Most of what telephones ask is that a binding goes on as it is. Waiting for the disk each time would cost more than all the
//! rest of the request, and what a power cut takes along is small: an end that moves back to where it was before. So such a
//! request is answered at once, and what it moves is written down within the delay of the settings. What keeps that right:
//!
//! - **What ends a binding wins at once, and within a moment from another process**: each renewal is held against the rows of its
//!   user, which are remembered until somebody changes them or the user (`cache.rs`), and one whose row is not there, or is not
//!   the same in everything but its end and the request that said so, takes the long way. What is written down later moves rows
//!   that are still there and makes none, so what another process ended in that moment does not come back.
//! - **Only what this process keeps is remembered**: another one moves the ends of its own devices without a word.
//! - **No binding ends while its telephone was told otherwise**: only one is renewed from memory whose end in the store is further
//!   away than the delay, several times over. A shorter life is written at once.
//! - **Requests are carried out in their order**: those of one user one after the other, here. What takes the long way writes down
//!   first what this user has open, in its own transaction, and is judged by it. Between two processes a late request is known
//!   for one only after the delay; telephones send theirs to one process.
//! - **Memory has an end**: when too many renewals are open, further ones take the long way.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use jackfield_domain::{Actor, Kind, Registration, Renewal, Result, TenantId, Timestamp, UserId};
use parking_lot::Mutex;
use tokio::sync::{MutexGuard, Notify};

use crate::{
    Directory,
    cache::Stamp,
    sip::{Binding, Binds, Bound, SipIdentity, registration},
    work::in_work,
};

/// The longest delay: what is answered must be on disk soon.
pub(crate) const LONGEST_DELAY: Duration = Duration::from_secs(10);
/// How many delays the end in the store is away at least.
const MARGIN: u32 = 4;
/// Renewals that may be open, some 300 bytes each.
const OPEN: usize = 20_000;
/// With so many the delay is not waited for.
const MANY: usize = 4000;
/// Renewals of one commit.
const BATCH: usize = 1000;
/// Turns; users share them by hash.
const TURNS: usize = 1024;

/// The renewals that are not written down yet.
pub(crate) struct Renewals {
    delay: Duration,
    open: Mutex<Open>,
    turns: Vec<tokio::sync::Mutex<()>>,
    many: Notify,
}

/// What is bound to a user, as the store has it: all of it by this process.
pub(crate) struct Devices {
    stamps: [Stamp; 3],
    bound: Mutex<Vec<Registration>>,
}

#[derive(Default)]
struct Open {
    of: HashMap<(TenantId, UserId), Vec<Renewal>>,
    count: usize,
}

impl Renewals {
    /// With this delay; without one nothing is ever open.
    pub(crate) fn new(delay: Duration) -> Self {
        Self {
            delay: delay.min(LONGEST_DELAY),
            open: Mutex::default(),
            turns: (0..TURNS).map(|_| tokio::sync::Mutex::new(())).collect(),
            many: Notify::new(),
        }
    }

    /// Waits until no other request of this user is carried out in this process.
    pub(crate) async fn turn(&self, tenant: TenantId, user: UserId) -> Option<MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        (tenant, user).hash(&mut hasher);
        let slot = usize::try_from(hasher.finish() % TURNS as u64).unwrap_or(0);
        Some(self.turns.get(slot)?.lock().await)
    }

    /// What is open of a user.
    pub(crate) fn of(&self, tenant: TenantId, user: UserId) -> Vec<Renewal> {
        let open = self.open.lock();
        open.of.get(&(tenant, user)).cloned().unwrap_or_default()
    }

    /// Shows bindings as their telephones were told that they are.
    pub(crate) fn show(&self, bound: &mut [Registration]) {
        let Some(first) = bound.first() else { return };
        let open = self.of(first.tenant, first.user);
        for renewal in &open {
            for one in &mut *bound {
                apply(renewal, one);
            }
        }
    }

    /// Takes renewals of one user in, unless there are too many.
    fn take(&self, renewals: Vec<Renewal>) -> bool {
        let mut open = self.open.lock();
        let Open { of, count } = &mut *open;
        // Back to the `Call-ID` that the store still has: whether the number is higher than that one's is the store's to say.
        let goes_back = |renewal: &Renewal| {
            let mut own = of.get(&(renewal.tenant, renewal.user)).into_iter().flatten();
            own.any(|one| {
                one.instance_id == renewal.instance_id
                    && one.before == renewal.call_id
                    && one.call_id != renewal.call_id
            })
        };
        if *count + renewals.len() > OPEN || renewals.iter().any(goes_back) {
            return false;
        }
        for mut renewal in renewals {
            let own = of.entry((renewal.tenant, renewal.user)).or_default();
            if let Some(one) = own.iter_mut().find(|one| one.instance_id == renewal.instance_id) {
                // What the store has is what it had for that one.
                renewal.before = std::mem::take(&mut one.before);
                *one = renewal;
            } else {
                own.push(renewal);
                *count += 1;
            }
        }
        if *count >= MANY {
            self.many.notify_one();
        }
        true
    }

    /// All that is open, in the order of the rows, so that two processes that write the same ones do not wait for each other.
    fn all(&self) -> Vec<Renewal> {
        let mut all: Vec<Renewal> = self.open.lock().of.values().flatten().cloned().collect();
        all.sort_by(|one, other| {
            (one.tenant, one.user, &one.instance_id).cmp(&(other.tenant, other.user, &other.instance_id))
        });
        all
    }

    /// Forgets what is written down. What has come meanwhile stays.
    pub(crate) fn written(&self, renewals: &[Renewal]) {
        let mut open = self.open.lock();
        let Open { of, count } = &mut *open;
        for renewal in renewals {
            let key = (renewal.tenant, renewal.user);
            let Some(own) = of.get_mut(&key) else { continue };
            let before = own.len();
            own.retain(|one| one != renewal);
            *count -= before - own.len();
            // It came meanwhile, and follows what is written down now.
            if let Some(later) = own.iter_mut().find(|one| one.instance_id == renewal.instance_id) {
                later.before.clone_from(&renewal.call_id);
            }
            if own.is_empty() {
                of.remove(&key);
            }
        }
    }
}

/// Moves the end of a binding as the store will. Tells whether it does.
fn apply(renewal: &Renewal, one: &mut Registration) -> bool {
    let Some(route) = &mut one.route else { return false };
    let moves = one.binding.instance_id == renewal.instance_id
        && route.call_id == renewal.before
        && route.is_followed_by(&renewal.call_id, renewal.cseq)
        && one.binding.expires_at <= renewal.expires_at;
    if moves {
        route.call_id.clone_from(&renewal.call_id);
        route.cseq = renewal.cseq;
        one.binding.expires_at = renewal.expires_at;
        one.updated_at = renewal.updated_at;
    }
    moves
}

/// The renewal of a binding, when a request asks for nothing else.
pub(crate) fn renewal(known: &Registration, wanted: &Registration) -> Option<Renewal> {
    let route = wanted.route.as_ref()?;
    let mut same = known.clone();
    let renewal = Renewal {
        tenant: wanted.tenant,
        user: wanted.user,
        instance_id: wanted.binding.instance_id.clone(),
        before: known.route.as_ref()?.call_id.clone(),
        call_id: route.call_id.clone(),
        cseq: route.cseq,
        expires_at: wanted.binding.expires_at,
        updated_at: wanted.updated_at,
    };
    (apply(&renewal, &mut same) && same == *wanted).then_some(renewal)
}

impl Directory {
    /// Answers a request that only makes bindings go on, of a user whose turn it is. None for every other one, which has to be
    /// carried out.
    pub(crate) async fn renew(&self, identity: &SipIdentity, binding: &Binding) -> Result<Option<Bound>> {
        let renewals = &self.inner.renewals;
        let Binds::These(contacts) = &binding.binds else {
            return Ok(None);
        };
        if renewals.delay.is_zero() || !identity.enabled {
            return Ok(None);
        }
        let now = self.now();
        let mut bound = self.devices(identity, &binding.route.edge, now).await?;
        let safe = now.plus(renewals.delay * MARGIN);
        let stored: Vec<Timestamp> = bound.iter().map(|one| one.binding.expires_at).collect();
        renewals.show(&mut bound);
        let mut asked = Vec::with_capacity(contacts.len());
        for contact in contacts {
            let mut known = bound.iter_mut().zip(&stored);
            let known = known.find(|(one, _)| one.binding.instance_id == contact.instance_id);
            let Some((known, stored)) = known else {
                return Ok(None);
            };
            let wanted = registration(identity, binding, contact, now);
            match renewal(known, &wanted) {
                Some(renewal) if *stored > safe => asked.push(renewal),
                _ => return Ok(None),
            }
            *known = wanted;
        }
        Ok((!asked.is_empty() && renewals.take(asked)).then_some(Bound::Now(bound, now)))
    }

    /// What is bound to a user, for the process of this name, as the store has it.
    async fn devices(&self, identity: &SipIdentity, edge: &str, now: Timestamp) -> Result<Vec<Registration>> {
        let (tenant, user) = (identity.tenant, identity.user);
        let stamps = &self.inner.stamps;
        if let Some(known) = self.inner.devices.get(&(tenant, user))
            && known.stamps.iter().all(|stamp| stamps.is_current(*stamp))
        {
            let bound = known.bound.lock();
            return Ok(bound.iter().filter(|one| one.is_bound(now)).cloned().collect());
        }
        let stamps = [
            stamps.take(tenant, Kind::Tenant, tenant.get()),
            stamps.take(tenant, Kind::User, user.get()),
            stamps.take(tenant, Kind::Registrations, user.get()),
        ];
        let bound = self.store().registrations(tenant, user, now).await?;
        let own = |one: &Registration| one.route.as_ref().is_some_and(|route| route.edge == edge);
        if !bound.is_empty() && bound.iter().all(own) {
            let known = Devices {
                stamps,
                bound: Mutex::new(bound.clone()),
            };
            self.inner.devices.insert((tenant, user), Arc::new(known));
        }
        Ok(bound)
    }

    /// Notes what is written down.
    fn written(&self, renewals: &[Renewal]) {
        // First, so that at no moment a renewal is known to neither.
        for renewal in renewals {
            if let Some(known) = self.inner.devices.get(&(renewal.tenant, renewal.user)) {
                for one in known.bound.lock().iter_mut() {
                    apply(renewal, one);
                }
            }
        }
        self.inner.renewals.written(renewals);
    }

    /// Writes down which bindings go on. To be called when a process stops to answer telephones.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal); then the next call
    /// tries again.
    pub async fn write_renewals(&self) -> Result<()> {
        for batch in self.inner.renewals.all().chunks(BATCH) {
            in_work!(self, TenantId::SYSTEM, Actor::SYSTEM, |work| {
                work.renew_registrations(batch).await?
            })?;
            self.written(batch);
        }
        Ok(())
    }

    /// Does so again and again, for as long as telephones are answered.
    pub async fn keep_writing_renewals(&self) {
        let renewals = &self.inner.renewals;
        if renewals.delay.is_zero() {
            return;
        }
        loop {
            tokio::select! {
                () = tokio::time::sleep(renewals.delay) => {}
                () = renewals.many.notified() => {}
            }
            if let Err(error) = self.write_renewals().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "renewed bindings could not be written down; the next try follows"
                );
                tokio::time::sleep(renewals.delay).await;
            }
        }
    }
}
