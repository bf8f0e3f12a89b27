//! Bindings that only go on: answered from memory, written down later, and ended at once all the same.

use std::{sync::Arc, time::Duration};

use jackfield_directory::{Binding, Binds, Bound, Directory, ReportedRegistration, SipContact, SipIdentity};
use jackfield_domain::{
    Caller, Clock as _, NewRegistration, Patch, SipRoute, TenantPatch, UserId, UserPatch,
    capability::{ManageTenants, ManageUsers},
};
use jackfield_store::PresenceReads;

use crate::support::{House, house, house_with_delay, on_each_engine};

const DESK: &str = "sip:desk@192.0.2.1";

/// A request of one device.
fn request(instance: &str, cseq: u32, expires: u32) -> Binding {
    Binding {
        binds: Binds::These(vec![SipContact {
            instance_id: instance.into(),
            contact_address: DESK.into(),
            expires,
            preference: 1000,
            enable_push: false,
        }]),
        user_agent: "Desk phone 1.0".into(),
        ip: "192.0.2.1".into(),
        route: SipRoute {
            received: "udp:192.0.2.1:5060".into(),
            path: String::new(),
            call_id: "one".into(),
            cseq,
            preference: 0,
            edge: "e1".into(),
        },
    }
}

async fn identity(directory: &Directory) -> Arc<SipIdentity> {
    let found = directory.sip_identity("one.example", "1001").await.unwrap();
    found.unwrap()
}

async fn ask(directory: &Directory, binding: &Binding) -> Bound {
    let identity = identity(directory).await;
    directory.bind_devices(&identity, binding).await.unwrap()
}

/// The seconds until the ends in the store.
async fn stored(house: &House, user: UserId) -> Vec<u64> {
    let now = house.clock.now();
    let rows = house.store.registrations(house.tenant, user, now).await.unwrap();
    rows.iter()
        .map(|one| one.binding.expires_at.since(now).as_secs())
        .collect()
}

/// The seconds that a telephone is told.
fn told(house: &House, bound: &Bound) -> Vec<u64> {
    let Bound::Now(bound, now) = bound else {
        panic!("{bound:?}");
    };
    assert_eq!(*now, house.clock.now());
    bound
        .iter()
        .map(|one| one.binding.expires_at.since(*now).as_secs())
        .collect()
}

#[tokio::test]
async fn what_changes_nothing_else_is_written_down_later() {
    on_each_engine(async |house| {
        let ada = house.make_user("ada", "1001", "StandardUser").await;
        let directory = &house.directory;
        assert_eq!(told(&house, &ask(directory, &request("a", 1, 600)).await), [600]);
        assert_eq!(stored(&house, ada).await, [600]);
        house.clock.advance(Duration::from_mins(5));
        assert_eq!(told(&house, &ask(directory, &request("a", 2, 600)).await), [600]);
        assert_eq!(stored(&house, ada).await, [300], "the store does not know yet");
        let mut all = request("a", 0, 0);
        all.binds = Binds::Ask;
        assert_eq!(
            told(&house, &ask(directory, &all).await),
            [600],
            "the telephone does"
        );
        // What came late is known for it, also when it asks for something else.
        for expires in [600, 0] {
            for cseq in [1, 2] {
                assert_eq!(ask(directory, &request("a", cseq, expires)).await, Bound::Late);
            }
        }
        // A second device takes the long way, and what was open goes with it.
        assert_eq!(
            told(&house, &ask(directory, &request("b", 3, 60)).await),
            [600, 60]
        );
        assert_eq!(stored(&house, ada).await, [600, 60]);
        house.clock.advance(Duration::from_secs(10));
        let both = Binding {
            binds: Binds::These(
                ["a", "b"]
                    .iter()
                    .flat_map(|one| match request(one, 4, 600).binds {
                        Binds::These(contacts) => contacts,
                        _ => Vec::new(),
                    })
                    .collect(),
            ),
            ..request("a", 4, 600)
        };
        assert_eq!(told(&house, &ask(directory, &both).await), [600, 600]);
        assert_eq!(stored(&house, ada).await, [590, 50]);
        directory.write_renewals().await.unwrap();
        assert_eq!(stored(&house, ada).await, [600, 600]);
    })
    .await;
}

