//! What is watched, and what it is now: asked of the store once for everybody who watches it, and again when something was
//! committed that may concern it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use jackfield_directory::{Directory, SeenUser, Standing, StoreChange, StoreChanges};
use jackfield_domain::{Kind, LiveCall, LiveCallState, MessageCounts, Result, TenantId, UserId};
use parking_lot::Mutex;
use tokio::{
    sync::{Notify, watch},
    time::{Instant, MissedTickBehavior},
};

use crate::{
    call::ringing::{Named, RingingCalls, RingingPhone},
    stack::Stack,
};

/// Changes within this time are looked at together.
const TOGETHER: Duration = Duration::from_millis(50);
/// How often everything is looked at unasked: a binding that ends by itself changes nothing in the store.
const SWEEP: Duration = Duration::from_secs(30);
/// After a failure to ask the store the next try waits for so long.
const PAUSE: Duration = Duration::from_secs(1);

/// Something that can be watched, within a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    /// The calls of a user, and those that ring at his number.
    Calls(UserId, String),
    /// What is seen of a user.
    User(UserId),
    /// What lies in the voicemail box of a user.
    Messages(UserId),
    /// How an extension stands: the user, his domain and his number.
    Standing(UserId, String, String),
}

/// What it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// His calls, by their ids.
    Calls(Arc<[Line]>),
    /// What is seen of him; none when he is gone.
    User(Option<SeenUser>),
    /// What lies in his box.
    Messages(MessageCounts),
    /// How it stands; none when it is gone.
    Standing(Option<Standing>),
}

/// A call, as one of its sides has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The id of the call.
    pub(super) id: i64,
    /// Whether this side called.
    pub(super) calls: bool,
    /// Whether it was answered.
    pub(super) answered: bool,
    /// The number of the other side.
    pub(super) number: String,
    /// Its name, when it has one.
    pub(super) name: String,
    /// Whether the other side is an extension of the tenant too.
    pub(super) inside: bool,
    /// The dialog of a telephone that rings for it in this process.
    pub(super) named: Option<Named>,
}

impl Line {
    /// The line of a user in a call; none when he has nothing to do with it. He may be rung for it, for a ring group or queue too.
    fn of(call: &LiveCall, user: UserId, rings: Option<&RingingPhone>) -> Option<Self> {
        // A moment after it was answered it may seem to ring.
        let rings = rings.filter(|_| call.call.state == LiveCallState::Ringing);
        if !call.is_of(user) && rings.is_none() {
            return None;
        }
        let calls = call.caller_user == Some(user);
        let (number, name, other) = if calls {
            (
                &call.call.callee,
                &call.call.callee_display_name,
                call.callee_user,
            )
        } else {
            (
                &call.call.caller,
                &call.call.caller_display_name,
                call.caller_user,
            )
        };
        Some(Self {
            id: call.id.get(),
            calls,
            answered: call.call.state != LiveCallState::Ringing,
            number: number.clone(),
            name: name.clone(),
            inside: other.is_some(),
            named: rings.filter(|_| !calls).map(|rings| rings.named.clone()),
        })
    }
}

/// Whoever waits for a topic: none until it was looked at for the first time.
pub(super) type Watching = watch::Receiver<Option<State>>;

/// The topics of one tenant.
#[derive(Default)]
struct Tenant {
    topics: HashMap<Topic, watch::Sender<Option<State>>>,
    /// Who spoke when that was last looked at.
    talking: HashSet<UserId>,
    due: Due,
}

/// What may have changed since it was looked at.
#[derive(Default)]
struct Due {
    all: bool,
    calls: bool,
    /// Of whom something else is seen.
    users: HashSet<UserId>,
    /// In whose box something else lies.
    boxes: HashSet<UserId>,
    /// Who stands otherwise.
    people: HashSet<UserId>,
    standings: bool,
    /// There is something that was never looked at.
    fresh: bool,
}

impl Due {
    fn anything(&self) -> bool {
        self.all
            || self.calls
            || self.standings
            || self.fresh
            || !self.users.is_empty()
            || !self.boxes.is_empty()
            || !self.people.is_empty()
    }

    /// Whether a topic has to be looked at, when its present value is known or not.
    fn names(&self, topic: &Topic, known: bool) -> bool {
        self.all
            || !known
            || match topic {
                Topic::Calls(..) => self.calls,
                Topic::User(user) => self.users.contains(user),
                Topic::Messages(user) => self.boxes.contains(user),
                Topic::Standing(user, ..) => self.standings || self.people.contains(user),
            }
    }
}

