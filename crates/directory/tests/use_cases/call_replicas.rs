//! Who follows calls knows all of them, each once, however many engines report at once.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use jackfield_domain::{
    ApiKeyId, BuiltInRole, Caller, ChangeType, Page, Permitted, Query, Reporter, TenantId, Timestamp, UserId,
    capability::ReadCalls,
};
use jackfield_store::{History, ReportReads};
use proptest::{collection::vec, prelude::*};

use crate::{
    replicas::{block_on, join_all, runner},
    reports::call,
    support::{House, new_user, on_each_engine},
};

/// The seconds within which calls begin.
const SECONDS: i64 = 10;

/// A call of a batch: the engine's id of it, of which there are few so that some are repeated, the sides, of which the third
/// is nobody, and when it began.
type Item = (u16, usize, usize, i64);

fn batch() -> impl Strategy<Value = Vec<Item>> {
    vec((0..80_u16, 0..3_usize, 0..3_usize, 0..SECONDS), 0..8)
}

/// A tenant with two users and an engine.
struct World<'a> {
    house: &'a House,
    tenant: TenantId,
    engine: Reporter,
    owners: Vec<Permitted<ReadCalls>>,
    numbers: [String; 3],
}

impl<'a> World<'a> {
    async fn new(house: &'a House) -> World<'a> {
        static NEXT: AtomicUsize = AtomicUsize::new(10_000);
        let tenant = NEXT.fetch_add(1, Ordering::Relaxed);
        let tenant = house.make_tenant(&format!("calls{tenant}.example")).await;
        let program = Arc::new(Caller::program(tenant));
        let mut owners = Vec::new();
        for (name, number) in [("ada", "1001"), ("ben", "1002")] {
            let new = new_user(name, number, BuiltInRole::StandardUser.name());
            let user = house
                .directory
                .create_user(&program.grant().unwrap(), new)
                .await
                .unwrap();
            let caller = Caller {
                home: tenant,
                user: Some(user),
                acting_in: None,
                ..Caller::program(tenant)
            };
            owners.push(Arc::new(caller).own().unwrap().permitted().unwrap());
        }
        let engine = Arc::new(Caller::engine(tenant, ApiKeyId::FIRST))
            .reporter()
            .unwrap();
        Self {
            house,
            tenant,
            engine,
            owners,
            numbers: ["1001", "1002", "+4930"].map(str::to_owned),
        }
    }

    async fn report(&self, batch: &[Item]) {
        let calls = batch.iter().map(|(id, from, to, second)| {
            call(
                &format!("c{id}"),
                &self.numbers[*from],
                &self.numbers[*to],
                *second,
            )
        });
        let told = self
            .house
            .directory
            .report_call_records(&self.engine, calls.collect())
            .await;
        assert_eq!(told.unwrap().len(), batch.len());
    }

    /// The calls of a user that began at a moment or after it, as the list tells.
    async fn truth(&self, user: UserId, since: Option<Timestamp>) -> BTreeSet<i64> {
        let of = History {
            tenant: self.tenant,
            user: Some(user),
        };
        let query = Query {
            page: Page {
                skip: 0,
                take: 10_000,
            },
            ..Query::default()
        };
        let list = self.house.store.list_call_records(of, &query).await.unwrap();
        let wanted = list
            .items
            .into_iter()
            .filter(|record| Some(record.call.started_at) >= since);
        wanted.map(|record| record.id.get()).collect()
    }
}

/// Somebody who follows his calls.
struct Follower {
    who: usize,
    since: Option<Timestamp>,
    token: String,
    known: BTreeSet<i64>,
}

impl Follower {
    /// Begins to follow; without a date he lists afterwards what was there before.
    async fn new(world: &World<'_>, who: usize, since: Option<i64>) -> Self {
        let owner = &world.owners[who];
        let since = since.map(|second| call("", "", "", second).started_at);
        let token = world
            .house
            .directory
            .follow_call_records(owner, since)
            .await
            .unwrap();
        let known = match since {
            None => world.truth(owner.user(), None).await,
            Some(_) => BTreeSet::new(),
        };
        Self {
            who,
            since,
            token,
            known,
        }
    }

    async fn sync(&mut self, world: &World<'_>) -> usize {
        let owner = &world.owners[self.who];
        let news = world
            .house
            .directory
            .changed_call_records(owner, &self.token)
            .await
            .unwrap();
        self.token = news.token;
        let count = news.changed.len();
        for changed in news.changed {
            assert_eq!(changed.change, ChangeType::Created);
            assert_eq!(changed.now.map(|record| record.id.get()), Some(changed.id));
            assert!(self.known.insert(changed.id), "{} is told twice", changed.id);
        }
        count
    }

    async fn settle(&mut self, world: &World<'_>) {
        self.sync(world).await;
        let truth = world.truth(world.owners[self.who].user(), self.since).await;
        assert_eq!(self.known, truth, "follower {} since {:?}", self.who, self.since);
        assert_eq!(self.sync(world).await, 0, "told twice");
    }
}

async fn all_at_once(
    house: &House,
    before: &[Vec<Item>],
    engines: &[Vec<Vec<Item>>],
    dates: &[i64],
    asks: usize,
) {
    let world = World::new(house).await;
    for batch in before {
        world.report(batch).await;
    }
    let mut followers = Vec::new();
    for who in 0..world.owners.len() {
        followers.push(Follower::new(&world, who, None).await);
        for date in dates {
            followers.push(Follower::new(&world, who, Some(*date)).await);
        }
    }
    let world = &world;
    let report = join_all(engines.iter().map(|batches| async move {
        for batch in batches {
            world.report(batch).await;
        }
    }));
    let ask = join_all(followers.iter_mut().map(|follower| async move {
        for _ in 0..asks {
            follower.sync(world).await;
            tokio::task::yield_now().await;
        }
    }));
    tokio::join!(report, ask);
    for follower in &mut followers {
        follower.settle(world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_reported_at_once_are_missed_by_nobody() {
    on_each_engine(async |house| {
        let engines = vec(vec(batch(), 1..12), 1..5);
        let strategy = (
            vec(batch(), 0..4),
            engines,
            vec(0..SECONDS + 1, 0..3),
            1..12_usize,
        );
        let run = |(before, engines, dates, asks): (Vec<_>, Vec<_>, Vec<_>, usize)| {
            block_on(all_at_once(&house, &before, &engines, &dates, asks));
            Ok(())
        };
        runner(16).run(&strategy, run).unwrap();
    })
    .await;
}
