//! The numbers under which calls go out: of a user, of a group, of a tenant.

use jackfield_domain::{OutboundCallerId, ProviderId, Rule, Violations};
use jackfield_edge::{Expected, Input, Place};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id;

/// A caller id as a request writes it. Only a user's list has preferred ones; elsewhere the field is unknown.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct CallerIdInput {
    provider_id: Input<String>,
    caller_id: Input<String>,
    preferred: Input<bool>,
    description: Input<String>,
}

impl Expected for CallerIdInput {
    const WORDS: &'static str = "an object";
}

impl CallerIdInput {
    /// Reads an entry of a user's list.
    pub(crate) fn read(self, found: &mut Violations, place: &Place) -> OutboundCallerId {
        let provider = self
            .provider_id
            .convert(|text| id::read(&text).ok_or(Rule::Form("the id of a provider")))
            .required(found, place.part("provider_id"))
            .unwrap_or_default();
        OutboundCallerId {
            provider: ProviderId::new(provider),
            caller_id: self
                .caller_id
                .optional(found, place.part("caller_id"))
                .unwrap_or_default(),
            preferred: self
                .preferred
                .optional(found, place.part("preferred"))
                .unwrap_or_default(),
            description: self
                .description
                .optional(found, place.part("description"))
                .unwrap_or_default(),
        }
    }

    /// Reads an entry of a list that knows no preference.
    pub(crate) fn read_plain(mut self, found: &mut Violations, place: &Place) -> OutboundCallerId {
        self.preferred = Input::Absent;
        self.read(found, place)
    }
}

macro_rules! caller_ids {
    ($($(#[$doc:meta])* $wire:ident { $($more:tt)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
        #[cfg_attr(test, serde(deny_unknown_fields))]
        pub(crate) struct $wire {
            /// The id of the provider or trunk that the caller id belongs to.
            #[schema(example = "100001")]
            pub(crate) provider_id: String,
            /// The number or name to show.
            #[schema(min_length = 1, max_length = 64)]
            pub(crate) caller_id: String,
            /// A note for people.
            #[schema(required = false, max_length = 1024)]
            pub(crate) description: String,
            $($more)*
        }
    )*};
}

caller_ids! {
    /// A caller id of a user.
    CallerIdWire {
        /// Whether it is the one to use when the user chooses none. At most one is.
        #[schema(required = false)]
        pub(crate) preferred: bool,
    }

    /// A caller id where there is no preference.
    PlainCallerIdWire {}
}

impl From<&OutboundCallerId> for PlainCallerIdWire {
    fn from(entry: &OutboundCallerId) -> Self {
        Self {
            provider_id: entry.provider.to_string(),
            caller_id: entry.caller_id.clone(),
            description: entry.description.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::Field;

    use super::*;

    fn read(json: &str) -> (Vec<OutboundCallerId>, Vec<String>) {
        let mut found = Violations::new();
        let list: Input<Vec<Input<CallerIdInput>>> = serde_json::from_str(json).unwrap();
        let list = list
            .entries(&mut found, Field::OutboundCallerIds, CallerIdInput::read)
            .optional(&mut found, Field::OutboundCallerIds)
            .unwrap_or_default();
        (list, found.into_vec().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn entries() {
        let (list, found) = read(
            r#"[{"provider_id": "100001", "caller_id": "+4930", "preferred": true, "description": "office"},
                {"provider_id": "NzAwNTUxOTA5NzczMTQ4MTYw", "caller_id": "x", "preferred": null}]"#,
        );
        assert_eq!(found, Vec::<String>::new());
        assert_eq!(
            list[0],
            OutboundCallerId {
                provider: ProviderId::new(100_001),
                caller_id: "+4930".into(),
                preferred: true,
                description: "office".into()
            }
        );
        assert_eq!(list[1].provider, ProviderId::new(700_551_909_773_148_160));
        assert_eq!(
            serde_json::to_string(&PlainCallerIdWire::from(&list[0])).unwrap(),
            r#"{"provider_id":"100001","caller_id":"+4930","description":"office"}"#
        );
    }

    #[test]
    fn wrong_entries() {
        let (_, found) = read(r#"[{}, {"provider_id": "x y", "caller_id": 1, "preferred": "yes"}, "x"]"#);
        assert_eq!(
            found,
            [
                "outbound_caller_ids[0].provider_id is required",
                "outbound_caller_ids[1].provider_id must be the id of a provider",
                "outbound_caller_ids[1].caller_id must be text",
                "outbound_caller_ids[1].preferred must be true or false",
                "outbound_caller_ids[2] must be an object",
            ]
        );
        assert_eq!(read("{}").1, ["outbound_caller_ids must be a list"]);
    }
}
