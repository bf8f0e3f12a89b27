//! What the database is filled with, and the requests that are made of it.

use std::{
    ffi::OsString,
    fs,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use argon2::PasswordHasher;
use jackfield_domain::{
    BuiltInRole, Caller, CustomForwardRule, ForwardAction, HoursMode, NewExtension, NewPassword, NewRole,
    NewTenant, NewUser, OfficeHours, Patch, Permission, Permissions, RuleHours, TenantId, TenantPatch,
    UserSettings, VoicemailPin, Week,
    capability::{ManageRoles, ManageTenants, ManageUsers},
};
use jackfield_server::{
    App, World,
    config::{Settings, SettingsArgs},
};
use jackfield_store::encode_user_settings;
use tokio::{runtime::Runtime, task::JoinSet};

use crate::{Failed, Result};

/// The password of everybody.
pub(crate) const PASSWORD: &str = "Tr0ub4dor&Co";
/// The administrator of every tenant.
pub(crate) const ADMINISTRATOR: &str = "manager";
/// An administrator by a custom role, in the first tenant.
pub(crate) const CLERK: &str = "clerk";
/// The role of that one.
const CLERKS: &str = "Clerks";
/// How many users are created at once while the database is filled: a few groups of commits.
const AT_ONCE: usize = 256;
/// More runtime threads than cores, as the server itself has.
const EXTRA_WORKERS: usize = 2;

/// What the database holds.
pub(crate) struct Data {
    /// The tenants' domains.
    pub(crate) domains: Vec<String>,
    /// Every user's tenant, as an index of `domains`, and id; in random order.
    pub(crate) users: Vec<(usize, i64)>,
    /// The hash of [`PASSWORD`].
    pub(crate) hash: String,
    /// Bytes of one user's settings.
    pub(crate) settings_bytes: usize,
}

/// A runtime with as many threads as the server's.
pub(crate) fn server_runtime() -> Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Ok(builder
        .worker_threads(cores + EXTRA_WORKERS)
        .enable_all()
        .build()?)
}

/// The server's settings from these variables, and from no file.
pub(crate) fn settings(environment: &dyn Fn(&str) -> Option<OsString>) -> Result<Settings> {
    let nowhere = Path::new("/nonexistent/jackfield.toml");
    Ok(Settings::load_with(
        &SettingsArgs::default(),
        environment,
        nowhere,
    )?)
}

/// Fills an empty database through the directory, as an integration would: every user passes every check, has an
/// extension with sealed secrets and is in the journal.
pub(crate) fn fill(environment: &[(String, String)], users: usize, tenants: usize) -> Result<Data> {
    let find = |name: &str| {
        environment
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into())
    };
    let settings = settings(&find)?;
    server_runtime()?.block_on(async {
        let app = App::open(settings, World::real()).await?;
        app.ensure_administrator().await?;
        let hash = hash()?;
        let mut domains = Vec::new();
        let mut ids = Vec::new();
        let program: jackfield_domain::Grant<ManageTenants> =
            Arc::new(Caller::program(TenantId::SYSTEM)).grant()?;
        for index in 0..tenants {
            let domain = format!("t{index}.example");
            let new = tenant(&format!("Company {index}"), &domain);
            ids.push(app.directory.create_tenant(&program, new).await?);
            domains.push(domain);
        }
        for (index, tenant) in ids.iter().enumerate() {
            officers(&app, *tenant, &hash, index == 0).await?;
        }
        let mut made = people(&app, &ids, &hash, users).await?;
        shuffle(&mut made);
        Ok(Data {
            domains,
            users: made,
            hash,
            settings_bytes: encode_user_settings(&usual_settings(1)).as_str().len(),
        })
    })
}

/// The administrator of a tenant; in the first one also another, by a custom role.
async fn officers(app: &App, tenant: TenantId, hash: &str, first: bool) -> Result<()> {
    let program = Arc::new(Caller::program(tenant));
    let users = program.grant::<ManageUsers>()?;
    let mut new = person(ADMINISTRATOR, "100001", hash);
    new.role = BuiltInRole::Admin.name().into();
    app.directory.create_user(&users, new).await?;
    if first {
        let role = NewRole {
            name: CLERKS.into(),
            description: String::new(),
            permissions: BuiltInRole::StandardUser
                .permissions()
                .and(Permissions::of(&[Permission::Users])),
        };
        app.directory
            .create_role(&program.grant::<ManageRoles>()?, role)
            .await?;
        let mut new = person(CLERK, "100002", hash);
        new.role = CLERKS.into();
        app.directory.create_user(&users, new).await?;
    }
    Ok(())
}

/// The users, spread evenly over the tenants.
async fn people(app: &App, tenants: &[TenantId], hash: &str, users: usize) -> Result<Vec<(usize, i64)>> {
    let grants = tenants
        .iter()
        .map(|tenant| Arc::new(Caller::program(*tenant)).grant::<ManageUsers>())
        .collect::<jackfield_domain::Result<Vec<_>>>()?;
    let (next, made) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(Mutex::new(Vec::with_capacity(users))),
    );
    let grants = Arc::new(grants);
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (app, grants, hash) = (app.clone(), Arc::clone(&grants), hash.to_owned());
        let (next, made) = (Arc::clone(&next), Arc::clone(&made));
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= users {
                    return Ok::<_, jackfield_domain::Error>(());
                }
                let tenant = number % grants.len();
                let Some(grant) = grants.get(tenant) else {
                    return Ok(());
                };
                let mut new = person(&format!("user{number}"), &format!("2{number:07}"), &hash);
                new.settings = usual_settings(number);
                let id = app.directory.create_user(grant, new).await?;
                let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
                made.push((tenant, id.get()));
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut *made))
}

