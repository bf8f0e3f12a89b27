//! Greetings: what callers hear before they leave a message.

use crate::{BlobId, Field, Kind, MediaType, Owned, Patch, Rule, SealedSecret, Thing, Violations, limits};

/// A greeting of a user's voicemail box. At most one of a user is enabled; with none, callers hear the built-in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// Whether callers hear it.
    pub enabled: bool,
    /// Its sound.
    pub file: BlobId,
    /// The name of the file.
    pub name: String,
    /// The bytes of the file.
    pub size: u64,
    /// What the file was recognised as.
    pub media_type: MediaType,
}

/// A greeting to be made; it is not enabled by being made.
///
/// Everything but the file comes from the file's record. Whoever fills this in has checked the content with
/// [`check_prompt`](crate::check_prompt); the record alone cannot tell mono from stereo.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `Greeting`")]
pub struct NewGreeting {
    pub file: BlobId,
    pub name: String,
    pub size: u64,
    pub media_type: MediaType,
}

/// A change to a greeting. To enable one disables the others, which takes more than one record and is done by the
/// directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `Greeting`")]
pub struct GreetingPatch {
    pub enabled: Patch<bool>,
}

impl Owned for Greeting {
    const THING: Thing = Thing::Greeting;
    const KIND: Kind = Kind::Greeting;
    const COLLECTION: &'static str = "greeting";
    const MOST: i64 = limits::GREETINGS;
    const KEY: Field = Field::File;

    type New = NewGreeting;
    type Patch = GreetingPatch;

    fn check(new: &NewGreeting) -> Violations {
        let mut found = Violations::new();
        if !new.media_type.is_audio() {
            found.add(Field::File, Rule::Form("a WAV or MP3 file"));
        }
        found
    }

    fn check_patch(&self, _: &GreetingPatch) -> Violations {
        Violations::new()
    }

    fn make(new: NewGreeting, _: &mut dyn FnMut(&str) -> SealedSecret) -> Self {
        Self {
            enabled: false,
            file: new.file,
            name: new.name,
            size: new.size,
            media_type: new.media_type,
        }
    }

    fn apply(&mut self, patch: GreetingPatch, _: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
        patch.enabled.apply(&mut self.enabled)
    }

    /// One file may be two greetings: to keep it under another name, for example.
    fn key(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sound_can_be_a_greeting() {
        for media_type in MediaType::ALL {
            let new = NewGreeting {
                file: BlobId::FIRST,
                name: "hello".into(),
                size: 1,
                media_type: *media_type,
            };
            assert_eq!(
                Greeting::check(&new).concerns(Field::File),
                media_type.is_image(),
                "{media_type:?}"
            );
            assert!(!Greeting::make(new, &mut |_| SealedSecret::default()).enabled);
        }
    }
}
