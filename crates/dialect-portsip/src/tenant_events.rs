//! Parts of a tenant's settings that are objects: how numbers are written, and where events are sent.

use jackfield_domain::{E164, EventHook, EventHookPatch, Patch, Violations};
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
            password: secret(self.password, found, place.part("password")),
            token: secret(self.token, found, place.part("token")),
            url: self.url.patch_or_default(found, place.part("url")),
        }
    }
}

/// A change to a secret. Answers do not show it, so the empty text of a client that sends back what it read keeps it, and
/// `null` takes it away.
pub(crate) fn secret(input: Input<String>, found: &mut Violations, place: impl Into<Place>) -> Patch<String> {
    match input {
        Input::Value(text) if text.is_empty() => Patch::Keep,
        given => given.patch_or_default(found, place),
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
    /// The name for Basic and Digest: lower-case letters and digits.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false, min_length = 6, max_length = 64)]
    username: String,
    /// The password for Basic and Digest: lower-case letters and digits. Never shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, write_only, min_length = 6, max_length = 64)]
    password: Option<String>,
    /// The token for Bearer. Never shown: empty in answers.
    #[schema(required = false, max_length = 4096)]
    token: &'static str,
    /// The receiver's address, `http` or `https`.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false, min_length = 1, max_length = 128)]
    url: String,
}

impl From<&EventHook> for HookWire {
    fn from(hook: &EventHook) -> Self {
        Self {
            enabled: hook.enabled,
            auth: hook.auth.into(),
            username: hook.username.clone(),
            password: None,
            token: "",
            url: hook.url.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::{Field, SealedSecret};

    use super::*;

    fn patch(text: &str) -> EventHookPatch {
        let input: HookInput = serde_json::from_str(text).unwrap();
        let mut found = Violations::new();
        let patch = input.read(&mut found, &(Field::Settings, "cdr_event").into());
        assert!(found.is_empty());
        patch
    }

    #[test]
    fn secrets_are_taken_and_never_shown() {
        assert_eq!(
            patch(r#"{"password": "s3cret"}"#).password,
            Patch::Set("s3cret".into())
        );
        let hook = EventHook {
            password: SealedSecret(b"s3cret".to_vec()),
            token: SealedSecret(b"s3cret".to_vec()),
            ..EventHook::default()
        };
        let shown = serde_json::to_string(&HookWire::from(&hook)).unwrap();
        assert_eq!(shown, r#"{"enabled":false,"auth":"DISABLE","token":""}"#);
    }

    #[test]
    fn what_was_read_and_sent_back_keeps_a_secret() {
        for (text, expected) in [
            (r#"{"token": ""}"#, Patch::Keep),
            ("{}", Patch::Keep),
            (r#"{"token": null}"#, Patch::Set(String::new())),
            (r#"{"token": "new"}"#, Patch::Set("new".into())),
        ] {
            assert_eq!(patch(text).token, expected, "{text}");
        }
    }
}