/// A tenant with room for everybody.
pub(crate) fn tenant(name: &str, domain: &str) -> NewTenant {
    NewTenant {
        name: name.to_owned(),
        domain: domain.to_owned(),
        timezone: "Europe/Berlin".into(),
        currency: "EUR".into(),
        region: "DEU".into(),
        rest: TenantPatch {
            max_extensions: Patch::Set(1_000_000_000),
            max_concurrent_calls: Patch::Set(100_000),
            ..TenantPatch::default()
        },
    }
}

pub(crate) fn person(name: &str, number: &str, hash: &str) -> NewUser {
    let mut new = NewUser::named(name, NewPassword::Hashed(hash.to_owned()));
    new.email = format!("{name}@mail.example");
    new.display_name = format!("Ada Mustermann {name}");
    new.mobile_phone = "+49 170 5550123".into();
    new.work_phone = format!("+49 30 555 {number}");
    new.address = "Unter den Eichen 5, 10115 Berlin".into();
    new.department = "Customer care".into();
    new.extension = Some(NewExtension {
        number: number.to_owned(),
        password: NewPassword::Plain("Kx7!mQ2zRw".into()),
    });
    new.voicemail_pin = Some(VoicemailPin::new("190372"));
    new
}

/// Settings as somebody has who has used his telephone for a while: some 2.5 KB as JSON.
pub(crate) fn usual_settings(number: usize) -> UserSettings {
    UserSettings {
        office_hours: OfficeHours {
            mode: HoursMode::Custom,
            week: Week::business(),
        },
        voicemail_prompt: "de-DE".into(),
        enable_voicemail_notify: true,
        custom_options: format!("{{\"crm\":\"{number}\",\"theme\":\"dark\"}}"),
        custom_forward_rules: vec![CustomForwardRule {
            action: ForwardAction::ToNumber,
            number: "+49305550100".into(),
            caller_id: "+4989*".into(),
            hours: RuleHours::All,
            week: Week::default(),
        }],
        ..UserSettings::default()
    }
}

/// The hash of [`PASSWORD`] at the server's own cost, so that signing in costs here what it costs there.
pub(crate) fn hash() -> Result<String> {
    let cost = jackfield_directory::HashingCost::RECOMMENDED;
    let params = argon2::Params::new(cost.memory, cost.passes, 1, None)
        .map_err(|error| Failed::new(error.to_string()))?;
    let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let hash: argon2::password_hash::phc::PasswordHash = argon
        .hash_password_with_salt(PASSWORD.as_bytes(), b"only for a bench")
        .map_err(|error| Failed::new(error.to_string()))?;
    Ok(hash.to_string())
}

/// Puts a list into an order that is random to look at and the same in every run (a linear congruential generator with
/// Knuth's constants).
fn shuffle<T>(list: &mut [T]) {
    let mut state = 1_u64;
    for last in (1..list.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let chosen = usize::try_from(state >> 33).unwrap_or(0) % (last + 1);
        list.swap(last, chosen);
    }
}

/// Makes bodies of requests that create users, each another one.
pub(crate) struct NewUsers {
    before: String,
    rest: String,
    /// Never the same twice, whatever server the user is created on.
    next: AtomicU64,
}

impl NewUsers {
    /// Users with this password hash and the usual settings.
    pub(crate) fn new(hash: &str) -> Self {
        let settings = encode_user_settings(&usual_settings(0));
        Self {
            before: format!("{{\"password_hash\":\"{hash}\",\"name\":\"new"),
            rest: format!(
                "\",\"display_name\":\"Grace Mustermann\",\"role\":\"{}\",\"extension_password\":\"Kx7!mQ2zRw\",\
                 \"voicemail_pin\":\"190372\",\"mobile_phone\":\"+49 170 5550123\",\"department\":\"Customer care\",\
                 \"address\":\"Unter den Eichen 5, 10115 Berlin\",{}}}",
                BuiltInRole::StandardUser.name(),
                settings.fields()
            ),
            next: AtomicU64::new(0),
        }
    }

    /// The body of the next one.
    pub(crate) fn body(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (before, rest) = (&self.before, &self.rest);
        format!(
            "{before}{number}\",\"email\":\"new{number}@mail.example\",\"extension_number\":\"9{number:09}{rest}"
        )
    }
}

/// Copies a data directory whose server is not running, with its folder of files.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        } else {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn settings_have_the_size_that_the_figures_speak_of() {
        let bytes = encode_user_settings(&usual_settings(1)).as_str().len();
        assert!((2_200..2_900).contains(&bytes), "{bytes}");
    }

    #[test]
    fn every_new_user_is_another_and_is_valid_json() {
        let new = NewUsers::new("$argon2id$v=19$x");
        let names: HashSet<String> = (0..3)
            .map(|_| {
                let body: serde_json::Value = serde_json::from_str(&new.body()).unwrap();
                assert_eq!(body["extension_number"].as_str().unwrap().len(), 10);
                body["name"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(names.len(), 3);
    }

    #[test]
    fn shuffling_keeps_everything() {
        let mut list: Vec<usize> = (0..100).collect();
        shuffle(&mut list);
        assert_ne!(list, (0..100).collect::<Vec<_>>());
        list.sort_unstable();
        assert_eq!(list, (0..100).collect::<Vec<_>>());
    }
}
