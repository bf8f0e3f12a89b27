//! How the request to make a user becomes one.

use std::mem::take;

use jackfield_domain::{
    Field, NewExtension, NewPassword, NewUser, Patch, Rule, UserPatch, UserSettings, Violations,
};
use jackfield_edge::Input;

use super::CreateUser;

/// Takes a value that must be there. A missing one is reported, and is empty from then on.
fn demanded(input: &mut Input<String>, found: &mut Violations, field: Field) -> String {
    take(input).required(found, field).unwrap_or_default()
}

impl CreateUser {
    /// The user that the request describes, and what is wrong with the description. Values that cannot be read are empty.
    pub(crate) fn into_new_user(mut self) -> (NewUser, Violations) {
        let mut found = Violations::new();
        let name = demanded(&mut self.name, &mut found, Field::Name);
        let password = self.password(&mut found);
        let mut new = NewUser::named(name, password);
        for (input, field) in [
            (&mut self.email, Field::Email),
            (&mut self.display_name, Field::DisplayName),
            (&mut self.voicemail_pin, Field::VoicemailPin),
        ] {
            if matches!(input, Input::Absent | Input::Null) {
                found.add(field, Rule::Required);
                *input = Input::Absent;
            }
        }
        new.role = demanded(&mut self.role, &mut found, Field::Role);
        new.extension = Some(NewExtension {
            number: demanded(&mut self.extension_number, &mut found, Field::ExtensionNumber),
            password: NewPassword::Plain(demanded(
                &mut self.extension_password,
                &mut found,
                Field::ExtensionPassword,
            )),
        });
        fill(&mut new, self.patch(&mut found));
        (new, found)
    }

    fn password(&mut self, found: &mut Violations) -> NewPassword {
        let given = !matches!(self.password_hash, Input::Absent | Input::Null);
        if !given {
            return NewPassword::Plain(demanded(&mut self.password, found, Field::Password));
        }
        if take(&mut self.password)
            .optional(found, Field::Password)
            .is_some()
        {
            found.add(
                Field::PasswordHash,
                Rule::Other("cannot be given together with password".into()),
            );
        }
        NewPassword::Hashed(demanded(&mut self.password_hash, found, Field::PasswordHash))
    }
}

/// Writes a request's values over a new user's defaults.
fn fill(new: &mut NewUser, patch: UserPatch) {
    patch.email.apply(&mut new.email);
    patch.display_name.apply(&mut new.display_name);
    patch.enabled.apply(&mut new.enabled);
    patch.mobile_phone.apply(&mut new.mobile_phone);
    patch.work_phone.apply(&mut new.work_phone);
    patch.home_phone.apply(&mut new.home_phone);
    patch.address.apply(&mut new.address);
    patch.department.apply(&mut new.department);
    patch.dnd.apply(&mut new.dnd);
    patch.acb.apply(&mut new.acb);
    new.voicemail_pin = match patch.voicemail_pin {
        Patch::Set(pin) => Some(pin),
        Patch::Keep => None,
    };
    new.settings = UserSettings::default();
    patch.settings.apply(&mut new.settings);
}
