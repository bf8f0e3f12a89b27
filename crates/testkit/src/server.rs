//! The server under test: the real one, on threads of its own, in the test's process.

use std::{
    collections::HashMap, ffi::OsString, net::SocketAddr, path::Path, sync::Arc, thread::JoinHandle,
    time::Duration,
};

use jackfield_dialect_voipstudio::Version;
use jackfield_directory::{Directory, HashingCost, Reported, ReportedRegistration};
use jackfield_domain::{
    ApiKeyId, Attendance, Caller, Clock as _, MeetingId, NewApiKey, NewRegistration, ParticipantReport,
    TenantId, UserId,
};
use jackfield_registrar::{BoundEdge, stack::Wire};
use jackfield_server::{
    App, World,
    config::{Settings, SettingsArgs},
    metrics::Metrics,
    serve::{self, Ports},
};
use tokio::{
    net::TcpListener,
    runtime::Handle,
    sync::{OnceCell, oneshot},
};

use crate::{
    Answer, Company, Contract, JournalLine, Mailbox, Native, Omnidesk, PortSip, Request, SeededEntropy,
    TestClock, VoipStudio, database::Database,
};

/// The address that mails may lead to.
const PUBLIC_URL: &str = "https://pbx.example.test";
/// The password of the system administrator.
pub(crate) const ROOT_PASSWORD: &str = "Uz8!mQvR4hTx";

/// How a server is set up.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether it can send mail.
    pub mail: bool,
    /// Whether it counts requests. The counters belong to the process, so only one server in it can.
    pub metrics: bool,
    /// Whether telephones may register, and how.
    pub sip: Option<SipOptions>,
    /// How many requests of an hour each tenant has where they are counted.
    pub requests_per_hour: u32,
}

/// How a server answers telephones, on free ports of 127.0.0.1 and of `::1`.
#[derive(Debug, Clone, Copy)]
pub struct SipOptions {
    /// The hash functions, as the setting names them.
    pub digests: &'static str,
    /// Messages a second from one source; 0 for no limit.
    pub rate: u32,
    /// Failures until a source is banned.
    pub failures: u32,
    /// Whether 127.0.0.1 is a trusted proxy.
    pub trusted: bool,
    /// Whether the authority of the providers is believed.
    pub carriers: bool,
    /// Where its media engine is, if it has one.
    pub engine: Option<(Wire, SocketAddr)>,
}

impl Default for SipOptions {
    fn default() -> Self {
        Self {
            digests: "sha256,md5",
            rate: 0,
            failures: 100,
            trusted: false,
            carriers: false,
            engine: None,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mail: true,
            metrics: false,
            sip: None,
            requests_per_hour: 36_000,
        }
    }
}

/// A SIP device that an engine reports.
#[derive(Debug, Clone)]
pub struct Device {
    /// The number of the extension that it is bound to.
    pub number: String,
    /// The id that it gives itself.
    pub instance_id: String,
    /// For how long it is bound.
    pub seconds: u64,
}

/// A server on a free port of 127.0.0.1 with an empty store. Dropping it stops it and takes its store away.
pub struct TestServer {
    address: SocketAddr,
    sip: Vec<(Wire, SocketAddr)>,
    stop: Option<oneshot::Sender<End>>,
    thread: Option<JoinHandle<()>>,
    database: Arc<Database>,
    options: Options,
    /// The directory of the server, and where its work is done.
    inside: (Directory, Handle),
    /// The time on it.
    pub clock: Arc<TestClock>,
    /// The mails it sent.
    pub mails: Arc<Mailbox>,
    pub(crate) contract: Arc<Contract>,
    pub(crate) home: OnceCell<Company>,
}

impl TestServer {
    /// Starts a server that can send mail.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// Starts a server.
    pub async fn start_with(options: Options) -> Self {
        let database = Arc::new(Database::create().await);
        let (clock, mails) = (Arc::new(TestClock::default()), Arc::new(Mailbox::default()));
        let world = World {
            clock: Arc::clone(&clock) as _,
            entropy: Arc::new(SeededEntropy::new(1)),
            mailer: options.mail.then(|| Arc::clone(&mails) as _),
            hashing: HashingCost::LEAST,
        };
        let settings = settings(&database, options, None);
        let (started, stop, thread) = boot(settings, world, options.metrics).await;
        let Started { address, sip, inside } = started;
        let contract = Contract::portsip();
        Self {
            address,
            sip,
            stop: Some(stop),
            thread: Some(thread),
            database,
            inside,
            options,
            clock,
            mails,
            contract,
            home: OnceCell::new(),
        }
    }

