//! On a real store.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use clap::Parser as _;
use jackfield_directory::{
    HashingCost, ImportMode,
    ImportProgress::{Hashing, Writing},
    ImportReport,
};
use jackfield_domain::{
    Caller, Clock, Entropy, Error, Grant, NewPassword, NewTenant, NewUser, Tenant, TenantId, TenantPatch,
    Thing, Timestamp,
    capability::{ManageTenants, ManageUsers},
};

use super::*;
use crate::{
    App, World,
    config::{Settings, SettingsArgs},
    users_csv::UserWriter,
};

struct Noon;
impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000)
    }
}

/// Bytes that look random and are the same in every run.
struct Counting(AtomicU64);
impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self
                .0
                .fetch_add(1, Ordering::Relaxed)
                .wrapping_mul(0x9E37_79B9_7F4A_7C15)
                .rotate_left(29);
            chunk.copy_from_slice(&number.to_le_bytes()[..chunk.len()]);
        }
    }
}

struct Folder(PathBuf);
impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[derive(clap::Parser)]
struct Flags {
    #[command(flatten)]
    settings: SettingsArgs,
}

struct House {
    app: App,
    tenant: Grant<ManageUsers>,
    _folder: Folder,
}

fn of_tenant(tenant: TenantId) -> Grant<ManageUsers> {
    Arc::new(Caller::program(tenant)).grant().unwrap()
}