/// What is to be asked of the store for a tenant.
#[derive(Default)]
struct Looks {
    /// Whether for the calls: also when only what is seen of users is watched, because it depends on who speaks.
    calls: bool,
    callers: Vec<(UserId, String)>,
    users: HashSet<UserId>,
    boxes: Vec<UserId>,
    standings: Vec<Topic>,
}

/// Everything that is watched.
#[derive(Default)]
pub(super) struct Board {
    tenants: Mutex<HashMap<TenantId, Tenant>>,
    fresh: Notify,
}

impl Board {
    /// Watches a topic.
    pub(super) fn watch(&self, tenant: TenantId, topic: Topic) -> Watching {
        let mut tenants = self.tenants.lock();
        let known = tenants.entry(tenant).or_default();
        if let Some(sender) = known.topics.get(&topic) {
            return sender.subscribe();
        }
        let (sender, watching) = watch::channel(None);
        known.topics.insert(topic, sender);
        known.due.fresh = true;
        drop(tenants);
        self.fresh.notify_one();
        watching
    }

    /// Notes what a change concerns.
    fn mark(&self, change: StoreChange) {
        let mut tenants = self.tenants.lock();
        let StoreChange::Record { tenant, kind, record } = change else {
            for tenant in tenants.values_mut() {
                tenant.due.all = true;
            }
            return;
        };
        // Those of tenants are told as changes of the installation.
        let tenant = if kind == Kind::Tenant {
            TenantId::new(record)
        } else {
            tenant
        };
        let Some(Tenant { due, .. }) = tenants.get_mut(&tenant) else {
            return;
        };
        match kind {
            Kind::LiveCalls => due.calls = true,
            Kind::Registrations | Kind::Presence => {
                due.users.insert(UserId::new(record));
            }
            Kind::User => {
                due.users.insert(UserId::new(record));
                due.people.insert(UserId::new(record));
            }
            Kind::Mailbox => {
                due.boxes.insert(UserId::new(record));
            }
            Kind::Tenant | Kind::Role => due.standings = true,
            _ => {}
        }
    }

    /// Waits for the next change and notes what it concerns.
    async fn hears(&self, changes: &mut StoreChanges, ringing: &RingingCalls) {
        tokio::select! {
            change = changes.next() => self.mark(change),
            tenants = ringing.changed() => {
                let mut known = self.tenants.lock();
                for tenant in tenants {
                    if let Some(Tenant { due, .. }) = known.get_mut(&tenant) {
                        due.calls = true;
                    }
                }
            }
        }
    }

    /// Notes that time has passed.
    fn sweep(&self) {
        for tenant in self.tenants.lock().values_mut() {
            tenant.due.calls = true;
            let users = tenant.topics.keys().filter_map(|topic| match topic {
                Topic::User(user) => Some(*user),
                _ => None,
            });
            let users: Vec<UserId> = users.collect();
            tenant.due.users.extend(users);
        }
    }

    /// Forgets what nobody watches any more, and tells what has to be looked at.
    fn take(&self) -> Vec<(TenantId, Looks)> {
        let mut tenants = self.tenants.lock();
        tenants.retain(|_, tenant| {
            tenant.topics.retain(|_, sender| sender.receiver_count() > 0);
            !tenant.topics.is_empty()
        });
        let due = tenants.iter_mut().filter(|(_, tenant)| tenant.due.anything());
        due.map(|(id, tenant)| {
            let due = std::mem::take(&mut tenant.due);
            let mut looks = Looks {
                calls: due.all || due.calls,
                ..Looks::default()
            };
            for (topic, sender) in &tenant.topics {
                if !due.names(topic, sender.borrow().is_some()) {
                    continue;
                }
                match topic {
                    Topic::Calls(user, number) => looks.callers.push((*user, number.clone())),
                    Topic::User(user) => {
                        looks.users.insert(*user);
                    }
                    Topic::Messages(user) => looks.boxes.push(*user),
                    Topic::Standing(..) => looks.standings.push(topic.clone()),
                }
            }
            (*id, looks)
        })
        .collect()
    }

    /// Tells whoever watches a topic what it is now, when that is new.
    fn tell(&self, tenant: TenantId, topic: &Topic, state: State) {
        let tenants = self.tenants.lock();
        let sender = tenants.get(&tenant).and_then(|tenant| tenant.topics.get(topic));
        if let Some(sender) = sender {
            sender.send_if_modified(|known| {
                let new = known.as_ref() != Some(&state);
                if new {
                    *known = Some(state);
                }
                new
            });
        }
    }

