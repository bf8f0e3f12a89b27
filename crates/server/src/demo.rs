//! Something to play with: `jackfield serve --demo`.

use std::{fmt::Write as _, sync::Arc};

use jackfield_domain::{
    BuiltInRole, Caller, Error, Grant, GroupId, NewExtension, NewGroup, NewPassword, NewRole, NewTenant,
    NewUser, Permission, Permissions, Result, TenantId, TenantPatch, Thing, VoicemailPin,
    capability::{ManageRoles, ManageTenants, ManageUsers},
};

use crate::App;

/// The SIP domain of the demo tenant.
pub const DOMAIN: &str = "demo.example";

const PEOPLE: [(&str, &str, &str); 25] = [
    ("ada", "Ada Okafor", "Management"),
    ("ben", "Ben Lindqvist", "Sales"),
    ("carla", "Carla Moreno", "Sales"),
    ("david", "David Achterberg", "Sales"),
    ("elif", "Elif Yilmaz", "Sales"),
    ("farid", "Farid Haddad", "Support"),
    ("grace", "Grace Mbeki", "Support"),
    ("hiro", "Hiro Tanaka", "Support"),
    ("ines", "Ines Carvalho", "Support"),
    ("jonas", "Jonas Weber", "Support"),
    ("karin", "Karin Holm", "Support"),
    ("luca", "Luca Ferrari", "Engineering"),
    ("mira", "Mira Novak", "Engineering"),
    ("nils", "Nils Berg", "Engineering"),
    ("olga", "Olga Petrova", "Engineering"),
    ("pablo", "Pablo Ruiz", "Engineering"),
    ("quinn", "Quinn Murphy", "Engineering"),
    ("rosa", "Rosa Jimenez", "Finance"),
    ("sam", "Sam Adeyemi", "Finance"),
    ("tara", "Tara Singh", "Finance"),
    ("umar", "Umar Farooq", "Logistics"),
    ("vera", "Vera Kovacs", "Logistics"),
    ("willem", "Willem de Boer", "Logistics"),
    ("xenia", "Xenia Papadaki", "Logistics"),
    ("yara", "Yara Costa", "Front desk"),
];

const GROUPS: [(&str, &str, &str); 3] = [
    ("Sales", "Talks to customers before they buy", "Sales"),
    ("Support", "Talks to customers after they bought", "Support"),
    ("Engineering", "Builds what the others talk about", "Engineering"),
];

/// Adds the demo tenant unless it is there, and gives a text for the terminal: who can sign in, and commands to paste.
///
/// # Errors
/// As for creating tenants, users, groups and roles.
pub async fn install(app: &App, address: &str) -> Result<String> {
    let program = Arc::new(Caller::program(TenantId::SYSTEM));
    let tenants: Grant<ManageTenants> = program.grant()?;
    let new = NewTenant {
        name: "Demo Company".into(),
        domain: DOMAIN.into(),
        timezone: "Europe/Berlin".into(),
        currency: "EUR".into(),
        region: "DEU".into(),
        rest: TenantPatch::default(),
    };
    let tenant = match app.directory.create_tenant(&tenants, new).await {
        Ok(tenant) => tenant,
        Err(Error::Taken(Thing::Tenant, _)) => {
            return Ok(format!(
                "The demo tenant {DOMAIN} is there already, with the passwords that were printed when it was made.\n"
            ));
        }
        Err(error) => return Err(error),
    };
    let program = Arc::new(Caller::program(tenant));
    let roles: Grant<ManageRoles> = program.grant()?;
    let front_desk = NewRole {
        name: "Front desk".into(),
        description: "Looks after users and sees the company's call records.".into(),
        permissions: BuiltInRole::StandardUser.permissions().and(Permissions::of(&[
            Permission::Users,
            Permission::CompanyView,
            Permission::CompanyCallLogView,
        ])),
    };
    app.directory.create_role(&roles, front_desk).await?;
    let users: Grant<ManageUsers> = program.grant()?;
    let mut text =
        format!("\nThe tenant {DOMAIN} has 25 users, made just now; their passwords are shown only now:\n\n");
    let mut admin_password = String::new();
    let made = create_people(app, &users).await?;
    for ((name, display_name, department), Made { number, password, .. }) in PEOPLE.into_iter().zip(&made) {
        let _ = writeln!(
            text,
            "  {name:<8} {number}  {password}  {display_name}, {department}"
        );
        if admin_password.is_empty() {
            admin_password.clone_from(password);
        }
    }
    create_groups(app, &users, &made).await?;
    if let (Some(ada), Some(address)) = (
        made.first(),
        app.settings.sip_listen.0.first().filter(|_| app.settings.sip.0),
    ) {
        let _ = writeln!(
            text,
            "\nA telephone of Ada registers as {}@{DOMAIN} at {address} with the password {}",
            ada.number, ada.extension_password
        );
    }
    let _ = write!(
        text,
        "\nAda is the tenant's administrator, Yara has the custom role \"Front desk\". Try:\n\n\
         TOKEN=$(curl -s {address}/api/auth/sign_in -H 'Content-Type: application/json' \
         -d '{{\"username\":\"ada\",\"password\":\"{admin_password}\",\"domain\":\"{DOMAIN}\"}}' \
         | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\n\
         curl -s \"{address}/api/users?top=3&orderby=display_name\" -H \"Authorization: Bearer $TOKEN\"\n\
         curl -s -G {address}/api/users --data-urlencode \"filter=department eq 'Sales' and contains(email,'@demo')\" \
         -H \"Authorization: Bearer $TOKEN\"\n\
         curl -s {address}/api/user -H \"Authorization: Bearer $TOKEN\"\n\n\
         The API is described at {address}/docs\n"
    );
    Ok(text)
}

/// What is told of somebody once.
struct Made {
    number: String,
    password: String,
    extension_password: String,
}

/// Creates the people.
async fn create_people(app: &App, users: &Grant<ManageUsers>) -> Result<Vec<Made>> {
    let mut made = Vec::new();
    for (index, (name, display_name, department)) in PEOPLE.into_iter().enumerate() {
        let (number, password) = ((1001 + index).to_string(), app.directory.random_password());
        let mut new = NewUser::named(name, NewPassword::Plain(password.clone()));
        new.display_name = display_name.into();
        new.department = department.into();
        new.email = format!("{name}@{DOMAIN}");
        new.role = match name {
            "ada" => BuiltInRole::Admin.name().into(),
            "farid" => BuiltInRole::QueueManager.name().into(),
            "yara" => "Front desk".into(),
            _ => BuiltInRole::StandardUser.name().into(),
        };
        let extension_password = app.directory.random_password();
        new.extension = Some(NewExtension {
            number: number.clone(),
            password: NewPassword::Plain(extension_password.clone()),
        });
        new.voicemail_pin = Some(VoicemailPin::new(app.directory.random_pin()));
        app.directory.create_user(users, new).await?;
        made.push(Made {
            number,
            password,
            extension_password,
        });
    }
    Ok(made)
}

async fn create_groups(app: &App, users: &Grant<ManageUsers>, made: &[Made]) -> Result<()> {
    for (name, description, department) in GROUPS {
        let new = NewGroup {
            name: name.into(),
            description: description.into(),
            color: String::new(),
            outbound_caller_ids: Vec::new(),
        };
        let group: GroupId = app.directory.create_group(users, new).await?;
        for ((_, _, of), Made { number, .. }) in PEOPLE.into_iter().zip(made) {
            if of == department {
                app.directory.add_group_member(users, group, number).await?;
            }
        }
    }
    Ok(())
}
