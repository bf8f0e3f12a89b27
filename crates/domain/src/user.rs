//! Users: who signs in, and who a call is for.

use std::sync::Arc;

use crate::{
    BlobId, BlobKey, ExtensionAccess, ExtensionAccessPatch, ExtensionId, Field, Money, NewPassword, Patch,
    Queried, Rule, TenantId, Timestamp, UserId, UserSettings, UserSettingsPatch, ValueKind, Violations,
    VoicemailPin, limits,
    text::{fold, is_digits, is_email},
};

/// The settings of a user as the store keeps them: one JSON object.
///
/// They are large and seldom looked into, so they travel as text and are read only where a setting is needed. The form is
/// fixed by the store's `document` module; a dialect whose wire form has the same fields may print the text as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsText(Arc<str>);

impl SettingsText {
    /// Wraps text that the store's `document` module wrote.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The JSON object.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The fields of the object without the braces around them, to be printed among others.
    pub fn fields(&self) -> &str {
        self.0
            .trim()
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
            .unwrap_or_default()
    }
}

/// A user's picture, with what is shown of its file: a file never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avatar {
    /// The file.
    pub file: BlobId,
    /// The unguessable part of its address.
    pub key: BlobKey,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: i64,
}

/// A user, complete but for his secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// His tenant.
    pub tenant: TenantId,
    /// His id.
    pub id: UserId,
    /// The name he signs in with; unique in the tenant without regard to case.
    pub name: String,
    /// His address; unique in the tenant without regard to case, unless empty.
    pub email: String,
    /// The name that people see.
    pub display_name: String,
    /// Whether he may sign in and his extension works.
    pub enabled: bool,
    /// The name of his role.
    pub role: String,
    /// A mobile number, as free text.
    pub mobile_phone: String,
    /// A number at work, as free text.
    pub work_phone: String,
    /// A number at home, as free text.
    pub home_phone: String,
    /// A postal address.
    pub address: String,
    /// A department.
    pub department: String,
    /// His extension, if he has one.
    pub extension: Option<ExtensionId>,
    /// Its number; never changes.
    pub extension_number: Option<String>,
    /// Do not disturb.
    pub dnd: bool,
    /// The site where he works, by a number that means something to the programs that set it.
    pub location: Option<i64>,
    /// Whether he is the first that his tenant ever had.
    pub initial: bool,
    /// Automatic callback.
    pub acb: bool,
    /// What is left of his credit.
    pub balance: Money,
    /// His identity in the Microsoft 365 directory that the tenant is bound to.
    pub external_identity: Option<String>,
    /// His picture.
    pub avatar: Option<Avatar>,
    /// The unguessable id of the file that sets up his softphone.
    pub profile: String,
    /// Whether he still has a password that somebody else set; clients ask for a new one.
    pub must_change_password: bool,
    /// His voicemail PIN, sealed.
    pub sealed_pin: Vec<u8>,
    /// Everything else, as stored.
    pub settings: SettingsText,
    /// When he was created.
    pub created_at: Timestamp,
    /// When he was last changed.
    pub updated_at: Timestamp,
    /// Counts his changes, from 1.
    pub version: i64,
}

/// A line of the list of users.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `User`")]
pub struct UserSummary {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub display_name: String,
    pub enabled: bool,
    pub role: String,
    pub mobile_phone: String,
    pub work_phone: String,
    pub home_phone: String,
    pub address: String,
    pub department: String,
    pub extension_number: Option<String>,
    pub external_identity: Option<String>,
    pub created_at: Timestamp,
    pub dnd: bool,
    pub location: Option<i64>,
    pub initial: bool,
    pub avatar: Option<Avatar>,
}

/// A value of [`UserSummary`] that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `User`")]
pub enum UserField {
    Id,
    Name,
    Email,
    DisplayName,
    Enabled,
    Role,
    MobilePhone,
    WorkPhone,
    HomePhone,
    Address,
    Department,
    ExtensionNumber,
    ExternalIdentity,
    CreatedAt,
    Dnd,
    Location,
    AvatarKey,
    AvatarName,
    AvatarSize,
}

impl Queried for UserField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id | Self::Location | Self::AvatarSize => ValueKind::Number,
            Self::Enabled | Self::Dnd => ValueKind::Flag,
            Self::CreatedAt => ValueKind::Time,
            _ => ValueKind::Text,
        }
    }
}

/// An extension to be made with its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExtension {
    /// Its number; unique among all that can be dialled in the tenant.
    pub number: String,
    /// The password of its SIP devices, in clear.
    pub password: NewPassword,
}

/// A user to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `User`")]
pub struct NewUser {
    pub name: String,
    pub password: NewPassword,
    pub email: String,
    pub display_name: String,
    pub enabled: bool,
    pub role: String,
    pub mobile_phone: String,
    pub work_phone: String,
    pub home_phone: String,
    pub address: String,
    pub department: String,
    pub extension: Option<NewExtension>,
    pub dnd: bool,
    pub acb: bool,
    pub voicemail_pin: Option<VoicemailPin>,
    pub settings: UserSettings,
    /// An extension of somebody else that he may use, for a user without one of his own.
    pub access: Option<ExtensionAccess>,
}

