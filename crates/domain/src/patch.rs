//! "Not mentioned" and "set to this" are two things.

/// A change to one value of a record.
///
/// Absent means *leave it as it is*. A request's `null` is decided by the dialect before it becomes a patch: it sets
/// the empty value where the field has one and is a violation where it has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Leave it.
    #[default]
    Keep,
    /// Replace it.
    Set(T),
}

impl<T> Patch<T> {
    /// Writes the new value over the old one; tells whether that changed anything.
    pub fn apply(self, value: &mut T) -> bool
    where
        T: PartialEq,
    {
        match self {
            Self::Set(new) if new != *value => {
                *value = new;
                true
            }
            _ => false,
        }
    }

    /// The new value, when there is one.
    pub fn set(&self) -> Option<&T> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Whether nothing changes.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

/// A record's settings with their defaults, and the change to them: one line for each setting.
macro_rules! settings {
    ($(#[$outer:meta])* $name:ident, $(#[$change:meta])* $patch:ident {
        $($(#[$doc:meta])* $field:ident: $type:ty = $default:expr;)*
    }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name { $($(#[$doc])* pub $field: $type,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        $(#[$change])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $patch { $($(#[$doc])* pub $field: $crate::Patch<$type>,)* }

        impl $patch {
            /// Carries the change out; tells whether anything changed.
            pub fn apply(self, settings: &mut $name) -> bool {
                let mut changed = false;
                $(changed |= self.$field.apply(&mut settings.$field);)*
                changed
            }

            /// Every rule that the change breaks. The defaults break none, so whatever is found comes from the change.
            pub fn check(&self, found: &mut $crate::Violations) {
                let mut changed = $name::default();
                self.clone().apply(&mut changed);
                changed.check(found);
            }
        }
    };
}
pub(crate) use settings;
