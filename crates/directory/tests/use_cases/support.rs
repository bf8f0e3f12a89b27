//! A directory over an empty SQLite store, and people to act as.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jackfield_directory::{
    BlobContents, Directory, Hashing, HashingCost, KeptConferences, Mail, MailError, Mailer, MasterKey,
    Parts, SignIn, SignInOutcome, Store, TokenPair,
};
use jackfield_domain::{
    BuiltInRole, Caller, Capability, Change, Clock, Entropy, Grant, NewExtension, NewPassword, NewProvider,
    NewTenant, NewUser, ProviderId, ProviderSettings, Secret, TenantId, TenantPatch, Timestamp, TrunkAuth,
    UserId, VoicemailPin,
    capability::{ManageTenants, ManageTrunks, ManageUsers},
};
use jackfield_store_sql::{SqlStore, db::Config};

use crate::contents::Contents;

/// A clock that only moves when told to.
pub(crate) struct FixedClock(AtomicI64);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

impl FixedClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0
            .fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

/// Bytes that look random and are the same in every run (splitmix64).
pub(crate) struct Seeded(AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Keeps what it is given, unless it is closed: then it takes nothing, and keeps what it did not take apart.
#[derive(Default)]
pub(crate) struct Letterbox {
    taken: Mutex<Vec<Mail>>,
    closed: AtomicBool,
    returned: Mutex<Vec<Mail>>,
}

#[async_trait]
impl Mailer for Letterbox {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        if self.closed.load(Ordering::SeqCst) {
            self.returned.lock().unwrap().push(mail);
            return Err(MailError("the mail server is down".into()));
        }
        self.taken.lock().unwrap().push(mail);
        Ok(())
    }
}

impl Letterbox {
    /// The next mail, waited for: some are sent after the request that causes them.
    pub(crate) async fn next(&self) -> Mail {
        Self::from(&self.taken).await
    }

    /// From now on no mail is taken.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// The next mail that was not taken, waited for.
    pub(crate) async fn next_returned(&self) -> Mail {
        Self::from(&self.returned).await
    }

    async fn from(mails: &Mutex<Vec<Mail>>) -> Mail {
        for _ in 0..500 {
            let mail = mails.lock().unwrap().pop();
            if let Some(mail) = mail {
                return mail;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no mail came");
    }
}

pub(crate) struct House {
    pub(crate) directory: Directory,
    pub(crate) store: Arc<SqlStore>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) letters: Arc<Letterbox>,
    pub(crate) contents: Arc<Contents>,
    pub(crate) tenant: TenantId,
}

/// A password that the default policy accepts for everyone here.
pub(crate) const PASSWORD: &str = "Tr0ub4dor&9";

pub(crate) async fn house() -> House {
    house_on(&Config::temporary()).await
}

/// Runs a test on SQLite, and on a new PostgreSQL database where `JACKFIELD_TEST_POSTGRES` names a server.
pub(crate) async fn on_each_engine(test: impl AsyncFn(House)) {
    const VARIABLE: &str = "JACKFIELD_TEST_POSTGRES";
    static NEXT: AtomicU64 = AtomicU64::new(0);
    test(house().await).await;
    let Ok(url) = std::env::var(VARIABLE) else {
        println!("skipped on PostgreSQL: {VARIABLE} is not set");
        return;
    };
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("use_cases_{}_{number}", std::process::id());
    for sql in [
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        format!("CREATE DATABASE {name}"),
    ] {
        client.batch_execute(&sql).await.unwrap();
    }
    let (server, options) = url.split_once('?').unwrap_or((&url, ""));
    let (_, authority) = server.split_once("://").unwrap();
    let authority = authority.split('/').next().unwrap_or_default();
    let config = Config::postgres(format!("postgres://{authority}/{name}?{options}"));
    test(house_on(&config).await).await;
    client
        .batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .unwrap();
}

fn open(
    store: &Arc<SqlStore>,
    contents: &Arc<Contents>,
    clock: &Arc<FixedClock>,
    letters: &Arc<Letterbox>,
    renewal_delay: Duration,
) -> Directory {
    Directory::new(Parts {
        store: Arc::clone(store) as Arc<dyn Store>,
        contents: Arc::clone(contents) as Arc<dyn BlobContents>,
        max_upload: 1 << 20,
        renewal_delay,
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        entropy: Arc::new(Seeded(AtomicU64::new(42))),
        mailer: Some(Arc::clone(letters) as Arc<dyn Mailer>),
        conferences: Arc::new(KeptConferences),
        media_engine: false,
        hashing: Hashing::new(HashingCost::LEAST, 2).unwrap(),
        master_key: MasterKey::new([7; 32]),
        public_url: Some("https://pbx.example.com".into()),
    })
}

/// The delay of renewals that a server has by default.
const RENEWAL_DELAY: Duration = Duration::from_secs(3);

/// One whose directory writes renewals down after this delay.
pub(crate) async fn house_with_delay(renewal_delay: Duration) -> House {
    house_at(&Config::temporary(), renewal_delay).await
}

async fn house_on(config: &Config) -> House {
    house_at(config, RENEWAL_DELAY).await
}

async fn house_at(config: &Config, renewal_delay: Duration) -> House {
    let store = Arc::new(SqlStore::open(config).await.unwrap());
    let clock = Arc::new(FixedClock(AtomicI64::new(1_700_000_000_000_000)));
    let letters = Arc::new(Letterbox::default());
    let contents = Arc::new(Contents::new(Arc::clone(&clock)));
    let directory = open(&store, &contents, &clock, &letters, renewal_delay);
    let mut house = House {
        directory,
        store,
        clock,
        letters,
        contents,
        tenant: TenantId::SYSTEM,
    };
    house.tenant = house.make_tenant("one.example").await;
    house
}

impl House {
    /// A directory over the same store that remembers nothing of what this one knows.
    pub(crate) fn another_process(&self) -> Directory {
        open(
            &self.store,
            &self.contents,
            &self.clock,
            &self.letters,
            RENEWAL_DELAY,
        )
    }

