//! How a request names a user: by a number, as the owner of its key, or by his address.

use std::sync::Arc;

use jackfield_directory::Directory;
use jackfield_domain::{
    Caller, Error, Field, Owner, Result, Rule, UserId, Violation, Violations, capability::ManageUsers,
};
use jackfield_edge::{Expected, Input, Whole};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::{at, patterns};

/// What the vendor's page prints where a request may leave the user out.
const OWN: &str = "UID";

/// A user as a request names him.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Who {
    /// The owner of the key.
    #[default]
    Owner,
    /// The user of this id.
    User(UserId),
}

impl Expected for Who {
    const WORDS: &'static str = "a whole number, or UID for the owner of the key";
}

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value == OWN {
            return Ok(Self::Owner);
        }
        let Whole(id) = Whole::deserialize(value).map_err(serde::de::Error::custom)?;
        Ok(Self::User(UserId::new(id)))
    }
}

impl Who {
    /// The user whom the field `userID` names: left out, it is the owner of the key.
    pub(crate) fn read(input: Input<Self>, found: &mut Violations) -> Self {
        input.optional(found, at("userID")).unwrap_or_default()
    }

    /// The id.
    pub(crate) fn id(self, caller: &Arc<Caller>) -> Result<UserId> {
        match self {
            Self::Owner => Ok(caller.own()?.user()),
            Self::User(id) => Ok(id),
        }
    }

    /// The right to his records.
    pub(crate) fn owner(self, caller: &Arc<Caller>) -> Result<Owner> {
        caller.owner_of(self.id(caller)?)
    }
}

/// A user who may be named by his address too.
#[derive(Debug, Default)]
pub(crate) struct WhoOrAddress {
    who: Option<Who>,
    address: Option<String>,
}

impl WhoOrAddress {
    /// Reads `userID` and `userEmailAddress`.
    pub(crate) fn read(who: Input<Who>, address: Input<String>, found: &mut Violations) -> Self {
        Self {
            who: who.optional(found, at("userID")),
            address: address.optional(found, at("userEmailAddress")),
        }
    }

    /// Finds him. Named in both ways, it has to be one user.
    ///
    /// # Errors
    /// `Absent(User)`; [`Error::Invalid`] for two.
    pub(crate) async fn owner(self, caller: &Arc<Caller>, directory: &Directory) -> Result<Owner> {
        let Some(address) = self.address.filter(|address| !address.is_empty()) else {
            return self.who.unwrap_or_default().owner(caller);
        };
        let found = directory
            .user_with_address(&caller.grant::<ManageUsers>()?, &address)
            .await?;
        if let Some(who) = self.who
            && who.id(caller)? != found
        {
            let rule = Rule::Other("is not the address of the user that userID names".to_owned());
            return Err(Error::invalid(Violation {
                field: Field::Body,
                at: "userEmailAddress".to_owned(),
                rule,
            }));
        }
        caller.owner_of(found)
    }
}

/// A user name, held against the vendor's pattern.
pub(crate) fn username(input: Input<String>) -> Input<String> {
    const SHORTEST: usize = 2;
    patterns::USERNAME.check(input).convert(|name| {
        if name.chars().count() < SHORTEST {
            return Err(Rule::TooShort(SHORTEST));
        }
        Ok(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_by_number_or_as_the_owner() {
        let read = |json: &str| serde_json::from_str::<Input<Who>>(json).unwrap();
        assert_eq!(read("\"UID\""), Input::Value(Who::Owner));
        for json in ["100001", "\"100001\""] {
            assert_eq!(
                read(json),
                Input::Value(Who::User(UserId::new(100_001))),
                "{json}"
            );
        }
        for json in ["\"uid\"", "\"\"", "1.5", "true", "[1]", "{}"] {
            assert!(matches!(read(json), Input::Wrong(_)), "{json}");
        }
    }
}