/// A change to a user. What has an operation of its own (role, passwords, balance) is not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `User`")]
pub struct UserPatch {
    /// Stays: a client may only repeat what it has read. To rename a user is another operation.
    pub name: Patch<String>,
    /// Never changes; empty for a user without an extension.
    pub extension_number: Patch<String>,
    pub email: Patch<String>,
    pub display_name: Patch<String>,
    pub enabled: Patch<bool>,
    pub mobile_phone: Patch<String>,
    pub work_phone: Patch<String>,
    pub home_phone: Patch<String>,
    pub address: Patch<String>,
    pub department: Patch<String>,
    pub dnd: Patch<bool>,
    pub acb: Patch<bool>,
    pub voicemail_pin: Patch<VoicemailPin>,
    /// A file that the caller has put there, or none; what else is known of it, the directory adds.
    pub avatar: Patch<Option<BlobId>>,
    pub settings: UserSettingsPatch,
    /// What he may use, and how. Only of a user who may use an extension at all.
    pub access: ExtensionAccessPatch,
}

/// Names that only accounts of the installation may have.
const RESERVED_NAMES: [&str; 4] = ["admin", "system", "administrator", "root"];
/// Numbers that the telephone system answers itself: automatic callback, park, voicemail, monitor.
const RESERVED_NUMBERS: [&str; 4] = ["555", "666", "777", "888"];

/// Checks a sign-in name: letters, digits and `_ - ' .`, no dot at either end, not reserved.
pub fn check_user_name(found: &mut Violations, name: &str, tenant: TenantId) {
    found.length(Field::Name, name, limits::USER_NAME);
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\'' | '.');
    if !name.chars().all(allowed) || name.starts_with('.') || name.ends_with('.') {
        found.add(
            Field::Name,
            Rule::Form("letters, digits and _ - ' . without a dot at either end"),
        );
    }
    if !tenant.is_system() && RESERVED_NAMES.contains(&fold(name).as_str()) {
        found.add(Field::Name, Rule::Reserved);
    }
}

/// Checks an extension number: 3 to 64 digits, not one that the telephone system answers itself.
pub fn check_extension_number(found: &mut Violations, number: &str) {
    found.length(Field::ExtensionNumber, number, limits::EXTENSION_NUMBER);
    if !is_digits(number) {
        found.add(Field::ExtensionNumber, Rule::Form("digits only"));
    }
    if RESERVED_NUMBERS.contains(&number) {
        found.add(Field::ExtensionNumber, Rule::Reserved);
    }
}

fn check_email(found: &mut Violations, email: &str) {
    found.length(Field::Email, email, 0..=limits::EMAIL);
    if !email.is_empty() && !is_email(email) {
        found.add(Field::Email, Rule::Form("an address like name@example.com"));
    }
}

const PERSONAL: [(Field, usize); 5] = [
    (Field::MobilePhone, limits::PERSONAL_PHONE),
    (Field::WorkPhone, limits::PERSONAL_PHONE),
    (Field::HomePhone, limits::PERSONAL_PHONE),
    (Field::Address, limits::ADDRESS),
    (Field::Department, limits::DEPARTMENT),
];

impl NewUser {
    /// A user with this name and everything else at its default; for builders.
    pub fn named(name: impl Into<String>, password: NewPassword) -> Self {
        Self {
            name: name.into(),
            password,
            email: String::new(),
            display_name: String::new(),
            enabled: true,
            role: crate::BuiltInRole::StandardUser.name().into(),
            mobile_phone: String::new(),
            work_phone: String::new(),
            home_phone: String::new(),
            address: String::new(),
            department: String::new(),
            extension: None,
            dnd: false,
            acb: false,
            voicemail_pin: None,
            settings: UserSettings::default(),
            access: None,
        }
    }

    /// The texts that must not occur in his passwords.
    pub fn account_information(&self) -> Vec<&str> {
        let mut texts = vec![self.name.as_str(), self.display_name.as_str()];
        texts.extend(self.email.split_once('@').map(|(local, _)| local));
        texts.extend(self.extension.as_ref().map(|extension| extension.number.as_str()));
        texts
    }

    /// Every rule that the user breaks on his own; passwords are judged by the tenant's policy.
    pub fn check(&self, tenant: TenantId) -> Violations {
        let mut found = Violations::new();
        check_user_name(&mut found, &self.name, tenant);
        check_email(&mut found, &self.email);
        found.text(Field::DisplayName, &self.display_name, limits::DISPLAY_NAME);
        let values = [
            &self.mobile_phone,
            &self.work_phone,
            &self.home_phone,
            &self.address,
            &self.department,
        ];
        for ((field, max), text) in PERSONAL.into_iter().zip(values) {
            found.text(field, text, max);
        }
        if let Some(extension) = &self.extension {
            check_extension_number(&mut found, &extension.number);
        }
        if let Some(pin) = &self.voicemail_pin {
            pin.check(&mut found);
        }
        self.settings.check(&mut found);
        if let Some(access) = &self.access {
            access.check(&mut found);
        }
        found
    }
}

