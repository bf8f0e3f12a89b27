//! The mirrors of contacts.

use jackfield_domain::{BusinessContact, Contact, ContactCard};
use serde::{Deserialize, Serialize};

use super::owned::{OwnedDocument, read, write};
use crate::Result;

macro_rules! mirror {
    ($($line:ident),*) => {
        /// A contact, of a user or of the tenant. What is empty takes no room: most lines of most cards are.
        #[derive(Default, Serialize, Deserialize)]
        #[serde(default)]
        struct ContactMirror {
            $(#[serde(skip_serializing_if = "String::is_empty")] $line: String,)*
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            favorite: bool,
        }

        impl ContactMirror {
            fn of(card: &ContactCard, favorite: bool) -> Self {
                Self { $($line: card.$line.clone(),)* favorite }
            }

            fn card(self) -> ContactCard {
                ContactCard { $($line: self.$line,)* }
            }
        }
    };
}

mirror! {
    name, email, company, title, business, business2, mobile_phone, mobile_phone2, home_phone, home_phone2, other,
    business_fax, home_fax, address, notes
}

impl OwnedDocument for Contact {
    fn encode(&self) -> String {
        write(&ContactMirror::of(&self.card, self.favorite))
    }

    fn decode(text: &str) -> Result<Self> {
        let mirror: ContactMirror = read(text)?;
        Ok(Self {
            favorite: mirror.favorite,
            card: mirror.card(),
        })
    }
}

impl OwnedDocument for BusinessContact {
    fn encode(&self) -> String {
        write(&ContactMirror::of(&self.card, false))
    }

    fn decode(text: &str) -> Result<Self> {
        let mirror: ContactMirror = read(text)?;
        Ok(Self { card: mirror.card() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_come_back() {
        let card = ContactCard {
            name: "Zoë \"Z\"".into(),
            home_fax: "+49 30 1".into(),
            notes: "one\ntwo \u{1F4DE}".into(),
            ..ContactCard::default()
        };
        for favorite in [true, false] {
            let contact = Contact {
                card: card.clone(),
                favorite,
            };
            assert_eq!(Contact::decode(&contact.encode()).unwrap(), contact);
        }
        let business = BusinessContact { card };
        assert_eq!(BusinessContact::decode(&business.encode()).unwrap(), business);
        assert_eq!(Contact::default().encode(), "{}");
        assert_eq!(Contact::decode("{}").unwrap(), Contact::default());
        assert!(Contact::decode("[").is_err());
    }
}