    pub(crate) async fn make_tenant(&self, domain: &str) -> TenantId {
        let new = NewTenant {
            name: domain.into(),
            domain: domain.into(),
            timezone: "Europe/Berlin".into(),
            currency: "EUR".into(),
            region: "DEU".into(),
            rest: TenantPatch::default(),
        };
        self.directory
            .create_tenant(&self.program::<ManageTenants>(), new)
            .await
            .unwrap()
    }

    /// The program's right in the first tenant, or in the installation.
    pub(crate) fn program<C: Capability>(&self) -> Grant<C> {
        Arc::new(Caller::program(self.tenant)).grant().unwrap()
    }

    pub(crate) async fn make_user(&self, name: &str, number: &str, role: &str) -> UserId {
        self.directory
            .create_user(&self.program::<ManageUsers>(), new_user(name, number, role))
            .await
            .unwrap()
    }

    pub(crate) async fn make_provider(&self, name: &str) -> ProviderId {
        let new = NewProvider {
            name: name.into(),
            hostname: "sip.carrier.example".into(),
            brand: String::new(),
            auth_mode: TrunkAuth::Register,
            password: Secret::new("tr0nk-word"),
            settings: ProviderSettings::default(),
        };
        self.directory
            .create_provider(&self.program::<ManageTrunks>(), new)
            .await
            .unwrap()
    }

    pub(crate) async fn sign_in(&self, name: &str) -> TokenPair {
        match self.directory.sign_in(credentials(name, PASSWORD)).await.unwrap() {
            SignInOutcome::Tokens(tokens) => tokens,
            SignInOutcome::CodeNeeded { .. } => panic!("a code is needed"),
        }
    }

    /// A signed-in user of this role.
    pub(crate) async fn person(&self, name: &str, number: &str, role: BuiltInRole) -> (UserId, Arc<Caller>) {
        let id = self.make_user(name, number, role.name()).await;
        let tokens = self.sign_in(name).await;
        (id, self.directory.authenticate(&tokens.access).await.unwrap())
    }

    pub(crate) async fn journal(&self, tenant: TenantId) -> Vec<Change> {
        use jackfield_store::JournalReads;
        self.store.changes_after(tenant, 0, 1000).await.unwrap()
    }
}

pub(crate) fn credentials(name: &str, password: &str) -> SignIn {
    SignIn {
        username: name.into(),
        password: password.into(),
        domain: Some("one.example".into()),
        source: "192.0.2.1".into(),
    }
}

pub(crate) fn new_user(name: &str, number: &str, role: &str) -> NewUser {
    let mut new = NewUser::named(name, NewPassword::Plain(PASSWORD.into()));
    new.display_name = format!("{name} of the house");
    new.email = format!("{name}@one.example");
    new.role = role.into();
    let password = NewPassword::Plain("Zx7!kq2W".into());
    new.extension = Some(NewExtension {
        number: number.into(),
        password,
    });
    new.voicemail_pin = Some(VoicemailPin::new("135792"));
    new
}
