//! Contacts on the wire: what all three kinds of them share.

use jackfield_domain::{
    BusinessContact, ChangeType, Contact, ContactCard, ContactCardPatch, Field, Item, Patch, Result,
    Violations,
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::follow::ChangeWord;

/// The lines of a card that may be empty and share a limit, each with what stands there.
macro_rules! cards {
    ($($(#[doc = $doc:literal])* $line:ident = $field:ident;)*) => {
        /// A contact to be made, or a change to one: what is left out stays as it is. Nothing is required.
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct ContactBody {
            /// The name.
            #[serde(default)]
            #[schema(value_type = String, min_length = 1, max_length = 64)]
            name: Input<String>,
            $($(#[doc = $doc])*
            #[serde(default)]
            #[schema(value_type = String, max_length = 128)]
            $line: Input<String>,)*
            /// Notes, of several lines.
            #[serde(default)]
            #[schema(value_type = String, max_length = 1024)]
            notes: Input<String>,
        }

        impl ContactBody {
            /// What is to be made.
            ///
            /// # Errors
            /// A violation for each field that is wrong.
            pub(crate) fn create(mut self) -> Result<ContactCardPatch> {
                // A contact may be without a name, and one that is to be made may say so.
                if matches!(self.name, Input::Null) {
                    self.name = Input::Absent;
                }
                self.update()
            }

            /// What is to be changed.
            ///
            /// # Errors
            /// A violation for each field that is wrong.
            pub(crate) fn update(self) -> Result<ContactCardPatch> {
                let mut found = Violations::new();
                let patch = ContactCardPatch {
                    name: self.name.patch(&mut found, Field::Name),
                    $($line: self.$line.patch_or_default(&mut found, Field::$field),)*
                    notes: self.notes.patch_or_default(&mut found, Field::Notes),
                };
                conclude(found, || patch.check())?;
                Ok(patch)
            }
        }

        /// A contact of one user.
        #[derive(Serialize, ToSchema)]
        pub(crate) struct ContactAnswer {
            /// Its id.
            #[schema(example = "100001")]
            id: String,
            /// The name, if it has one.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
            name: Option<String>,
            $($(#[doc = $doc])*
            #[schema(required = false, max_length = 128)]
            $line: String,)*
            /// Notes, of several lines.
            #[schema(required = false, max_length = 1024)]
            notes: String,
            /// Whether the user marked it.
            favorite: bool,
        }

        impl From<Item<Contact>> for ContactAnswer {
            fn from(item: Item<Contact>) -> Self {
                let Contact { card, favorite } = item.value;
                Self {
                    id: item.id.to_string(),
                    name: some(card.name),
                    $($line: card.$line,)*
                    notes: card.notes,
                    favorite,
                }
            }
        }

        /// A contact of the tenant.
        #[derive(Serialize, ToSchema)]
        pub(crate) struct BusinessContactAnswer {
            /// Its id.
            #[schema(example = "100001")]
            id: String,
            /// The name, if it has one.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
            name: Option<String>,
            $($(#[doc = $doc])*
            #[schema(required = false, max_length = 128)]
            $line: String,)*
            /// Notes, of several lines.
            #[schema(required = false, max_length = 1024)]
            notes: String,
        }

        impl From<Item<BusinessContact>> for BusinessContactAnswer {
            fn from(item: Item<BusinessContact>) -> Self {
                let card = item.value.card;
                Self {
                    id: item.id.to_string(),
                    name: some(card.name),
                    $($line: card.$line,)*
                    notes: card.notes,
                }
            }
        }

        /// A contact that has changed, as it is now; of one that is gone, only the id.
        #[derive(Serialize, ToSchema)]
        pub(crate) struct ContactChange {
            /// Its id.
            #[schema(example = "100001")]
            id: String,
            /// The name, if it has one.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
            name: Option<String>,
            $($(#[doc = $doc])*
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, required = false, max_length = 128)]
            $line: Option<String>,)*
            /// Notes, of several lines.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, required = false, max_length = 1024)]
            notes: Option<String>,
            /// Whether the user marked it.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(value_type = bool, required = false)]
            favorite: Option<bool>,
            /// What the client has to do.
            #[schema(value_type = ChangeWord)]
            change_type: &'static str,
        }

        impl ContactChange {
            /// The change, with what the contact is now.
            pub(crate) fn of(id: i64, change: ChangeType, now: Option<(ContactCard, bool)>) -> Self {
                let (card, favorite) = now.unzip();
                let card = card.map(|card| {
                    let ContactCard { name, $($line,)* notes } = card;
                    (name, ($($line,)* notes))
                });
                let (name, rest) = card.unzip();
                let mut change = Self {
                    id: id.to_string(),
                    name: name.and_then(some),
                    $($line: None,)*
                    notes: None,
                    favorite,
                    change_type: change.word(),
                };
                if let Some(($($line,)* notes)) = rest {
                    $(change.$line = Some($line);)*
                    change.notes = Some(notes);
                }
                change
            }
        }
    };
}

cards! {
    /// An e-mail address.
    email = Email;
    /// The firm.
    company = Company;
    /// The position in the firm.
    title = Title;
    /// A number at work.
    business = Business;
    /// Another number at work.
    business2 = Business2;
    /// A mobile number.
    mobile_phone = MobilePhone;
    /// Another mobile number.
    mobile_phone2 = MobilePhone2;
    /// A number at home.
    home_phone = HomePhone;
    /// Another number at home.
    home_phone2 = HomePhone2;
    /// Any other number.
    other = Other;
    /// A fax number at work.
    business_fax = BusinessFax;
    /// A fax number at home.
    home_fax = HomeFax;
    /// A postal address.
    address = Address;
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Whether a personal contact is to be marked.
pub(crate) fn marking(favorite: bool) -> jackfield_domain::ContactPatch {
    jackfield_domain::ContactPatch {
        favorite: Patch::Set(favorite),
        ..Default::default()
    }
}
