//! Parts of a tenant's settings that are objects: how numbers are written, and where events are sent.

use jackfield_domain::{E164, EventHook, EventHookPatch, Violations};
use jackfield_edge::{Expected, Input, Place};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::{HookAuthWord, choice};

macro_rules! e164 {
    (flags { $($(#[$fdoc:meta])* $flag:ident,)* } texts { $($(#[$tdoc:meta])* $text:ident,)* }) => {
        /// How numbers are brought into E.164 form, in a request: a whole; what is left out gets its default.
        #[derive(Default, Deserialize)]
        #[serde(default)]
        pub(crate) struct E164Input {
            $($flag: Input<bool>,)*
            $($text: Input<String>,)*
        }

        impl Expected for E164Input {
            const WORDS: &'static str = "an object";
        }

        impl E164Input {
            /// The settings.
            pub(crate) fn read(self, found: &mut Violations, place: &Place) -> E164 {
                let mut e164 = E164::default();
                $(if let Some(flag) = self.$flag.optional(found, place.part(stringify!($flag))) {
                    e164.$flag = flag;
                })*
                $(if let Some(text) = self.$text.optional(found, place.part(stringify!($text))) {
                    e164.$text = text;
                })*
                e164
            }
        }

        /// How numbers of callers are brought into E.164 form.
        #[derive(Serialize, ToSchema)]
        pub(crate) struct E164Wire {
            $($(#[$fdoc])* #[schema(required = false)] $flag: bool,)*
            $($(#[$tdoc])* #[schema(required = false)] $text: String,)*
        }

        impl From<&E164> for E164Wire {
            fn from(e164: &E164) -> Self {
                Self { $($flag: e164.$flag,)* $($text: e164.$text.clone(),)* }
            }
        }
    };
}

e164! {
    flags {
        /// Whether it is done.
        enabled,
        /// Take out what is no digit.
        remove_special_chars,
        /// Take out a country code that is there twice.
        remove_duplicate_countries,
        /// Take out an area code that is there twice.
        remove_duplicate_area_codes,
    }
    texts {
        /// What is dialled before a country code.
        international_code,
        /// The tenant's country code.
        country,
        /// The tenant's area code.
        area_code,
        /// What is dialled before an area code.
        national_code,
        /// What is put before the number.
        prefix,
    }
}

/// Where events are sent, in a request: what is left out stays.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct HookInput {
    enabled: Input<bool>,
    auth: Input<String>,
    username: Input<String>,
    password: Input<String>,
    token: Input<String>,
    url: Input<String>,
}

impl Expected for HookInput {
    const WORDS: &'static str = "an object";
}

impl HookInput {
    /// The change.
    pub(crate) fn read(self, found: &mut Violations, place: &Place) -> EventHookPatch {
        EventHookPatch {
            enabled: self.enabled.patch(found, place.part("enabled")),
            auth: choice(self.auth).patch(found, place.part("auth")),
            username: self.username.patch_or_default(found, place.part("username")),
            password: self.password.patch_or_default(found, place.part("password")),
            token: self.token.patch_or_default(found, place.part("token")),
            url: self.url.patch_or_default(found, place.part("url")),
        }
    }
}

/// Where events are sent, and how the receiver is told who calls.
#[derive(Serialize, ToSchema)]
pub(crate) struct HookWire {
    /// Whether anything is sent.
    #[schema(required = false)]
    enabled: bool,
    /// How the receiver is told who calls.
    #[schema(required = false)]
    auth: HookAuthWord,
    /// The name for Basic and Digest: 6 to 64 lower-case letters and digits, or none.
    #[schema(required = false, max_length = 64)]
    username: String,
    /// The password for Basic and Digest. Never shown: empty in answers.
    #[schema(required = false, max_length = 64)]
    password: &'static str,
    /// The token for Bearer. Never shown: empty in answers.
    #[schema(required = false, max_length = 4096)]
    token: &'static str,
    /// The receiver's address, `http` or `https`.
    #[schema(required = false, max_length = 128)]
    url: String,
}

impl From<&EventHook> for HookWire {
    fn from(hook: &EventHook) -> Self {
        Self {
            enabled: hook.enabled,
            auth: hook.auth.into(),
            username: hook.username.clone(),
            password: "",
            token: "",
            url: hook.url.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::{Field, Patch, SealedSecret};

    use super::*;

    #[test]
    fn secrets_are_taken_and_never_shown() {
        let input: HookInput =
            serde_json::from_str(r#"{"auth": "BASIC", "password": "s3cret", "token": null}"#).unwrap();
        let mut found = Violations::new();
        let patch = input.read(&mut found, &(Field::Settings, "cdr_event").into());
        assert!(found.is_empty());
        assert_eq!(patch.password, Patch::Set("s3cret".into()));
        assert_eq!(patch.token, Patch::Set(String::new()));
        assert_eq!(patch.url, Patch::Keep);
        let hook = EventHook {
            password: SealedSecret(b"s3cret".to_vec()),
            ..EventHook::default()
        };
        let shown = serde_json::to_string(&HookWire::from(&hook)).unwrap();
        assert!(shown.contains(r#""password":"","token":"""#), "{shown}");
    }
}