/// A telephone that was started anew asks under another `Call-ID`, and counts from the beginning. What was told under the one
/// before came late from then on.
#[tokio::test]
async fn a_restart_of_a_telephone_is_a_renewal() {
    on_each_engine(async |house| {
        let ada = house.make_user("ada", "1001", "StandardUser").await;
        let directory = &house.directory;
        let again = |start: &str, cseq| {
            let mut binding = request("a", cseq, 600);
            binding.route.call_id = start.into();
            binding
        };
        let _ = ask(directory, &again("one", 7)).await;
        house.clock.advance(Duration::from_secs(100));
        assert_eq!(told(&house, &ask(directory, &again("two", 1)).await), [600]);
        assert_eq!(ask(directory, &again("two", 1)).await, Bound::Late);
        house.clock.advance(Duration::from_secs(100));
        assert_eq!(told(&house, &ask(directory, &again("three", 1)).await), [600]);
        assert_eq!(
            stored(&house, ada).await,
            [500],
            "what came late had the first one written down"
        );
        directory.write_renewals().await.unwrap();
        assert_eq!(stored(&house, ada).await, [600]);
        // What is remembered goes on with what was written down.
        house.clock.advance(Duration::from_secs(100));
        assert_eq!(ask(directory, &again("three", 1)).await, Bound::Late);
        assert_eq!(told(&house, &ask(directory, &again("four", 1)).await), [600]);
        assert_eq!(stored(&house, ada).await, [500]);
        directory.write_renewals().await.unwrap();
        let rows = house
            .store
            .registrations(house.tenant, ada, house.clock.now())
            .await
            .unwrap();
        let route = rows[0].route.as_ref().unwrap();
        assert_eq!((route.call_id.as_str(), route.cseq), ("four", 1));
        assert_eq!(stored(&house, ada).await, [600]);
    })
    .await;
}

type Change = fn(&mut Binding);

#[tokio::test]
async fn whatever_is_more_than_a_renewal_is_on_disk_before_the_answer() {
    let house = house().await;
    let ada = house.make_user("ada", "1001", "StandardUser").await;
    let directory = &house.directory;
    let mut cseq = 1;
    let changes: [(&str, Change); 5] = [
        ("another address", |one| {
            one.route.received = "udp:192.0.2.9:5060".into();
        }),
        ("another process", |one| one.route.edge = "e2".into()),
        ("another program", |one| one.user_agent = "Desk phone 2.0".into()),
        ("a proxy", |one| one.route.path = "<sip:edge.example;lr>".into()),
        ("another contact", |one| {
            if let Binds::These(contacts) = &mut one.binds {
                contacts[0].contact_address = "sip:desk@192.0.2.2".into();
            }
        }),
    ];
    for (what, change) in changes {
        cseq += 2;
        let _ = ask(directory, &request("a", cseq, 600)).await;
        directory.write_renewals().await.unwrap();
        house.clock.advance(Duration::from_secs(100));
        let mut binding = request("a", cseq + 1, 600);
        change(&mut binding);
        assert_eq!(told(&house, &ask(directory, &binding).await), [600]);
        assert_eq!(stored(&house, ada).await, [600], "{what}");
        let mut gone = request("a", cseq + 1, 0);
        gone.route.call_id = what.into();
        assert_eq!(told(&house, &ask(directory, &gone).await), [0; 0]);
    }
    // A shorter life, and one that is nearly over.
    let _ = ask(directory, &request("a", 50, 600)).await;
    assert_eq!(told(&house, &ask(directory, &request("a", 51, 60)).await), [60]);
    assert_eq!(stored(&house, ada).await, [60]);
    house.clock.advance(Duration::from_secs(48));
    assert_eq!(told(&house, &ask(directory, &request("a", 52, 60)).await), [60]);
    assert_eq!(stored(&house, ada).await, [60]);
}

#[tokio::test]
async fn what_ends_a_binding_wins_also_from_another_process() {
    on_each_engine(async |house| {
        let ada = house.make_user("ada", "1001", "StandardUser").await;
        let other = house.another_process();
        let (users, tenants) = (house.program::<ManageUsers>(), house.program::<ManageTenants>());
        let owner = Arc::new(Caller::program(house.tenant)).owner_of(ada).unwrap();
        let enabled = |enabled| UserPatch {
            enabled: Patch::Set(enabled),
            ..UserPatch::default()
        };
        let open = |enabled| TenantPatch {
            enabled: Patch::Set(enabled),
            ..TenantPatch::default()
        };
        let mut cseq = 1;
        for way in 0..4 {
            let directory = &house.another_process();
            let bound = ask(directory, &request("a", cseq, 600)).await;
            assert_eq!(told(&house, &bound), [600], "way {way}");
            house.clock.advance(Duration::from_secs(100));
            let bound = ask(directory, &request("a", cseq + 1, 600)).await;
            assert_eq!(told(&house, &bound), [600]);
            assert_eq!(stored(&house, ada).await, [500], "it is open");
            let before = identity(directory).await;
            match way {
                0 => other.end_registration(&owner, "a").await.unwrap(),
                1 => other.update_user(&owner, enabled(false)).await.unwrap(),
                2 => {
                    let done = other.set_extension_password(&users, ada, "Zk7!mQvR4hTx").await;
                    done.unwrap();
                }
                _ => other
                    .update_tenant(&tenants, house.tenant, open(false))
                    .await
                    .unwrap(),
            }
            // Until it hears of it a process may tell a device that it goes on, but does not bind it.
            let renewed = directory
                .bind_devices(&before, &request("a", cseq + 2, 600))
                .await;
            assert_eq!(told(&house, &renewed.unwrap()), [600]);
            directory.write_renewals().await.unwrap();
            assert_eq!(stored(&house, ada).await, [0; 0], "nothing comes back, way {way}");
            // It hears of it.
            directory.anything_changed();
            // With what it remembered of before nobody is bound again, but for the device that was only dropped.
            let again = directory
                .bind_devices(&before, &request("a", cseq + 3, 600))
                .await;
            let again = again.unwrap();
            if way == 0 {
                assert_eq!(told(&house, &again), [600]);
                assert_eq!(stored(&house, ada).await, [600], "it is bound anew, at once");
                other.end_registration(&owner, "a").await.unwrap();
            } else {
                assert_eq!(again, Bound::Changed, "way {way}");
            }
            directory.write_renewals().await.unwrap();
            assert_eq!(stored(&house, ada).await, [0; 0], "nothing comes back, way {way}");
            match way {
                1 => other.update_user(&owner, enabled(true)).await.unwrap(),
                3 => other
                    .update_tenant(&tenants, house.tenant, open(true))
                    .await
                    .unwrap(),
                _ => {}
            }
            cseq += 4;
        }
    })
    .await;
}

