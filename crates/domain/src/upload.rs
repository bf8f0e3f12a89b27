//! Uploads: files that arrive piece by piece.

use std::fmt;

use crate::{Entropy, TenantId, Timestamp, UserId};

/// Names an upload that is not complete. Prints as a UUID (RFC 9562, version 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UploadId(u128);

impl UploadId {
    /// A new one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        let random = u128::from_be_bytes(bytes);
        // The version and the variant have fixed bits.
        let version = random & !(0xf << 76) | 0x4 << 76;
        Self(version & !(0b11 << 62) | 0b10 << 62)
    }

    /// Reads one from a request or the store: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
    pub fn parse(text: &str) -> Option<Self> {
        let groups: Vec<&str> = text.split('-').collect();
        let fits = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]);
        let digits = groups.concat();
        (fits && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then(|| u128::from_str_radix(&digits, 16).ok().map(Self))?
    }

    /// The number behind it.
    pub const fn get(self) -> u128 {
        self.0
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            id >> 96,
            id >> 80 & 0xffff,
            id >> 64 & 0xffff,
            id >> 48 & 0xffff,
            id & 0xffff_ffff_ffff
        )
    }
}

/// A file of which perhaps not everything is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The tenant that the file will belong to.
    pub tenant: TenantId,
    /// Its id.
    pub id: UploadId,
    /// Who sends it; nobody else may go on with it. An administrator of the installation who acts in the tenant is no user
    /// of it.
    pub uploader: UserId,
    /// The name that the file will have.
    pub name: String,
    /// The bytes that have arrived.
    pub received: u64,
    /// When it is given up unless it goes on.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones;
    impl Entropy for Ones {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xff);
        }
    }

    #[test]
    fn ids_are_uuids() {
        let id = UploadId::generate(&Ones);
        assert_eq!(id.to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(UploadId::parse(&id.to_string()), Some(id));
        let small = UploadId::parse("00000000-0000-4000-8000-00000000000a").unwrap();
        assert_eq!(small.to_string(), "00000000-0000-4000-8000-00000000000a");
        for bad in [
            "",
            "ffffffffffff4fffbfffffffffffffff",
            "ffffffff-ffff-4fff-bfff-fffffffffffg",
            "ffffffff-ffff-4fff-bfff-fffffffffff",
            "+fffffff-ffff-4fff-bfff-ffffffffffff",
            "ffffffff-ffff-4fff-bfff-ffffffffffff-",
        ] {
            assert_eq!(UploadId::parse(bad), None, "{bad}");
        }
    }
}
