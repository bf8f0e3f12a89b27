//! Trunks: the ways to the world and back.
//!
//! `identity.rs` says what the other side is shown of a caller, `address.rs` where a provider is, and `dial.rs` asks it for a call.
//! `bound.rs` has providers that registered here instead.
//! `register.rs` keeps this installation registered where a trunk wants that and asks providers for signs of life (`alive.rs`), and `table.rs` tells whose call it is that comes in.
//! This file follows the directory, so that both know the trunks as they are.

mod address;
mod alive;
mod bound;
pub(crate) mod dial;
mod identity;
pub(crate) mod inbound;
mod register;
mod table;

use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use jackfield_directory::{StoreChange, Trunk};
use jackfield_domain::{Kind, ProviderId, TenantId, Transport};
use parking_lot::Mutex;
use tokio::{
    sync::oneshot::{self, error::TryRecvError},
    task::JoinSet,
    time::{Instant, MissedTickBehavior},
};

use self::table::Table;
pub(crate) use self::{
    address::resolve,
    table::{Dialled, Source},
};
use crate::{Context, stack::Wire};

/// How often the trunks are read when nothing of them is heard: registrations end by themselves.
const READ: Duration = Duration::from_secs(3);
/// How often the name of a provider is looked up.
const LOOK_UP: Duration = Duration::from_mins(1);
/// For how long an address is known after the resolver told it: those with many addresses tell some of them at a time.
const REMEMBER: Duration = Duration::from_mins(10);

/// The protocol of a trunk.
const fn wire(transport: Transport) -> Wire {
    match transport {
        Transport::Udp => Wire::Udp,
        Transport::Tcp => Wire::Tcp,
        Transport::Tls => Wire::Tls,
    }
}

/// The trunks as a process knows them.
#[derive(Default)]
pub(crate) struct Trunks {
    table: Mutex<Arc<Table>>,
    /// Those that it keeps registered, by tenant and id.
    kept: Mutex<HashMap<(TenantId, ProviderId), Arc<Trunk>>>,
}

impl Trunks {
    /// Who sent a call.
    pub(crate) fn source(&self, wire: Wire, from: SocketAddr, dialled: Dialled<'_>) -> Source {
        let table = Arc::clone(&self.table.lock());
        table.source(wire, from, dialled)
    }
}

/// A registration that is kept.
struct Kept {
    trunk: Arc<Trunk>,
    stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
}

/// The registrations of this process.
#[derive(Default)]
struct Keeper {
    kept: HashMap<(TenantId, ProviderId), Kept>,
    /// Those that were told to end, until they have.
    ending: HashMap<(TenantId, ProviderId), oneshot::Receiver<()>>,
    /// Dropped with this, and everything in it.
    tasks: JoinSet<()>,
}

/// The addresses of a host, each with the time of its last mention.
struct Host {
    asked: Instant,
    addresses: HashMap<IpAddr, Instant>,
}

/// Follows the trunks of the installation: who calls from where, and which are to be registered. Runs until it is dropped.
pub(crate) async fn follow(context: Context) {
    let mut changes = context.directory().store_changes();
    let mut tick = tokio::time::interval(READ);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut hosts = HashMap::new();
    let mut keeper = Keeper::default();
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            change = changes.next() => match change {
                StoreChange::Record { kind: Kind::Provider | Kind::Tenant, .. } | StoreChange::Anything => {}
                StoreChange::Record { .. } => continue,
            },
        }
        match context.directory().trunks().await {
            Ok(trunks) => {
                let trunks: Vec<Arc<Trunk>> = trunks.into_iter().map(Arc::new).collect();
                register(&context, &trunks, &mut keeper);
                // What is known already counts at once; a resolver may take its time.
                build(&context, &trunks, &hosts);
                if look_up(&trunks, &mut hosts).await {
                    build(&context, &trunks, &hosts);
                }
            }
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the trunks could not be read; the next try is in {READ:?}"
            ),
        }
    }
}

