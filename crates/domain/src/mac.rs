//! Hardware addresses.

use std::fmt;

/// The hardware address of a network device: 48 bits. The default is all zeros, which no device has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct MacAddress([u8; 6]);

impl MacAddress {
    /// What to write, for the violation of whoever could not read one.
    pub const FORM: &'static str = "a MAC address like 00:15:65:ab:cd:ef";

    /// Reads `aa:bb:cc:dd:ee:ff`, `aa-bb-cc-dd-ee-ff`, `aabb.ccdd.eeff` or `aabbccddeeff`, in either case.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = match text.len() {
            12 => text.into(),
            14 => groups(text, '.', 4)?,
            17 => groups(text, ':', 2).or_else(|| groups(text, '-', 2))?,
            _ => return None,
        };
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = u64::from_str_radix(&digits, 16).ok()?;
        let [_, _, bytes @ ..] = number.to_be_bytes();
        Some(Self(bytes))
    }

    /// Twelve lower-case hexadecimal digits: the form that is stored and compared.
    pub fn bare(self) -> String {
        self.to_string().replace(':', "")
    }
}

/// The text without its separators, when they stand after every `size` characters and nowhere else.
fn groups(text: &str, separator: char, size: usize) -> Option<String> {
    text.split(separator)
        .all(|group| group.len() == size)
        .then(|| text.replace(separator, ""))
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let colon = if index > 0 { ":" } else { "" };
            write!(f, "{colon}{byte:02x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_form_is_one_address() {
        for text in [
            "00:15:65:ab:cd:ef",
            "00-15-65-AB-CD-EF",
            "0015.65ab.cdef",
            "001565ABCDEF",
        ] {
            let mac = MacAddress::parse(text).unwrap();
            assert_eq!(mac.bare(), "001565abcdef", "{text}");
            assert_eq!(mac.to_string(), "00:15:65:ab:cd:ef", "{text}");
            assert_eq!(MacAddress::parse(&mac.bare()), Some(mac));
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "001565abcde",
            "001565abcdeff",
            "001565abcdeg",
            "+01565abcdef",
            "00:15:65:ab:cd:e",
            "00:15:65-ab-cd-ef",
            "0:015:65:ab:cd:ef",
            "0015:65ab:cdef",
            "00156.5ab.cdef",
            "00:15:65:ab:cd:ef:00",
            " 01565abcdef",
            "äöüäöü",
        ] {
            assert_eq!(MacAddress::parse(text), None, "{text}");
        }
    }
}
