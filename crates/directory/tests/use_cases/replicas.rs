//! Who follows a collection knows it: whatever is written in between, and by how many at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use jackfield_directory::{Difference, Keeper};
use jackfield_domain::{
    BuiltInRole, BusinessContact, Caller, ChangeType, Contact, ContactCardPatch, ContactPatch, Error, Kind,
    Owned, Owner, Page, Patch, Query, Result, TenantId, UserId, UserPatch, UserSummary,
};
use jackfield_store::{FavoriteReads, Marks, UserReads};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::support::{House, new_user, on_each_engine};

/// The three collections.
const COLLECTIONS: usize = 3;
/// Users who follow, and mark.
const FOLLOWERS: usize = 2;

/// What one step does.
#[derive(Debug, Clone, Copy)]
enum Act {
    Create,
    Update,
    Delete,
    Mark(bool),
    Sync,
}

/// A step: in which collection, by or for which follower, and on which of its records.
#[derive(Debug, Clone, Copy)]
struct Step {
    act: Act,
    collection: usize,
    who: usize,
    pick: usize,
}

fn step() -> impl Strategy<Value = Step> {
    let act = prop_oneof![
        3 => Just(Act::Create),
        2 => Just(Act::Update),
        2 => Just(Act::Delete),
        3 => any::<bool>().prop_map(Act::Mark),
        2 => Just(Act::Sync),
    ];
    (act, 0..COLLECTIONS, 0..FOLLOWERS, 0..64_usize).prop_map(|(act, collection, who, pick)| Step {
        act,
        collection,
        who,
        pick,
    })
}

/// What a follower can know of a collection: the record, and whether it is marked.
type Replica = BTreeMap<i64, (String, bool)>;

/// A tenant with followers.
struct World<'a> {
    house: &'a House,
    tenant: TenantId,
    program: Arc<Caller>,
    followers: Vec<Owner>,
    /// The ids that were ever made: of the followers' own contacts, of the tenant's, of users.
    ids: [Mutex<Vec<i64>>; COLLECTIONS],
}

/// Names that no two records share.
static NAMES: AtomicUsize = AtomicUsize::new(0);

fn name() -> String {
    format!("n{}", NAMES.fetch_add(1, Ordering::Relaxed))
}

fn card(name: String) -> ContactCardPatch {
    ContactCardPatch {
        name: Patch::Set(name),
        ..ContactCardPatch::default()
    }
}

/// What meets a record that is gone does nothing; nothing else may fail.
fn may_be_gone(result: Result<()>) {
    match result {
        Ok(()) | Err(Error::Absent(_)) => {}
        Err(error) => panic!("{error}"),
    }
}

