//! The mirrors of records that come in collections.

use jackfield_domain::{GroupPolicy, InboundRoute, OutboundRoute, ProviderId, QueueGroup, SpeedDial};
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

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct InboundRouteMirror {
    called: String,
    trunk: Option<i64>,
    target: String,
    priority: i64,
    description: String,
}

impl OwnedDocument for InboundRoute {
    fn encode(&self) -> String {
        write(&InboundRouteMirror {
            called: self.called.clone(),
            trunk: self.trunk.map(ProviderId::get),
            target: self.target.clone(),
            priority: self.priority,
            description: self.description.clone(),
        })
    }

    fn decode(text: &str) -> Result<Self> {
        let mirror: InboundRouteMirror = read(text)?;
        Ok(Self {
            called: mirror.called,
            trunk: mirror.trunk.map(ProviderId::new),
            target: mirror.target,
            priority: mirror.priority,
            description: mirror.description,
        })
    }
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct OutboundRouteMirror {
    prefix: String,
    trunk: Option<i64>,
    priority: i64,
    strip: i64,
    prepend: String,
    description: String,
}

impl OwnedDocument for OutboundRoute {
    fn encode(&self) -> String {
        write(&OutboundRouteMirror {
            prefix: self.prefix.clone(),
            trunk: self.trunk.map(ProviderId::get),
            priority: self.priority,
            strip: self.strip,
            prepend: self.prepend.clone(),
            description: self.description.clone(),
        })
    }

    fn decode(text: &str) -> Result<Self> {
        let mirror: OutboundRouteMirror = read(text)?;
        Ok(Self {
            prefix: mirror.prefix,
            trunk: mirror.trunk.map(ProviderId::new),
            priority: mirror.priority,
            strip: mirror.strip,
            prepend: mirror.prepend,
            description: mirror.description,
        })
    }
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct LabelMirror {
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    color: String,
}

impl OwnedDocument for GroupPolicy {
    fn encode(&self) -> String {
        write(&LabelMirror {
            name: self.name.clone(),
            color: self.color.clone(),
        })
    }

    fn decode(text: &str) -> Result<Self> {
        let LabelMirror { name, color } = read(text)?;
        Ok(Self { name, color })
    }
}

impl OwnedDocument for QueueGroup {
    fn encode(&self) -> String {
        write(&LabelMirror {
            name: self.name.clone(),
            color: String::new(),
        })
    }

    fn decode(text: &str) -> Result<Self> {
        let LabelMirror { name, .. } = read(text)?;
        Ok(Self { name })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::SpeedDial8;

    use super::*;

    #[test]
    fn labels_come_back() {
        let policy = GroupPolicy {
            name: "Zo\u{eb} \"1\"".into(),
            color: "#3366cc".into(),
        };
        assert_eq!(GroupPolicy::decode(&policy.encode()).unwrap(), policy);
        let group = QueueGroup { name: "Day".into() };
        assert_eq!(QueueGroup::decode(&group.encode()).unwrap(), group);
        assert_eq!(GroupPolicy::decode("{}").unwrap(), GroupPolicy::default());
        assert!(QueueGroup::decode("7").is_err());
    }

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
