//! Speed dials: `speed_dial_8` with the codes 2 to 9, `speed_dial_100` with the codes 00 to 99.

use jackfield_domain::{Field, Item, NewSpeedDial, Result, SpeedDial, SpeedDialPatch, Violations};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::owned::{Shape, mount};

/// A speed dial to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CreateSpeedDial {
    /// What is dialled: a digit from 2 to 9, or two digits from 00 to 99.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 2)]
    code: Input<String>,
    /// The number that is called.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1)]
    phone_number: Input<String>,
    /// A note for people.
    #[serde(default)]
    #[schema(value_type = String, max_length = 1024)]
    description: Input<String>,
}

/// A change to a speed dial.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct UpdateSpeedDial {
    /// What is dialled.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 2)]
    code: Input<String>,
    /// The number that is called.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1)]
    phone_number: Input<String>,
    /// A note for people.
    #[serde(default)]
    #[schema(value_type = String, max_length = 1024)]
    description: Input<String>,
}

/// A speed dial.
#[derive(Serialize, ToSchema)]
pub(crate) struct SpeedDialAnswer {
    /// Its id.
    #[schema(example = "100001")]
    id: String,
    /// What is dialled.
    #[schema(min_length = 1, max_length = 2)]
    code: String,
    /// The number that is called.
    phone_number: String,
    /// A note for people.
    description: String,
}

/// All speed dials of a range.
#[derive(Serialize, ToSchema)]
pub(crate) struct SpeedDialsAnswer {
    /// In the order in which they were made.
    items: Vec<SpeedDialAnswer>,
}

impl<const DIGITS: usize> Shape for SpeedDial<DIGITS>
where
    Self: jackfield_directory::Stored<New = NewSpeedDial, Patch = SpeedDialPatch>,
{
    type Create = CreateSpeedDial;
    type Update = UpdateSpeedDial;
    type Detail = SpeedDialAnswer;

    fn create(body: CreateSpeedDial) -> Result<NewSpeedDial> {
        let mut found = Violations::new();
        let new = NewSpeedDial {
            code: body.code.required(&mut found, Field::Code).unwrap_or_default(),
            phone_number: body
                .phone_number
                .required(&mut found, Field::PhoneNumber)
                .unwrap_or_default(),
            description: body
                .description
                .optional(&mut found, Field::Description)
                .unwrap_or_default(),
        };
        conclude(found, || <Self as jackfield_domain::Owned>::check(&new))?;
        Ok(new)
    }

    fn update(body: UpdateSpeedDial) -> Result<SpeedDialPatch> {
        let mut found = Violations::new();
        let patch = SpeedDialPatch {
            code: body.code.patch(&mut found, Field::Code),
            phone_number: body.phone_number.patch(&mut found, Field::PhoneNumber),
            description: body.description.patch_or_default(&mut found, Field::Description),
        };
        found.finish()?;
        Ok(patch)
    }

    fn detail(item: Item<Self>) -> SpeedDialAnswer {
        SpeedDialAnswer {
            id: item.id.to_string(),
            code: item.value.code,
            phone_number: item.value.phone_number,
            description: item.value.description,
        }
    }
}

mount! {
    /// One's own, codes 2 to 9.
    own_8: jackfield_domain::SpeedDial8, tag "speed dials",
    list "/user/speed_dial_8", item "/user/speed_dial_8/{item_id}", destroy "/user/speed_dial_8/{item_id}/destroy",
    id "item_id",
    create CreateSpeedDial, update UpdateSpeedDial, detail SpeedDialAnswer, items SpeedDialsAnswer
}

mount! {
    /// A user's, codes 2 to 9.
    of_8: jackfield_domain::SpeedDial8, tag "speed dials",
    list "/users/{user_id}/speed_dial_8", item "/users/{user_id}/speed_dial_8/{item_id}",
    destroy "/users/{user_id}/speed_dial_8/{item_id}/destroy",
    user "user_id",
    id "item_id",
    create CreateSpeedDial, update UpdateSpeedDial, detail SpeedDialAnswer, items SpeedDialsAnswer
}

mount! {
    /// One's own, codes 00 to 99.
    own_100: jackfield_domain::SpeedDial100, tag "speed dials",
    list "/user/speed_dial_100", item "/user/speed_dial_100/{item_id}", destroy "/user/speed_dial_100/{item_id}/destroy",
    id "item_id",
    create CreateSpeedDial, update UpdateSpeedDial, detail SpeedDialAnswer, items SpeedDialsAnswer
}

mount! {
    /// A user's, codes 00 to 99.
    of_100: jackfield_domain::SpeedDial100, tag "speed dials",
    list "/users/{user_id}/speed_dial_100", item "/users/{user_id}/speed_dial_100/{item_id}",
    destroy "/users/{user_id}/speed_dial_100/{item_id}/destroy",
    user "user_id",
    id "item_id",
    create CreateSpeedDial, update UpdateSpeedDial, detail SpeedDialAnswer, items SpeedDialsAnswer
}