impl House {
    async fn open() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "jackfield-users-csv-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = Folder(std::env::temp_dir().join(name));
        let flags = Flags::parse_from(["test", "--data-dir", folder.0.to_str().unwrap()]);
        let settings = Settings::load_with(&flags.settings, &|_| None, Path::new("/no/such/file")).unwrap();
        let world = World {
            clock: Arc::new(Noon),
            entropy: Arc::new(Counting(AtomicU64::new(1))),
            mailer: None,
            hashing: HashingCost::LEAST,
        };
        let app = App::open(settings, world).await.unwrap();
        let tenant = of_tenant(create_tenant(&app, "one.example", 50).await);
        Self {
            app,
            tenant,
            _folder: folder,
        }
    }

    async fn import(&self, text: &str, mode: ImportMode) -> (ImportReport, Vec<String>) {
        let table = table(text);
        let report = self
            .app
            .directory
            .import_users(&self.tenant, &table.rows, mode, |_| {})
            .await
            .unwrap();
        let said = report
            .failures
            .iter()
            .flat_map(|failure| table.describe(failure))
            .collect();
        (report, said)
    }

    /// Imports rows that are all good; gives how many were created, updated and unchanged.
    async fn good(&self, text: &str) -> (u64, u64, u64) {
        let (report, said) = self.import(text, ImportMode::AllOrNothing).await;
        assert_eq!(said, Vec::<String>::new());
        assert!(report.written);
        (report.created, report.updated, report.unchanged)
    }

    async fn export_of(&self, tenant: &Grant<ManageUsers>, with_secrets: bool) -> String {
        let mut writer = UserWriter::new(Vec::new()).unwrap();
        for user in self
            .app
            .directory
            .export_users(tenant, None, 1000, with_secrets)
            .await
            .unwrap()
        {
            writer.write(&user).unwrap();
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    async fn export(&self) -> String {
        self.export_of(&self.tenant, true).await
    }

    async fn tenant(&self) -> Tenant {
        let grant: Grant<ManageTenants> = Arc::new(Caller::program(TenantId::SYSTEM)).grant().unwrap();
        self.app
            .directory
            .tenant(&grant, self.tenant.tenant())
            .await
            .unwrap()
    }
}

async fn create_tenant(app: &App, domain: &str, max_extensions: i64) -> TenantId {
    let grant: Grant<ManageTenants> = Arc::new(Caller::program(TenantId::SYSTEM)).grant().unwrap();
    let new = NewTenant {
        name: domain.into(),
        domain: domain.into(),
        timezone: "UTC".into(),
        currency: "EUR".into(),
        region: "DEU".into(),
        rest: TenantPatch {
            max_extensions: Some(max_extensions).into(),
            ..TenantPatch::default()
        },
    };
    app.directory.create_tenant(&grant, new).await.unwrap()
}

const HEADER: &str =
    "name,password,extension_number,extension_password,voicemail_pin,email,role,display_name,enabled,sms\n";
const ADA: &str = "ada,Xk7!plomb,1001,Zz9-quark,020406,ada@one.example,Admin,=Ada,TRUE,ALLOW\n";
const BEN: &str = "ben,Qw7!plomb,1002,Yy9-quark,135791,ben@one.example,StandardUser,'Ben,,\n";

fn file(rows: &[&str]) -> String {
    format!("{HEADER}{}", rows.concat())
}

#[tokio::test]
async fn rows_create_users_and_the_same_rows_again_change_nothing() {
    let house = House::open().await;
    let text = file(&[ADA, BEN]);
    assert_eq!(house.good(&text).await, (2, 0, 0));
    let before = house.export().await;
    assert!(
        before.contains("\nada,TRUE,,1001,Zz9-quark,ada@one.example,'=Ada,"),
        "{before}"
    );
    assert!(
        before.contains("\nben,TRUE,,1002,Yy9-quark,ben@one.example,'Ben,"),
        "{before}"
    );
    assert_eq!(house.good(&text).await, (0, 0, 2));
    assert_eq!(house.export().await, before);
    // The user it made is the one that signs in and calls.
    let users = house
        .app
        .directory
        .export_users(&house.tenant, None, 10, true)
        .await
        .unwrap();
    assert_eq!(users[0].user.version, 1);
    assert_eq!(
        users[0]
            .secrets
            .as_ref()
            .unwrap()
            .voicemail_pin
            .as_ref()
            .unwrap()
            .reveal(),
        "020406"
    );
}

#[tokio::test]
async fn what_a_row_says_changes_and_the_rest_stays() {
    let house = House::open().await;
    house.good(&file(&[ADA, BEN])).await;
    let before = house.export().await;
    assert_eq!(house.good("department,name,email\nSales,ben,\n").await, (0, 1, 0));
    let after = house.export().await;
    assert_eq!(after.lines().nth(1), before.lines().nth(1));
    assert!(after.lines().nth(2).unwrap().contains(",ben@one.example,'Ben,"));
    assert!(after.lines().nth(2).unwrap().contains(",Sales,"));
    for (text, what) in [
        ("name,password\nben,Other7!x\n", "password"),
        ("name,extension_password\nben,Other7!y\n", "extension password"),
        ("name,voicemail_pin\nben,975310\n", "PIN"),
        ("name,role\nben,QueueManager\n", "role"),
        (
            "name,online_busy_forward_rule\nben,\"{\"\"action\"\":\"\"HANGUP\"\"}\"\n",
            "rule",
        ),
    ] {
        let before = house.export().await;
        assert_eq!(house.good(text).await, (0, 1, 0), "{what}");
        assert_ne!(house.export().await, before, "{what}");
        assert_eq!(house.good(text).await, (0, 0, 1), "{what} again");
    }
}

#[tokio::test]
async fn one_bad_row_and_nothing_is_written() {
    let house = House::open().await;
    let text = file(&[
        ADA,
        "b n,weak,12,,777,nobody,Nobody,x,perhaps,ALLOW\n",
        "carl,Qw7!plomb,1001,Yy9-quark,135791,ADA@one.example,StandardUser,x,,\n",
        "Ada,,,,,,,,,\n",
    ]);
    let (report, said) = house.import(&text, ImportMode::AllOrNothing).await;
    assert!(!report.written);
    for expected in [
        "line 3 (b n), column enabled: must be TRUE or FALSE",
        "line 3 (b n), column name: must be letters, digits and _ - ' . without a dot at either end",
        "line 3 (b n), column email: must be an address like name@example.com",
        "line 3 (b n), column extension_number: must have at least 3 characters",
        "line 3 (b n), column extension_password: is required",
        "line 3 (b n), column voicemail_pin: must have at least 6 characters",
        "line 3 (b n), column password: must have between 6 and 32 characters",
        "line 3 (b n), column role: names something that does not exist",
        "line 4 (carl), column extension_number: is already on line 2",
        "line 4 (carl), column email: is already on line 2",
        "line 5 (Ada), column name: is already on line 2",
    ] {
        assert!(
            said.iter().any(|line| line == expected),
            "{expected}\nis not in\n{said:#?}"
        );
    }
    assert_eq!(house.export().await.lines().count(), 1);
    let (report, again) = house.import(&text, ImportMode::KeepGoing).await;
    assert_eq!((again, report.created, report.written), (said, 1, true));
    assert_eq!(house.export().await.lines().count(), 2);
}

#[tokio::test]
async fn a_new_user_needs_what_the_api_asks_for() {
    let house = House::open().await;
    let (_, said) = house.import("name\ncarl\n", ImportMode::AllOrNothing).await;
    assert_eq!(
        said,
        [
            "line 2 (carl), column password: is required",
            "line 2 (carl), column extension_number: is required",
            "line 2 (carl), column voicemail_pin: is required",
        ]
    );
    let hash =
        "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$JYEZZ2Iyu2mmt6jWmQ8Z1yBcSgxTLmCyCvMCp0DcCHU";
    // From another installation, where he had no extension.
    assert_eq!(
        house
            .good(&format!("name,password_hash\ncarl,\"{hash}\"\n"))
            .await,
        (1, 0, 0)
    );
    let (_, said) = house
        .import("name,password_hash\ndora,$2b$12$x\n", ImportMode::AllOrNothing)
        .await;
    assert!(
        said[0].starts_with("line 2 (dora), column password_hash: must be an argon2id hash"),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_counts_right() {
    let house = House::open().await;
    house.good(&file(&[ADA])).await;
    let before = house.export().await;
    let changes = house.app.directory.events();
    let text = file(&[&ADA.replace("Xk7", "Xk8"), BEN, "x y,,,,,,,,,\n"]);
    let (report, said) = house.import(&text, ImportMode::DryRun).await;
    assert_eq!(
        (report.created, report.updated, report.unchanged, report.written),
        (1, 1, 0, false)
    );
    assert!(!said.is_empty());
    assert_eq!(house.export().await, before);
    assert!(changes.is_empty());
    let (report, _) = house.import(&file(&[ADA]), ImportMode::DryRun).await;
    assert_eq!((report.created, report.updated, report.unchanged), (0, 0, 1));
}

#[tokio::test]
async fn what_only_shows_while_writing_is_put_down_to_its_row() {
    let house = House::open().await;
    house.good(&file(&[ADA, BEN])).await;
    // Of two administrators the second to go is the last one.
    house.good("name,role\nben,Admin\n").await;
    let text = "name,role,department\nada,StandardUser,x\nben,StandardUser,x\n";
    let (report, said) = house.import(text, ImportMode::AllOrNothing).await;
    assert!(!report.written);
    assert!(
        said[0].starts_with("line 3 (ben): the last enabled administrator"),
        "{said:?}"
    );
    assert!(!house.export().await.contains(",StandardUser,"));
    let (report, again) = house.import(text, ImportMode::KeepGoing).await;
    assert_eq!((report.updated, report.written, again), (1, true, said));
    let after = house.export().await;
    assert!(after.lines().nth(1).unwrap().contains(",StandardUser,"));
    assert!(after.lines().nth(2).unwrap().contains(",Admin,"));
}

#[tokio::test]
async fn an_address_that_one_row_gives_up_is_free_for_the_next() {
    let house = House::open().await;
    house.good(&file(&[ADA, BEN])).await;
    assert_eq!(
        house
            .good("name,email\nada,new@one.example\nben,ADA@one.example\n")
            .await,
        (0, 2, 0)
    );
    let (_, said) = house
        .import("name,email\nada,ada@one.example\n", ImportMode::AllOrNothing)
        .await;
    assert_eq!(said, ["line 2 (ada), column email: belongs to another user"]);
    let (_, said) = house
        .import("name,extension_number\nada,1009\n", ImportMode::AllOrNothing)
        .await;
    assert_eq!(said, ["line 2 (ada), column extension_number: cannot be changed"]);
}

#[tokio::test]
async fn the_limit_of_extensions_holds_for_the_whole_file() {
    let house = House::open().await;
    let row = |n: usize| format!("u{n},Qw7!plomb,{n},Yy9-quark,135791,,StandardUser,x,,\n");
    let rows = |from: usize, to: usize| HEADER.to_owned() + &(from..to).map(row).collect::<String>();
    assert_eq!(house.tenant().await.max_extensions, 50);
    let all = table(&rows(1000, 1051));
    for mode in [
        ImportMode::AllOrNothing,
        ImportMode::KeepGoing,
        ImportMode::DryRun,
    ] {
        let error = house
            .app
            .directory
            .import_users(&house.tenant, &all.rows, mode, |_| {})
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Full(Thing::Extension, 50)), "{mode:?}");
    }
    assert_eq!(house.good(&rows(1000, 1050)).await, (50, 0, 0));
    assert_eq!(house.good(&rows(1000, 1050)).await, (0, 0, 50));
}

#[tokio::test]
async fn progress_reaches_its_end_in_both_parts() {
    let house = House::open().await;
    let seen = std::sync::Mutex::new(Vec::new());
    let table = table(&file(&[ADA, BEN]));
    let note = |progress| seen.lock().unwrap().push(progress);
    house
        .app
        .directory
        .import_users(&house.tenant, &table.rows, ImportMode::AllOrNothing, note)
        .await
        .unwrap();
    assert_eq!(
        seen.into_inner().unwrap(),
        [Hashing(1, 2), Hashing(2, 2), Writing(1, 2), Writing(2, 2)]
    );
}

#[tokio::test]
async fn another_tenant_gets_the_same_users() {
    let house = House::open().await;
    house.good(&file(&[ADA, BEN])).await;
    house
        .good(concat!(
            "name,mobile_phone,address,custom_options,office_hours,trip_office_hours_forward_rule\n",
            "ada,'+49301234,\"x\r\ny\",\"{\"\"a\"\": [1]}\",\"{\"\"sunday\"\":{\"\"enabled\"\":true}}\",",
            "\"{\"\"action\"\":\"\"HANGUP\"\"}\"\n",
            "ben,'0049301234,'-,,,\n",
        ))
        .await;
    // Without an extension and a PIN, as another dialect may make users.
    let mut plain = NewUser::named("o'brien", NewPassword::Plain("Qw7!plomb".into()));
    plain.display_name = "'=x".into();
    house
        .app
        .directory
        .create_user(&house.tenant, plain)
        .await
        .unwrap();
    let whole = house.export().await;
    let open = house.export_of(&house.tenant, false).await;
    for secret in ["Zz9-quark", "$argon2id$", "135791"] {
        assert!(whole.contains(secret) && !open.contains(secret), "{secret}");
    }
    let other = of_tenant(create_tenant(&house.app, "two.example", 50).await);
    let table = table(&whole);
    let report = house
        .app
        .directory
        .import_users(&other, &table.rows, ImportMode::AllOrNothing, |_| {})
        .await
        .unwrap();
    assert_eq!((report.created, &report.failures), (3, &Vec::new()));
    assert_eq!(house.export_of(&other, true).await, whole);
    assert_eq!(house.export_of(&other, false).await, open);
    // The one without secrets is good for changing users who are there.
    assert_eq!(house.good(&open).await, (0, 0, 3));
}