impl<'a> World<'a> {
    async fn new(house: &'a House) -> World<'a> {
        let tenant = house.make_tenant(&format!("{}.example", name())).await;
        let mut world = World {
            house,
            tenant,
            program: Arc::new(Caller::program(tenant)),
            followers: Vec::new(),
            ids: Default::default(),
        };
        for _ in 0..FOLLOWERS {
            let user = world.make_user().await;
            let caller = Caller {
                home: tenant,
                user: Some(UserId::new(user)),
                engine: None,
                session: None,
                acting_in: None,
                role: BuiltInRole::StandardUser.name().into(),
                permissions: BuiltInRole::StandardUser.permissions(),
                must_change_password: false,
                ends_at: None,
                read_only: false,
                application: None,
            };
            world.followers.push(Arc::new(caller).own().unwrap());
        }
        world
    }

    async fn make_user(&self) -> i64 {
        let number = 1000 + NAMES.fetch_add(1, Ordering::Relaxed);
        let new = new_user(&name(), &number.to_string(), BuiltInRole::StandardUser.name());
        let grant = self.program.grant().unwrap();
        self.house.directory.create_user(&grant, new).await.unwrap().get()
    }

    /// Carries a step out that writes. Tells the record.
    async fn write(&self, step: Step) -> Option<i64> {
        let directory = &self.house.directory;
        let owner = self.followers.get(step.who)?;
        let (own, firm) = (Keeper::from(owner), self.program.grant().unwrap());
        if matches!(step.act, Act::Create) {
            let id = match step.collection {
                0 => {
                    let new = ContactPatch {
                        card: card(name()),
                        favorite: Patch::Keep,
                    };
                    directory.create_item::<Contact>(&own, new).await.unwrap()
                }
                1 => directory
                    .create_business_contact(&firm, card(name()))
                    .await
                    .unwrap(),
                _ => self.make_user().await,
            };
            self.ids[step.collection].lock().unwrap().push(id);
            return Some(id);
        }
        let id = {
            let ids = self.ids[step.collection].lock().unwrap();
            *ids.get(step.pick % ids.len().max(1))?
        };
        let user = || self.program.owner_of(UserId::new(id)).unwrap();
        may_be_gone(match (step.act, step.collection) {
            (Act::Update, 0) => {
                let patch = ContactPatch {
                    card: card(name()),
                    favorite: Patch::Keep,
                };
                directory.update_item::<Contact>(&own, id, patch).await
            }
            (Act::Update, 1) => directory.update_business_contact(&firm, id, card(name())).await,
            (Act::Update, _) => {
                let patch = UserPatch {
                    display_name: Patch::Set(name()),
                    ..UserPatch::default()
                };
                directory.update_user(&user(), patch).await
            }
            (Act::Delete, 0) => directory.remove_item::<Contact>(&own, id).await,
            (Act::Delete, 1) => directory.remove_business_contact(&firm, id).await,
            (Act::Delete, _) => {
                let grant = self.program.grant().unwrap();
                directory.destroy_user(&grant, UserId::new(id)).await
            }
            (Act::Mark(favorite), 0) => {
                let patch = ContactPatch {
                    favorite: Patch::Set(favorite),
                    ..ContactPatch::default()
                };
                directory.update_item::<Contact>(&own, id, patch).await
            }
            (Act::Mark(favorite), 1) => directory.mark_business_contact(owner, id, favorite).await,
            (Act::Mark(favorite), _) => directory.mark_extension_contact(owner, id, favorite).await,
            (Act::Create | Act::Sync, _) => Ok(()),
        });
        Some(id)
    }

    /// What a follower's collection is, as the lists tell.
    async fn truth(&self, who: usize, collection: usize) -> Replica {
        let owner = &self.followers[who];
        let page = Page {
            skip: 0,
            take: 10_000,
        };
        let directory = &self.house.directory;
        let (kind, records): (Kind, Vec<(i64, String)>) = match collection {
            0 => {
                let list = directory.list_items::<Contact>(&Keeper::from(owner), page).await;
                let items = list.unwrap().items.into_iter();
                return items
                    .map(|item| (item.id, (item.value.card.name, item.value.favorite)))
                    .collect();
            }
            1 => {
                let member = owner.caller().member().unwrap();
                let list = directory.list_business_contacts(&member, page).await.unwrap();
                let items = list.items.into_iter();
                let items = items.map(|item| (item.id, item.value.card.name));
                (BusinessContact::KIND, items.collect())
            }
            _ => {
                let query = Query {
                    page,
                    ..Query::default()
                };
                let list = self.house.store.list_users(self.tenant, &query).await.unwrap();
                let items = list.items.into_iter();
                (
                    Kind::User,
                    items.map(|user| (user.id.get(), user.display_name)).collect(),
                )
            }
        };
        let marks = Marks {
            tenant: self.tenant,
            user: owner.user(),
            kind,
        };
        let ids: Vec<i64> = records.iter().map(|(id, _)| *id).collect();
        let marked = self.house.store.favorites_among(marks, &ids).await.unwrap();
        let with_mark = |(id, name)| (id, (name, marked.contains(&id)));
        records.into_iter().map(with_mark).collect()
    }
}

/// One follower of one collection.
struct Follower {
    who: usize,
    collection: usize,
    token: String,
    replica: Replica,
}

impl Follower {
    async fn new(world: &World<'_>, who: usize, collection: usize) -> Self {
        let (directory, owner) = (&world.house.directory, &world.followers[who]);
        let token = match collection {
            0 => directory.follow_items::<Contact>(&Keeper::from(owner)).await,
            1 => directory.follow_business_contacts(owner).await,
            _ => directory.follow_extension_contacts(owner),
        };
        let mut follower = Self {
            who,
            collection,
            token: token.unwrap(),
            replica: world.truth(who, collection).await,
        };
        if collection == 2 {
            // Users have no list; the first difference is one.
            follower.replica.clear();
            follower.sync(world).await;
        }
        follower
    }

    /// Asks and applies. Tells which records were named.
    async fn sync(&mut self, world: &World<'_>) -> BTreeSet<i64> {
        let (directory, owner) = (&world.house.directory, &world.followers[self.who]);
        match self.collection {
            0 => {
                let keeper = Keeper::from(owner);
                let news = directory.changed_items::<Contact>(&keeper, &self.token).await;
                self.apply(news.unwrap(), |item| (item.value.card.name, item.value.favorite))
            }
            1 => {
                let news = directory.changed_business_contacts(owner, &self.token).await;
                self.apply(news.unwrap(), |now| (now.value.value.card.name, now.favorite))
            }
            _ => {
                let news = directory.changed_extension_contacts(owner, &self.token).await;
                self.apply(news.unwrap(), |now| {
                    let UserSummary { display_name, .. } = now.value;
                    (display_name, now.favorite)
                })
            }
        }
    }

    /// Does what it is told, and nothing that makes no sense: what is new was not there, what changed or went was.
    fn apply<T>(&mut self, news: Difference<T>, read: impl Fn(T) -> (String, bool)) -> BTreeSet<i64> {
        let mut named = BTreeSet::new();
        self.token = news.token;
        for changed in news.changed {
            let id = changed.id;
            assert!(named.insert(id), "{id} is named twice in one difference");
            let before = match changed.now {
                Some(now) => self.replica.insert(id, read(now)),
                None => self.replica.remove(&id),
            };
            assert_eq!(
                before.is_none(),
                changed.change == ChangeType::Created,
                "{id} {:?} in collection {}",
                changed.change,
                self.collection
            );
        }
        named
    }