impl UserPatch {
    /// Every rule that the change breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(email) = &self.email {
            check_email(&mut found, email);
        }
        if let Patch::Set(name) = &self.display_name {
            found.text(Field::DisplayName, name, limits::DISPLAY_NAME);
        }
        let values = [
            &self.mobile_phone,
            &self.work_phone,
            &self.home_phone,
            &self.address,
            &self.department,
        ];
        for ((field, max), text) in PERSONAL.into_iter().zip(values) {
            if let Patch::Set(text) = text {
                found.text(field, text, max);
            }
        }
        if let Patch::Set(pin) = &self.voicemail_pin {
            pin.check(&mut found);
        }
        self.settings.check(&mut found);
        // A blank one breaks no rule, so whatever is found comes from the change.
        let mut access = ExtensionAccess::of_owner(ExtensionId::FIRST);
        self.access.clone().apply(&mut access);
        access.check(&mut found);
        found
    }

    /// What the change says of values that do not change by it, where it is not what they are.
    pub fn check_fixed(&self, user: &User) -> Violations {
        let mut found = Violations::new();
        let number = user.extension_number.as_deref().unwrap_or_default();
        for (field, said, fixed) in [
            (Field::Name, &self.name, user.name.as_str()),
            (Field::ExtensionNumber, &self.extension_number, number),
        ] {
            if said.set().is_some_and(|said| said != fixed) {
                found.add(field, Rule::Immutable);
            }
        }
        found
    }

    /// Carries out what concerns the record itself; tells whether anything changed. The PIN and the settings are sealed
    /// and written as text, so whoever holds the key and the form does those.
    pub fn apply(&self, user: &mut User) -> bool {
        let mut changed = self.email.clone().apply(&mut user.email);
        changed |= self.display_name.clone().apply(&mut user.display_name);
        changed |= self.enabled.clone().apply(&mut user.enabled);
        changed |= self.mobile_phone.clone().apply(&mut user.mobile_phone);
        changed |= self.work_phone.clone().apply(&mut user.work_phone);
        changed |= self.home_phone.clone().apply(&mut user.home_phone);
        changed |= self.address.clone().apply(&mut user.address);
        changed |= self.department.clone().apply(&mut user.department);
        changed |= self.dnd.clone().apply(&mut user.dnd);
        changed | self.acb.clone().apply(&mut user.acb)
    }
}

impl User {
    /// The texts that must not occur in his passwords.
    pub fn account_information(&self) -> Vec<&str> {
        let mut texts = vec![self.name.as_str(), self.display_name.as_str()];
        texts.extend(self.email.split_once('@').map(|(local, _)| local));
        texts.extend(self.extension_number.as_deref());
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> NewUser {
        NewUser::named(name, NewPassword::Plain("x".into()))
    }

    #[test]
    fn names() {
        let customer = TenantId::FIRST;
        for good in ["alice", "o'brien", "a.b-c_d", "A1", &"x".repeat(64)] {
            assert!(user(good).check(customer).is_empty(), "{good}");
        }
        for bad in [
            "",
            ".a",
            "a.",
            "a b",
            "ä",
            "a@b",
            "Admin",
            "ROOT",
            "system",
            &"x".repeat(65),
        ] {
            assert!(user(bad).check(customer).concerns(Field::Name), "{bad}");
        }
        assert!(user("admin").check(TenantId::SYSTEM).is_empty());
    }

    #[test]
    fn numbers() {
        for (number, good) in [
            ("101", true),
            ("10", false),
            ("555", false),
            ("5550", true),
            ("10a", false),
            ("", false),
        ] {
            let mut found = Violations::new();
            check_extension_number(&mut found, number);
            assert_eq!(found.is_empty(), good, "{number}");
        }
    }

    #[test]
    fn all_violations_are_found_at_once() {
        let mut new = user("a b");
        new.email = "nobody".into();
        new.mobile_phone = "1".repeat(33);
        new.voicemail_pin = Some(VoicemailPin::new("1"));
        new.extension = Some(NewExtension {
            number: "x".into(),
            password: NewPassword::Plain(String::new()),
        });
        let found = new.check(TenantId::FIRST);
        for field in [
            Field::Name,
            Field::Email,
            Field::MobilePhone,
            Field::VoicemailPin,
            Field::ExtensionNumber,
        ] {
            assert!(found.concerns(field), "{field:?}");
        }
    }

    #[test]
    fn the_fields_of_a_settings_text() {
        assert_eq!(SettingsText::new("{\"a\":1}").fields(), "\"a\":1");
        assert_eq!(SettingsText::new("{}").fields(), "");
    }
}
