//! JSON forms of the domain's types, which know nothing of JSON themselves.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value in its stored form: `Wire<&T>` can be written, `Wire<T>` can be read.
pub(super) struct Wire<T>(pub(super) T);

/// A record that is stored as an object.
pub(super) trait Fields: Sized {
    /// The record that a document without any field means.
    fn blank() -> Self;

    /// Writes the fields into an object that is open already.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;

    /// Reads the value of `key`; tells whether the record has such a field, and has consumed the value only then.
    fn read<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<bool, M::Error>;
}

impl<T: Fields> Serialize for Wire<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.write(&mut map)?;
        map.end()
    }
}

impl<'de, T: Fields> Deserialize<'de> for Wire<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object(PhantomData))
    }
}

/// Reads an object field by field over the blank record.
struct Object<T>(PhantomData<T>);

impl<'de, T: Fields> Visitor<'de> for Object<T> {
    type Value = Wire<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Wire<T>, M::Error> {
        let mut record = T::blank();
        while let Some(Key(key)) = map.next_key()? {
            if !record.read(&key, &mut map)? {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Wire(record))
    }
}

/// A key, borrowed from the text wherever it has no escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The next value of an object, in its stored form.
pub(super) fn value<'de, T, M: MapAccess<'de>>(map: &mut M) -> Result<T, M::Error>
where
    Wire<T>: Deserialize<'de>,
{
    map.next_value::<Wire<T>>().map(|Wire(value)| value)
}

/// The name of a field in the stored form: its own, unless another is given.
macro_rules! key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $name:literal) => {
        $name
    };
}

/// A record as an object: `object!(Type = blank { field, other as "name" } .flat { more })`, where the fields of the record
/// `flat` stand among the others.
macro_rules! object {
    ($type:ty = $blank:expr; { $($field:ident $(as $name:literal)?),* $(,)? } $(.$flat:ident { $($more:ident),* $(,)? })?) => {
        impl $crate::document::wire::Fields for $type {
            fn blank() -> Self {
                $blank
            }

            fn write<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                $(map.serialize_entry(
                    $crate::document::wire::key!($field $($name)?),
                    &$crate::document::wire::Wire(&self.$field),
                )?;)*
                $(
                    $crate::document::wire::Fields::write(&self.$flat, map)?;
                    $(map.serialize_entry(stringify!($more), &$crate::document::wire::Wire(&self.$more))?;)*
                )?
                Ok(())
            }

            fn read<'de, M: serde::de::MapAccess<'de>>(
                &mut self,
                key: &str,
                map: &mut M,
            ) -> Result<bool, M::Error> {
                match key {
                    $($crate::document::wire::key!($field $($name)?) => {
                        self.$field = $crate::document::wire::value(map)?;
                    })*
                    $($(stringify!($more) => self.$more = $crate::document::wire::value(map)?,)*)?
                    $(key if $crate::document::wire::Fields::read(&mut self.$flat, key, map)? => {})?
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }
    };
}

/// A choice as a word: `words!(Type { Variant = "WORD" })`.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl serde::Serialize for $crate::document::wire::Wire<&$type> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(match self.0 { $($type::$variant => $word),* })
            }
        }

        impl<'de> serde::Deserialize<'de> for $crate::document::wire::Wire<$type> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::document::wire::text(deserializer, "one of its words", |text| match text {
                    $($word => Some($type::$variant),)*
                    _ => None,
                })
            }
        }
    };
}

pub(super) use {key, object, words};

/// Reads a text of which `parse` makes a value.
pub(super) fn text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expected: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Wire<T>, D::Error> {
    let Key(text) = Key::deserialize(deserializer)?;
    parse(&text)
        .map(Wire)
        .ok_or_else(|| D::Error::custom(format_args!("expected {expected}")))
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl Serialize for Wire<&$type> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for Wire<$type> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$type>::deserialize(deserializer).map(Self)
            }
        }
    )*};
}

plain!(bool, i64, String, Option<i64>, Vec<i64>, Vec<String>);

impl<T: Fields> Serialize for Wire<&[T]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Wire))
    }
}

impl<T: Fields> Serialize for Wire<&Vec<T>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire(self.0.as_slice()).serialize(serializer)
    }
}

impl<'de, T: Fields> Deserialize<'de> for Wire<Vec<T>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = Vec::<Wire<T>>::deserialize(deserializer)?;
        Ok(Self(list.into_iter().map(|Wire(value)| value).collect()))
    }
}