    /// Another server on the same store, with telephones of its own or without.
    #[must_use]
    pub async fn beside(&self, sip: Option<SipOptions>) -> Self {
        let world = World {
            clock: Arc::clone(&self.clock) as _,
            entropy: Arc::new(SeededEntropy::new(3)),
            mailer: self.options.mail.then(|| Arc::clone(&self.mails) as _),
            hashing: HashingCost::LEAST,
        };
        // The process of the test has one recorder of metrics.
        let options = Options {
            sip,
            metrics: false,
            ..self.options
        };
        let settings = settings(&self.database, options, None);
        let (started, stop, thread) = boot(settings, world, false).await;
        let Started { address, sip, inside } = started;
        Self {
            address,
            sip,
            stop: Some(stop),
            thread: Some(thread),
            database: Arc::clone(&self.database),
            inside,
            options,
            clock: Arc::clone(&self.clock),
            mails: Arc::clone(&self.mails),
            contract: Arc::clone(&self.contract),
            home: OnceCell::new(),
        }
    }

    /// Stops the server and starts it again over the same store, on the same ports and at the same time of its clock.
    pub async fn restart(&mut self) {
        self.stop();
        let world = World {
            clock: Arc::clone(&self.clock) as _,
            entropy: Arc::new(SeededEntropy::new(2)),
            mailer: self.options.mail.then(|| Arc::clone(&self.mails) as _),
            hashing: HashingCost::LEAST,
        };
        let settings = settings(&self.database, self.options, Some((self.address, &self.sip)));
        let (started, stop, thread) = boot(settings, world, self.options.metrics).await;
        self.inside = started.inside;
        self.stop = Some(stop);
        self.thread = Some(thread);
    }