    /// Notes who speaks; tells of whom that is news and who is watched.
    fn spoken(&self, tenant: TenantId, calls: &[LiveCall]) -> Vec<UserId> {
        let talking = calls.iter().filter(|call| call.call.state.is_talking());
        let talking: HashSet<UserId> = talking
            .flat_map(|call| call.caller_user.into_iter().chain(call.callee_user))
            .collect();
        let mut tenants = self.tenants.lock();
        let Some(tenant) = tenants.get_mut(&tenant) else {
            return Vec::new();
        };
        let flipped = talking.symmetric_difference(&tenant.talking);
        let watched = flipped.filter(|user| tenant.topics.contains_key(&Topic::User(**user)));
        let watched = watched.copied().collect();
        tenant.talking = talking;
        watched
    }

    /// Looks at what has to be looked at.
    async fn renew(&self, directory: &Directory, ringing: &RingingCalls) -> Result<()> {
        let mut failed = Ok(());
        for (tenant, looks) in self.take() {
            if let Err(error) = self.look(directory, ringing, tenant, looks).await {
                if let Some(tenant) = self.tenants.lock().get_mut(&tenant) {
                    tenant.due.all = true;
                }
                failed = Err(error);
            }
        }
        failed
    }

    async fn look(
        &self,
        directory: &Directory,
        ringing: &RingingCalls,
        tenant: TenantId,
        mut looks: Looks,
    ) -> Result<()> {
        for topic in looks.standings {
            if let Topic::Standing(_, domain, number) = &topic {
                let standing = directory.standing(domain, number).await?;
                self.tell(tenant, &topic, State::Standing(standing));
            }
        }
        if looks.calls || !looks.callers.is_empty() {
            let calls = directory.calls_of_tenant(tenant).await?;
            let ringing = ringing.of_tenant(tenant);
            let mut at: HashMap<&str, Vec<&RingingPhone>> = HashMap::new();
            for phone in &ringing {
                at.entry(&phone.number).or_default().push(phone);
            }
            for (user, number) in looks.callers {
                // Hardly anybody's telephone rings, and there may be many who are watched and many calls.
                let own = at.get(number.as_str()).map_or(&[][..], Vec::as_slice);
                let lines = calls.iter().filter_map(|call| {
                    let rings = own.iter().find(|phone| phone.call == call.call.external_id);
                    Line::of(call, user, rings.copied())
                });
                let lines = State::Calls(lines.collect());
                self.tell(tenant, &Topic::Calls(user, number), lines);
            }
            looks.users.extend(self.spoken(tenant, &calls));
        }
        if !looks.boxes.is_empty() {
            let mut found = directory.mailboxes(tenant, &looks.boxes).await?;
            for user in looks.boxes {
                // Of a box that nobody reported it is true as well that nothing is in it.
                let messages = found.remove(&user).unwrap_or_default();
                self.tell(tenant, &Topic::Messages(user), State::Messages(messages));
            }
        }
        if !looks.users.is_empty() {
            let users: Vec<UserId> = looks.users.into_iter().collect();
            let mut seen = directory.seen_users(tenant, &users).await?;
            for user in users {
                self.tell(tenant, &Topic::User(user), State::User(seen.remove(&user)));
            }
        }
        Ok(())
    }
}

/// Keeps a board true until the edge stops.
pub(super) async fn follow(
    board: Arc<Board>,
    directory: Directory,
    ringing: Arc<RingingCalls>,
    stack: Stack,
) {
    let mut changes = directory.store_changes();
    let mut sweep = tokio::time::interval(SWEEP);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = board.hears(&mut changes, &ringing) => {
                let end = Instant::now() + TOGETHER;
                // The time is asked as well, because what is ready goes before it.
                while Instant::now() < end
                    && tokio::time::timeout_at(end, board.hears(&mut changes, &ringing)).await.is_ok()
                {}
            }
            () = board.fresh.notified() => {}
            _ = sweep.tick() => board.sweep(),
            () = stack.stopped() => return,
        }
        while let Err(error) = board.renew(&directory, &ringing).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what telephones watch could not be looked up; the next try is in {PAUSE:?}"
            );
            tokio::time::sleep(PAUSE).await;
        }
    }
}
