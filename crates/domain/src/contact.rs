//! Contacts: people and firms outside of the directory.

use crate::{Field, Kind, Owned, Patch, SealedSecret, Thing, Violations, limits};

macro_rules! contact_card {
    ($($(#[$doc:meta])* $name:ident = $field:ident;)*) => {
        /// What is written on a contact's card. Everything is free text, and empty when it is not known.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct ContactCard {
            /// The name; not empty once it was given. Some contacts have none.
            pub name: String,
            $($(#[$doc])* pub $name: String,)*
            /// Notes, of several lines.
            pub notes: String,
        }

        /// A change to a card. One to be made is a change to the empty card; it may have nothing on it at all, because
        /// the contract that clients go by demands nothing.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        #[expect(missing_docs, reason = "each is the value of the same name in `ContactCard`")]
        pub struct ContactCardPatch {
            pub name: Patch<String>,
            $(pub $name: Patch<String>,)*
            pub notes: Patch<String>,
        }

        impl ContactCardPatch {
            /// Every rule that the change breaks.
            pub fn check(&self) -> Violations {
                let mut found = Violations::new();
                if let Patch::Set(name) = &self.name {
                    found.length(Field::Name, name, limits::CONTACT_NAME);
                    found.text(Field::Name, name, usize::MAX);
                }
                $(if let Patch::Set(text) = &self.$name {
                    found.text(Field::$field, text, limits::CONTACT_TEXT);
                })*
                if let Patch::Set(text) = &self.notes {
                    found.text(Field::Notes, text, limits::CONTACT_NOTES);
                }
                found
            }

            /// Carries the change out; tells whether anything changed.
            pub fn apply(self, card: &mut ContactCard) -> bool {
                let mut changed = self.name.apply(&mut card.name);
                $(changed |= self.$name.apply(&mut card.$name);)*
                changed | self.notes.apply(&mut card.notes)
            }

            /// The card that has this and nothing else on it.
            pub fn into_card(self) -> ContactCard {
                let mut card = ContactCard::default();
                self.apply(&mut card);
                card
            }
        }

        /// The texts of a limit that all share, for the tests.
        #[cfg(test)]
        const TEXTS: &[(Field, fn(&mut ContactCardPatch, String))] =
            &[$((Field::$field, |card, text| card.$name = Patch::Set(text)),)*];
    };
}

contact_card! {
    /// An e-mail address, as somebody wrote it down: nothing is sent there.
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

/// A contact of one user, seen by nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// What is known of it.
    pub card: ContactCard,
    /// Whether the user marked it.
    pub favorite: bool,
}

/// A change to a contact; one to be made is a change to the empty one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `Contact`")]
pub struct ContactPatch {
    pub card: ContactCardPatch,
    pub favorite: Patch<bool>,
}

/// A contact of the tenant, seen by all of its users. Which users marked it is theirs and not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BusinessContact {
    /// What is known of it.
    pub card: ContactCard,
}

impl Owned for Contact {
    const THING: Thing = Thing::Contact;
    const KIND: Kind = Kind::Contact;
    const COLLECTION: &'static str = "contact";
    const MOST: i64 = limits::CONTACTS;
    const KEY: Field = Field::Name;

    type New = ContactPatch;
    type Patch = ContactPatch;

    fn check(new: &ContactPatch) -> Violations {
        new.card.check()
    }

    fn check_patch(&self, patch: &ContactPatch) -> Violations {
        patch.card.check()
    }

    fn make(new: ContactPatch, seal: &mut dyn FnMut(&str) -> SealedSecret) -> Self {
        let mut contact = Self::default();
        Owned::apply(&mut contact, new, seal);
        contact
    }

    fn apply(&mut self, patch: ContactPatch, _: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
        patch.card.apply(&mut self.card) | patch.favorite.apply(&mut self.favorite)
    }

    /// Two people may have the same name.
    fn key(&self) -> Option<String> {
        None
    }
}

impl Owned for BusinessContact {
    const THING: Thing = Thing::BusinessContact;
    const KIND: Kind = Kind::BusinessContact;
    const COLLECTION: &'static str = "business_contact";
    const MOST: i64 = limits::BUSINESS_CONTACTS;
    const KEY: Field = Field::Name;

    type New = ContactCardPatch;
    type Patch = ContactCardPatch;

    fn check(new: &ContactCardPatch) -> Violations {
        new.check()
    }

    fn check_patch(&self, patch: &ContactCardPatch) -> Violations {
        patch.check()
    }

    fn make(new: ContactCardPatch, _: &mut dyn FnMut(&str) -> SealedSecret) -> Self {
        Self {
            card: new.into_card(),
        }
    }

    fn apply(&mut self, patch: ContactCardPatch, _: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
        patch.apply(&mut self.card)
    }

    /// Two people may have the same name.
    fn key(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_every_line() {
        assert_eq!(TEXTS.len() + 2, 15);
        for (field, set) in TEXTS {
            let mut card = ContactCardPatch::default();
            set(&mut card, "ü".repeat(128));
            assert!(card.check().is_empty(), "{field:?}");
            set(&mut card, "x".repeat(129));
            assert!(card.check().concerns(*field), "{field:?}");
            set(&mut card, "\0".into());
            assert!(card.check().concerns(*field), "{field:?}");
            set(&mut card, String::new());
            assert!(card.check().is_empty(), "{field:?}");
        }
    }

    #[test]
    fn a_name_is_absent_or_not_empty() {
        let named = |name: &str| ContactCardPatch {
            name: Patch::Set(name.into()),
            ..ContactCardPatch::default()
        };
        assert!(ContactCardPatch::default().check().is_empty());
        assert!(named("Ada").check().is_empty());
        assert!(named("").check().concerns(Field::Name));
        assert!(named(&"x".repeat(65)).check().concerns(Field::Name));
        let notes = ContactCardPatch {
            notes: Patch::Set("x\n".repeat(513)),
            ..ContactCardPatch::default()
        };
        assert!(notes.check().concerns(Field::Notes));
    }

    #[test]
    fn a_new_contact_is_a_change_to_the_empty_one() {
        let mut seal = |_: &str| SealedSecret::default();
        let new = ContactPatch {
            card: ContactCardPatch {
                name: Patch::Set("Ada".into()),
                home_fax: Patch::Set("123".into()),
                ..ContactCardPatch::default()
            },
            favorite: Patch::Keep,
        };
        let mut contact = Contact::make(new.clone(), &mut seal);
        assert_eq!((contact.card.name.as_str(), contact.favorite), ("Ada", false));
        assert!(!contact.apply(new, &mut seal), "it is that already");
        let mark = ContactPatch {
            favorite: Patch::Set(true),
            ..ContactPatch::default()
        };
        assert!(contact.apply(mark, &mut seal));
        assert_eq!(contact.card.home_fax, "123");
    }
}