/// Begins to keep what is to be registered or watched, and stops what is no longer as it was.
fn register(context: &Context, trunks: &[Arc<Trunk>], keeper: &mut Keeper) {
    let Keeper { kept, ending, tasks } = keeper;
    while tasks.try_join_next().is_some() {}
    ending.retain(|_, ended| matches!(ended.try_recv(), Err(TryRecvError::Empty)));
    let wanted = |trunk: &&Arc<Trunk>| trunk.provider.registers() || trunk.provider.signs_of_life().is_some();
    let key = |trunk: &Trunk| (trunk.provider.tenant, trunk.provider.id);
    let wanted: HashMap<_, _> = trunks
        .iter()
        .filter(wanted)
        .map(|trunk| (key(trunk), trunk))
        .collect();
    let same = |key: &(TenantId, ProviderId), kept: &Kept| {
        let trunk = wanted.get(key);
        trunk.is_some_and(|trunk| trunk.provider.version == kept.trunk.provider.version)
    };
    let gone: Vec<_> = kept
        .iter()
        .filter(|(key, kept)| !same(key, kept))
        .map(|(key, _)| *key)
        .collect();
    for key in gone {
        if let Some(old) = kept.remove(&key) {
            // Its task has ended when nobody listens.
            let _ = old.stop.send(());
            ending.insert(key, old.ended);
        }
    }
    for (key, trunk) in wanted {
        kept.entry(key).or_insert_with(|| {
            let (stop, stopped) = oneshot::channel();
            let (end, ended) = oneshot::channel();
            let trunk = Arc::clone(trunk);
            let span = register::Span {
                before: ending.remove(&key),
                stop: stopped,
                ended: end,
            };
            tasks.spawn(register::keep(context.clone(), Arc::clone(&trunk), span));
            Kept { trunk, stop, ended }
        });
    }
    let known = kept.iter().map(|(key, kept)| (*key, Arc::clone(&kept.trunk)));
    *context.trunks().kept.lock() = known.collect();
}

/// The hosts that a provider may call from. One that registers here calls from where it did.
fn hosts_of(trunk: &Trunk) -> impl Iterator<Item = &str> {
    let settings = &trunk.provider.settings;
    let further = settings.additional_ips.split(';').map(str::trim);
    let own = [trunk.provider.hostname.as_str(), &settings.outbound_server];
    own.into_iter()
        .filter(|_| !trunk.provider.accepts_registration())
        .chain(further)
        .filter(|host| !host.is_empty())
}

/// Puts what is known of the trunks into the table.
fn build(context: &Context, trunks: &[Arc<Trunk>], hosts: &HashMap<String, Host>) {
    let addresses = |trunk: &Arc<Trunk>| {
        let mut found = HashSet::new();
        if !trunk.provider.settings.verify_port {
            let place = bound::source(context, trunk);
            found.extend(place.map(|(_, address)| address.ip().to_canonical()));
        }
        for host in hosts_of(trunk) {
            match host.parse::<IpAddr>() {
                Ok(address) => {
                    found.insert(address.to_canonical());
                }
                Err(_) => found.extend(hosts.get(host).into_iter().flat_map(|host| host.addresses.keys())),
            }
        }
        found
    };
    let mut table = Table::new(trunks.iter().map(|trunk| (Arc::clone(trunk), addresses(trunk))));
    for trunk in trunks {
        if let Some(place) = bound::source(context, trunk) {
            table.registered(Arc::clone(trunk), place);
        }
    }
    *context.trunks().table.lock() = Arc::new(table);
}

/// Looks the names up whose time has come, all at once; tells whether there were any.
async fn look_up(trunks: &[Arc<Trunk>], hosts: &mut HashMap<String, Host>) -> bool {
    let now = Instant::now();
    let names = trunks.iter().flat_map(|trunk| hosts_of(trunk));
    let names: HashSet<&str> = names.filter(|host| host.parse::<IpAddr>().is_err()).collect();
    hosts.retain(|host, _| names.contains(host.as_str()));
    let mut questions = JoinSet::new();
    for name in names {
        if hosts
            .get(name)
            .is_none_or(|host| now.duration_since(host.asked) >= LOOK_UP)
        {
            let name = name.to_owned();
            questions.spawn(async move {
                let found = address::resolve(&name, 0).await;
                (name, found)
            });
        }
    }
    let asked = !questions.is_empty();
    while let Some(answer) = questions.join_next().await {
        let Ok((name, found)) = answer else { continue };
        let host = hosts.entry(name).or_insert_with(|| Host {
            asked: now,
            addresses: HashMap::new(),
        });
        host.asked = now;
        // A resolver that knows nothing just now takes nothing away.
        if !found.is_empty() {
            host.addresses
                .retain(|_, seen| now.duration_since(*seen) < REMEMBER);
        }
        let found = found
            .into_iter()
            .map(|address| (address.ip().to_canonical(), now));
        host.addresses.extend(found);
    }
    asked
}

/// Lets another process keep a trunk.
async fn release(context: &Context, trunk: &Trunk) {
    let (tenant, id) = (trunk.provider.tenant, trunk.provider.id);
    if let Err(error) = context
        .directory()
        .release_trunk(tenant, id, context.name())
        .await
    {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "a trunk could not be given up; another process takes it within a minute"
        );
    }
}

/// Lets other processes keep what this one kept, at once. The providers are not told: the next process goes on with the same lines.
pub(crate) async fn leave(context: &Context) {
    let kept = std::mem::take(&mut *context.trunks().kept.lock());
    for trunk in kept.values() {
        release(context, trunk).await;
    }
}