    /// The last word: the replica is the truth, and there is no more to tell.
    async fn settle(&mut self, world: &World<'_>) {
        self.sync(world).await;
        assert_eq!(
            self.replica,
            world.truth(self.who, self.collection).await,
            "follower {} of collection {}",
            self.who,
            self.collection
        );
        assert_eq!(self.sync(world).await, BTreeSet::new(), "told twice");
    }
}

async fn followers(world: &World<'_>) -> Vec<Follower> {
    let mut all = Vec::new();
    for who in 0..FOLLOWERS {
        for collection in 0..COLLECTIONS {
            all.push(Follower::new(world, who, collection).await);
        }
    }
    all
}

/// One writer: after each difference the replica is the truth, and nothing was named that nobody touched.
async fn one_after_the_other(house: &House, before: &[Step], steps: &[Step]) {
    let world = World::new(house).await;
    for step in before {
        world.write(*step).await;
    }
    let mut all = followers(&world).await;
    // The first difference of the tenant's contacts also names what was marked before; then everybody is at peace.
    for follower in &mut all {
        follower.settle(&world).await;
    }
    let mut touched = vec![BTreeSet::new(); all.len()];
    for step in steps {
        if !matches!(step.act, Act::Sync) {
            if let Some(id) = world.write(*step).await {
                for (follower, touched) in all.iter().zip(&mut touched) {
                    let shared = step.collection != 0 && !matches!(step.act, Act::Mark(_));
                    if follower.collection == step.collection && (shared || follower.who == step.who) {
                        touched.insert(id);
                    }
                }
            }
            continue;
        }
        let at = step.who * COLLECTIONS + step.collection;
        let named = all[at].sync(&world).await;
        assert!(
            named.is_subset(&touched[at]),
            "{named:?} named, {:?} touched",
            touched[at]
        );
        touched[at].clear();
        assert_eq!(all[at].replica, world.truth(step.who, step.collection).await);
        assert_eq!(all[at].sync(&world).await, BTreeSet::new(), "told twice");
    }
    for mut follower in all {
        follower.settle(&world).await;
    }
}

/// Several writers at once, and followers who ask meanwhile.
async fn all_at_once(house: &House, before: &[Step], writers: &[Vec<Step>], asks: usize) {
    let world = World::new(house).await;
    for step in before {
        world.write(*step).await;
    }
    let mut all = followers(&world).await;
    let world = &world;
    let write = async {
        let writers = writers.iter().map(|steps| async move {
            for step in steps {
                world.write(*step).await;
            }
        });
        join_all(writers).await;
    };
    let ask = async {
        let asking = all.iter_mut().map(|follower| async move {
            for _ in 0..asks {
                follower.sync(world).await;
                tokio::task::yield_now().await;
            }
        });
        join_all(asking).await;
    };
    tokio::join!(write, ask);
    for mut follower in all {
        follower.settle(world).await;
    }
}

/// Runs futures side by side. Each of their questions is answered by threads or connections of the store, so that they meet
/// each other there in any order.
pub(crate) async fn join_all(futures: impl Iterator<Item = impl Future<Output = ()>>) {
    let mut waiting: Vec<_> = futures.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if waiting.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

/// A runner whose seed is told, and can be given again.
#[expect(
    clippy::disallowed_methods,
    reason = "another seed in each run, and it is printed"
)]
pub(crate) fn runner(cases: u32) -> TestRunner {
    const VARIABLE: &str = "JACKFIELD_TEST_SEED";
    let seed = std::env::var(VARIABLE).map_or_else(
        |_| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            u64::try_from(now.unwrap().as_nanos() & u128::from(u64::MAX)).unwrap()
        },
        |text| text.parse().unwrap(),
    );
    println!("{VARIABLE}={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_is_the_truth_after_each_difference() {
    on_each_engine(async |house| {
        let strategy = (vec(step(), 0..12), vec(step(), 0..60));
        let run = |(before, steps): (Vec<Step>, Vec<Step>)| {
            block_on(one_after_the_other(&house, &before, &steps));
            Ok(())
        };
        runner(12).run(&strategy, run).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_at_once_are_missed_by_nobody() {
    on_each_engine(async |house| {
        let writers = vec(vec(step(), 1..25), 2..5);
        let strategy = (vec(step(), 0..12), writers, 1..12_usize);
        let run = |(before, writers, asks): (Vec<Step>, Vec<Vec<Step>>, usize)| {
            block_on(all_at_once(&house, &before, &writers, asks));
            Ok(())
        };
        runner(12).run(&strategy, run).unwrap();
    })
    .await;
}

/// Waits for a future within the test's runtime: the runner of properties is not asynchronous.
pub(crate) fn block_on(future: impl Future<Output = ()>) {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(future));
}