    /// Ends the server as `SIGKILL` does: it finishes nothing and tells nobody. What it kept is the store alone.
    pub fn kill(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(End::Kill);
        }
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server's thread ends");
        }
    }

    fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // When the server has already ended, its thread tells why.
            let _ = stop.send(End::Stop);
        }
        let outcome = self.thread.take().map(JoinHandle::join);
        assert!(
            std::thread::panicking() || !matches!(outcome, Some(Err(_))),
            "the server's thread panicked"
        );
    }

    /// The PortSIP door.
    pub fn portsip(&self) -> PortSip<'_> {
        PortSip::new(self)
    }

    /// The door of our own API.
    pub fn native(&self) -> Native<'_> {
        Native::new(self)
    }

    /// The Omnidesk door, without a key.
    pub fn omnidesk(&self) -> Omnidesk {
        Omnidesk::new(self)
    }

    /// A program at the Omnidesk door with a key of a user, made as the command line makes it.
    pub async fn omnidesk_key(&self, tenant: &str, user: &str, permissions: &[&str]) -> Omnidesk {
        let tenant = TenantId::new(tenant.parse().expect("an id is a number"));
        let user = UserId::new(user.parse().expect("an id is a number"));
        let permissions: Vec<_> = permissions
            .iter()
            .map(|word| {
                jackfield_dialect_omnidesk::permission(word).expect("the vendor has such a permission")
            })
            .collect();
        let made = self
            .with_directory(async move |directory: Directory| {
                let grant = Arc::new(Caller::program(tenant)).grant()?;
                directory
                    .create_key(&grant, NewApiKey::desk("", user, permissions))
                    .await
            })
            .await
            .expect("the key is made");
        self.omnidesk().with_key(&made.key)
    }

    /// The VoIPstudio door, in the version that the vendor's clients use.
    pub fn voipstudio(&self) -> VoipStudio {
        self.voipstudio_at(Version::V1_2)
    }

    /// The VoIPstudio door in any version.
    pub fn voipstudio_at(&self, version: Version) -> VoipStudio {
        VoipStudio::new(self, version)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it takes telephones over this protocol, on 127.0.0.1.
    pub fn sip(&self, wire: Wire) -> SocketAddr {
        self.sip_at(wire, false)
    }

    /// The same on `::1`.
    pub fn sip_v6(&self, wire: Wire) -> SocketAddr {
        self.sip_at(wire, true)
    }

    fn sip_at(&self, wire: Wire, v6: bool) -> SocketAddr {
        let mut found = self.sip.iter().filter(|(own, _)| *own == wire);
        let found = found.find(|(_, address)| address.is_ipv6() == v6);
        found.expect("the server takes telephones").1
    }

    /// Sends any request to any path, held against no document.
    pub async fn send(&self, request: Request) -> Answer {
        request.send(self.address).await
    }

    /// Binds a device of a user of a tenant, as an engine does.
    pub async fn bind(&self, tenant: &str, device: Device) {
        let tenant = TenantId::new(tenant.parse().expect("an id is a number"));
        let binding = NewRegistration {
            instance_id: device.instance_id,
            user_agent: "Desk phone 1.0".into(),
            application: String::new(),
            ip: "192.0.2.1".into(),
            enable_push: false,
            contact_address: "sip:device@192.0.2.1".into(),
            expires_at: self.clock.now().plus(Duration::from_secs(device.seconds)),
        };
        let report = ReportedRegistration {
            extension_number: device.number,
            binding,
        };
        let work = async move |directory: Directory| {
            let engine = Arc::new(Caller::engine(tenant, ApiKeyId::new(1))).reporter()?;
            directory.report_registrations(&engine, vec![report]).await
        };
        let outcomes = self.with_directory(work).await.expect("the store works");
        assert!(
            matches!(outcomes[..], [Reported::New(_) | Reported::Replaced(_)]),
            "{outcomes:?}"
        );
    }

    /// The unguessable part of a file's address, by the file's id.
    pub async fn blob_key(&self, id: &str) -> String {
        self.database
            .blob_key(id.parse().expect("an id is a number"))
            .await
    }

    /// Removes what nobody wants any more, as the server does from time to time.
    pub async fn collect_blobs(&self) {
        let (directory, server) = self.inside.clone();
        let now = self.clock.now();
        let work = server.spawn(async move { directory.collect_blobs(now).await });
        let outcome = work.await.expect("the server goes on");
        outcome.expect("the store answers");
    }

    /// Writes renewed bindings down, as the server does some seconds after it answered them: the clock of a test does not wait.
    pub async fn write_renewals(&self) {
        let work = async move |directory: Directory| directory.write_renewals().await;
        self.with_directory(work).await.expect("the store answers");
    }

    /// Does something with the server's directory, where the server works: for what engines do beside the requests of people.
    pub async fn with_directory<F, R>(&self, work: impl FnOnce(Directory) -> F) -> R
    where
        F: Future<Output = R> + Send + 'static,
        R: Send + 'static,
    {
        let (directory, server) = self.inside.clone();
        server.spawn(work(directory)).await.expect("the server goes on")
    }

    /// Has somebody join a meeting or leave it, as an engine reports it. Gives his id, or why not.
    ///
    /// # Errors
    /// The words of the refusal.
    pub async fn attend(
        &self,
        tenant: &str,
        meeting: &str,
        external_id: &str,
        number: &str,
        joins: bool,
    ) -> Result<String, String> {
        let tenant = TenantId::new(tenant.parse().expect("an id is a number"));
        let meeting = MeetingId::new(meeting.parse().expect("an id is a number"));
        let report = ParticipantReport {
            external_id: external_id.to_owned(),
            attendance: if joins {
                Attendance::Joined
            } else {
                Attendance::Left
            },
            number: number.to_owned(),
            display_name: String::new(),
        };
        let (directory, server) = self.inside.clone();
        let work = server.spawn(async move {
            let engine = Arc::new(Caller::engine(tenant, ApiKeyId::new(1))).reporter()?;
            directory
                .report_participants(&engine, meeting, vec![report])
                .await
        });
        let outcomes = work.await.expect("the server goes on").expect("the store works");
        match outcomes.into_iter().next().expect("one outcome for one report") {
            Reported::New(id) | Reported::Replaced(id) | Reported::Known(id) => Ok(id.to_string()),
            Reported::Refused(error) => Err(error.to_string()),
        }
    }

    /// The journal of a tenant; of the installation for 0.
    pub async fn journal(&self, tenant: i64) -> Vec<JournalLine> {
        self.database.journal(tenant).await
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts a server on a thread and a runtime of its own, apart from the test's: it can be stopped and awaited from `drop`, and
/// a test that blocks does not hold it up.
async fn boot(
    settings: Settings,
    world: World,
    metrics: bool,
) -> (Started, oneshot::Sender<End>, JoinHandle<()>) {
    let (end, ended) = oneshot::channel();
    let (ready, listening) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime starts");
        runtime.block_on(async {
            let (stop, stopped) = oneshot::channel();
            let killed = async {
                if let Ok(End::Stop) | Err(_) = ended.await {
                    // When the server has already ended, its outcome tells why.
                    let _ = stop.send(());
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = run(settings, world, metrics, ready, stopped) => {}
                () = killed => {}
            }
        });
        runtime.shutdown_background();
    });
    let started = listening.await.expect("the server starts");
    (started, end, thread)
}

/// How a server ends.
enum End {
    Stop,
    Kill,
}

/// A server that has started.
struct Started {
    address: SocketAddr,
    sip: Vec<(Wire, SocketAddr)>,
    inside: (Directory, Handle),
}

fn settings(
    database: &Database,
    options: Options,
    ports: Option<(SocketAddr, &[(Wire, SocketAddr)])>,
) -> Settings {
    let mut environment = HashMap::from([
        (
            "JACKFIELD_LISTEN",
            ports.map_or("127.0.0.1:0".to_owned(), |(http, _)| http.to_string()),
        ),
        ("JACKFIELD_DATABASE_URL", database.url()),
        ("JACKFIELD_DATA_DIR", database.folder().display().to_string()),
        ("JACKFIELD_ADMIN_PASSWORD", ROOT_PASSWORD.to_owned()),
        ("JACKFIELD_MASTER_KEY", "5a".repeat(32)),
        ("JACKFIELD_PUBLIC_URL", PUBLIC_URL.to_owned()),
        ("JACKFIELD_SIP", "off".to_owned()),
        (
            "JACKFIELD_REQUESTS_PER_HOUR",
            options.requests_per_hour.to_string(),
        ),
    ]);
    if let Some(sip) = options.sip {
        let file = |name: &str, text: &str| {
            let path = database.folder().join(name);
            std::fs::write(&path, text).expect("the temporary folder can be written");
            path.display().to_string()
        };
        let on = |wire: Wire, free: &str| match ports {
            Some((_, known)) => {
                let known = known.iter().filter(|(own, _)| *own == wire);
                known
                    .map(|(_, address)| address.to_string())
                    .collect::<Vec<_>>()
                    .join(",")
            }
            None => free.to_owned(),
        };
        environment.extend([
            ("JACKFIELD_SIP", "on".to_owned()),
            ("JACKFIELD_SIP_LISTEN", on(Wire::Udp, "127.0.0.1:0,[::1]:0")),
            ("JACKFIELD_SIP_TLS_LISTEN", on(Wire::Tls, "127.0.0.1:0")),
            (
                "JACKFIELD_SIP_TLS_CERT",
                file("certificate.pem", crate::sip::CERTIFICATE),
            ),
            ("JACKFIELD_SIP_TLS_KEY", file("key.pem", crate::sip::KEY)),
            ("JACKFIELD_SIP_WS_LISTEN", on(Wire::WebSocket, "127.0.0.1:0")),
            ("JACKFIELD_SIP_DIGESTS", sip.digests.to_owned()),
            ("JACKFIELD_SIP_RATE", sip.rate.to_string()),
            ("JACKFIELD_SIP_BAN_FAILURES", sip.failures.to_string()),
        ]);
        if sip.carriers {
            let authority = file("authority.pem", crate::sip::CARRIER_AUTHORITY);
            environment.insert("JACKFIELD_SIP_TLS_CA", authority);
        }
        if let Some((wire, address)) = sip.engine {
            let engine = format!("sip:{address};transport={wire}");
            environment.insert("JACKFIELD_SIP_MEDIA_ENGINE", engine);
        }
        if sip.trusted {
            environment.insert("JACKFIELD_TRUSTED_PROXIES", "127.0.0.1".to_owned());
        }
    }
    let variable = |name: &str| environment.get(name).map(OsString::from);
    // The suite must not pick up a settings file that lies where it happens to run.
    let nowhere = database.folder().join("jackfield.toml");
    Settings::load_with(&SettingsArgs::default(), &variable, Path::new(&nowhere))
        .expect("the settings are right")
}

/// Takes the ports for SIP. After a restart they are those of before, and a telephone of another test may have got one of them
/// in between: it lets go of it soon.
async fn sip_ports(settings: &Settings) -> Option<BoundEdge> {
    const TRIES: usize = 100;
    for _ in 1..TRIES {
        match settings.sip_edge().map(BoundEdge::bind).transpose() {
            Ok(bound) => return bound,
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    let bound = settings.sip_edge().map(BoundEdge::bind).transpose();
    bound.expect("free ports")
}

async fn run(
    settings: Settings,
    world: World,
    metrics: bool,
    ready: oneshot::Sender<Started>,
    stopped: oneshot::Receiver<()>,
) {
    let listener = TcpListener::bind(settings.listen).await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    let sip = sip_ports(&settings).await;
    let started = sip.as_ref().map(BoundEdge::addresses).unwrap_or_default();
    let counters =
        metrics.then(|| Arc::new(Metrics::install(&*world.clock).expect("one recorder for each process")));
    let app = App::open(settings, world).await.expect("the directory opens");
    app.ensure_administrator()
        .await
        .expect("the first administrator is made");
    let inside = (app.directory.clone(), Handle::current());
    let started = Started {
        address,
        sip: started,
        inside,
    };
    if ready.send(started).is_err() {
        return;
    }
    let stop = async move {
        // Dropped or sent, both mean the end.
        let _ = stopped.await;
    };
    let ports = Ports { http: listener, sip };
    serve::serve(&app, ports, counters, stop)
        .await
        .expect("the listener holds");
}
