//! The stored form of greetings.

use jackfield_domain::{BlobId, Greeting, MediaType};
use serde::{Deserialize, Serialize};

use super::owned::{OwnedDocument, read, write};
use crate::{Error, Result};

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct GreetingMirror {
    enabled: bool,
    file: i64,
    name: String,
    size: u64,
    media_type: String,
}

impl OwnedDocument for Greeting {
    fn encode(&self) -> String {
        write(&GreetingMirror {
            enabled: self.enabled,
            file: self.file.get(),
            name: self.name.clone(),
            size: self.size,
            media_type: self.media_type.word().to_owned(),
        })
    }

    fn decode(text: &str) -> Result<Self> {
        let mirror: GreetingMirror = read(text)?;
        let strange = || Error::Internal("the type of a greeting is not one that this version knows".into());
        Ok(Self {
            enabled: mirror.enabled,
            file: BlobId::new(mirror.file),
            name: mirror.name,
            size: mirror.size,
            media_type: MediaType::from_word(&mirror.media_type).ok_or_else(strange)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_come_back() {
        for enabled in [false, true] {
            let greeting = Greeting {
                enabled,
                file: BlobId::FIRST,
                name: "Grüße \"1\".wav".into(),
                size: u64::from(u32::MAX) + 1,
                media_type: MediaType::Wav,
            };
            assert_eq!(Greeting::decode(&greeting.encode()).unwrap(), greeting);
        }
        assert!(Greeting::decode("{}").is_err() && Greeting::decode("[").is_err());
    }
}