/// A device that an engine reports is the engine's from then on, though the number of devices is as before.
#[tokio::test]
async fn a_device_that_an_engine_takes_over_is_not_renewed_from_memory() {
    on_each_engine(async |house| {
        let ada = house.make_user("ada", "1001", "StandardUser").await;
        let directory = &house.directory;
        let _ = ask(directory, &request("a", 1, 600)).await;
        house.clock.advance(Duration::from_secs(100));
        let _ = ask(directory, &request("a", 2, 600)).await;
        directory.write_renewals().await.unwrap();
        let reporter = Arc::new(Caller::program(house.tenant)).reporter().unwrap();
        let binding = NewRegistration {
            instance_id: "a".into(),
            user_agent: String::new(),
            application: String::new(),
            ip: String::new(),
            enable_push: false,
            contact_address: DESK.into(),
            expires_at: house.clock.now().plus(Duration::from_mins(5)),
        };
        let report = ReportedRegistration {
            extension_number: "1001".into(),
            binding,
        };
        directory
            .report_registrations(&reporter, vec![report])
            .await
            .unwrap();
        assert_eq!(stored(&house, ada).await, [300]);
        assert_eq!(told(&house, &ask(directory, &request("a", 3, 600)).await), [600]);
        assert_eq!(stored(&house, ada).await, [600], "it is bound anew, at once");
    })
    .await;
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(sides)).unwrap()
    }
}

/// With the delay and without one, telephones are told the same, whatever they ask in whatever order; and once it is written
/// down, the store holds the same.
#[tokio::test]
async fn telephones_see_no_difference() {
    for seed in 0..8 {
        let (late, prompt) = (
            house_with_delay(Duration::from_secs(3)).await,
            house_with_delay(Duration::ZERO).await,
        );
        let ada = late.make_user("ada", "1001", "StandardUser").await;
        assert_eq!(prompt.make_user("ada", "1001", "StandardUser").await, ada);
        let owner = |house: &House| Arc::new(Caller::program(house.tenant)).owner_of(ada).unwrap();
        let (mut dice, mut top, mut from_memory) = (Dice(seed), 10, 0);
        for step in 0..120 {
            match dice.roll(10) {
                0 => {
                    let instance = ["a", "b", "c"][dice.roll(3) as usize];
                    let done = late.directory.end_registration(&owner(&late), instance).await;
                    let same = prompt.directory.end_registration(&owner(&prompt), instance).await;
                    assert_eq!(done.is_ok(), same.is_ok());
                }
                1 => {
                    let seconds = Duration::from_secs(u64::from(dice.roll(100)));
                    late.directory.write_renewals().await.unwrap();
                    late.clock.advance(seconds);
                    prompt.clock.advance(seconds);
                }
                2 => late.directory.write_renewals().await.unwrap(),
                _ => {
                    let instance = ["a", "b", "c"][dice.roll(3) as usize];
                    // Mostly the next number, now and then one that came late.
                    let cseq = if dice.roll(8) == 0 {
                        top - dice.roll(3)
                    } else {
                        top + 1
                    };
                    top = top.max(cseq);
                    let mut binding = request(
                        instance,
                        cseq,
                        [60, 600, 600, 600, 3600, 0][dice.roll(6) as usize],
                    );
                    match dice.roll(20) {
                        0 => binding.binds = Binds::RemoveAll,
                        1 => binding.binds = Binds::Ask,
                        2 => binding.route.call_id = "two".into(),
                        _ => {}
                    }
                    let told = ask(&late.directory, &binding).await;
                    assert_eq!(
                        told,
                        ask(&prompt.directory, &binding).await,
                        "seed {seed}, step {step}"
                    );
                    let now = late.clock.now();
                    let rows = late.store.registrations(late.tenant, ada, now).await.unwrap();
                    if let Bound::Now(bound, _) = &told {
                        from_memory += u32::from(*bound != rows);
                    }
                }
            }
        }
        late.directory.write_renewals().await.unwrap();
        let now = late.clock.now();
        assert_eq!(
            late.store.registrations(late.tenant, ada, now).await.unwrap(),
            prompt.store.registrations(prompt.tenant, ada, now).await.unwrap(),
            "seed {seed}"
        );
        assert!(from_memory > 0, "seed {seed} tries nothing");
    }
}
