//! The mirrors of records that come in collections.

use jackfield_domain::SpeedDial;
use serde::{Deserialize, Serialize};

use super::owned::{OwnedDocument, read, write};
use crate::Result;

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct SpeedDialMirror {
    code: String,
    phone_number: String,
    description: String,
}

impl<const DIGITS: usize> OwnedDocument for SpeedDial<DIGITS> {
    fn encode(&self) -> String {
        write(&SpeedDialMirror {
            code: self.code.clone(),
            phone_number: self.phone_number.clone(),
            description: self.description.clone(),
        })
    }

    fn decode(text: &str) -> Result<Self> {
        let mirror: SpeedDialMirror = read(text)?;
        Ok(Self {
            code: mirror.code,
            phone_number: mirror.phone_number,
            description: mirror.description,
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::SpeedDial8;

    use super::*;

    #[test]
    fn speed_dials_come_back() {
        let dial = SpeedDial8 {
            code: "2".into(),
            phone_number: "+49 \"30\" 1".into(),
            description: "Zoë\n\u{1F4DE}".into(),
        };
        assert_eq!(SpeedDial8::decode(&dial.encode()).unwrap(), dial);
        assert_eq!(SpeedDial8::decode("{}").unwrap().code, "");
        assert!(SpeedDial8::decode("[").is_err());
    }
}
