//! Tokens, sealed secrets and the digests that SIP devices prove themselves with.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use jackfield_domain::{Entropy, Error, Result, TokenHash};
use jackfield_store::ExtensionSecrets;
use md5::Md5;
use sha2::{Digest, Sha256};

/// The key of the installation. All sealing keys come of it; whoever has it and the database can read SIP passwords and
/// voicemail PINs. Its [`Debug`](std::fmt::Debug) output shows nothing of it.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// Wraps 32 random bytes.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// What a sealed value is of. It is bound to the value, so that a sealed text moved to another row does not open there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sealed {
    VoicemailPin,
    ExtensionPassword,
    TenantSetting,
    Item,
    Trunk,
    SyncToken,
    MasterKeyProof,
    MeetingAdminPin,
    MeetingRoomPin,
}

/// Seals and opens secrets that have to be read again.
pub(crate) struct Sealer {
    cipher: XChaCha20Poly1305,
    code_key: [u8; 32],
    upload_key: [u8; 32],
    line_key: [u8; 32],
}

const NONCE: usize = 24;
/// The first byte of a sealed value, so that another scheme can follow.
const SCHEME: u8 = 1;

impl Sealer {
    pub(crate) fn new(master: &MasterKey) -> Self {
        let key = derive(master, b"jackfield sealing 1");
        Self {
            cipher: XChaCha20Poly1305::new(&key.into()),
            code_key: derive(master, b"jackfield codes 1"),
            upload_key: derive(master, b"jackfield uploads 1"),
            line_key: derive(master, b"jackfield lines 1"),
        }
    }

    /// Seals a text for one place: kind, tenant and record.
    pub(crate) fn seal(
        &self,
        entropy: &dyn Entropy,
        what: Sealed,
        tenant: i64,
        record: i64,
        text: &str,
    ) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        let place = place(what, tenant, record);
        let payload = Payload {
            msg: text.as_bytes(),
            aad: &place,
        };
        let sealed = self
            .cipher
            .encrypt(&nonce.into(), payload)
            .map_err(|_| Error::internal("sealing failed"))?;
        let mut whole = Vec::with_capacity(1 + NONCE + sealed.len());
        whole.push(SCHEME);
        whole.extend_from_slice(&nonce);
        whole.extend_from_slice(&sealed);
        Ok(whole)
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// `Internal` when the key is another one or the bytes were altered or moved.
    pub(crate) fn open(&self, what: Sealed, tenant: i64, record: i64, sealed: &[u8]) -> Result<String> {
        let failed = || Error::internal("a sealed value does not open: is it the right master key?");
        let (scheme, rest) = sealed.split_first().ok_or_else(failed)?;
        let (nonce, body) = rest.split_at_checked(NONCE).ok_or_else(failed)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| failed())?;
        if *scheme != SCHEME {
            return Err(failed());
        }
        let place = place(what, tenant, record);
        let text = self
            .cipher
            .decrypt(
                &nonce.into(),
                Payload {
                    msg: body,
                    aad: &place,
                },
            )
            .map_err(|_| failed())?;
        String::from_utf8(text).map_err(|_| failed())
    }

    /// A keyed digest of a one-time code: six digits are too few to be kept under a plain one.
    pub(crate) fn code_hash(&self, session: i64, code: &str) -> TokenHash {
        let mut digest = Sha256::new();
        digest.update(self.code_key);
        digest.update(session.to_be_bytes());
        digest.update(code.as_bytes());
        digest.finalize().into()
    }

    /// A keyed digest of a place in an upload, from which nobody else can make that of another place or upload.
    pub(crate) fn upload_code(&self, tenant: i64, upload: u128, place: u64) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.upload_key);
        digest.update(tenant.to_be_bytes());
        digest.update(upload.to_be_bytes());
        digest.update(place.to_be_bytes());
        digest.finalize().into()
    }

    /// A keyed digest of a trunk, by which a provider is known that was told it. Half of one is long enough.
    pub(crate) fn line_code(&self, tenant: i64, trunk: i64) -> [u8; 16] {
        let mut digest = Sha256::new();
        digest.update(self.line_key);
        digest.update(tenant.to_be_bytes());
        digest.update(trunk.to_be_bytes());
        let mut code = [0; 16];
        code.iter_mut()
            .zip(digest.finalize())
            .for_each(|(to, from)| *to = from);
        code
    }
}

fn derive(master: &MasterKey, label: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(label);
    digest.update(master.0);
    digest.finalize().into()
}

fn place(what: Sealed, tenant: i64, record: i64) -> Vec<u8> {
    let mut place = match what {
        Sealed::VoicemailPin => b"pin:".to_vec(),
        Sealed::ExtensionPassword => b"sip:".to_vec(),
        Sealed::TenantSetting => b"set:".to_vec(),
        Sealed::Item => b"itm:".to_vec(),
        Sealed::Trunk => b"trk:".to_vec(),
        Sealed::SyncToken => b"syn:".to_vec(),
        Sealed::MasterKeyProof => b"key:".to_vec(),
        Sealed::MeetingAdminPin => b"map:".to_vec(),
        Sealed::MeetingRoomPin => b"mrp:".to_vec(),
    };
    place.extend_from_slice(&tenant.to_be_bytes());
    place.extend_from_slice(&record.to_be_bytes());
    place
}

/// SHA-256 of a token.
pub(crate) fn token_hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

/// What a key of a program begins with: whoever finds one in a file or a log knows what it is, and it is never looked for
/// among the tokens of sessions.
pub(crate) const KEY_PREFIX: &str = "jfk_";

/// A new key of a program: the prefix and 256 random bits.
pub(crate) fn new_key(entropy: &dyn Entropy) -> String {
    format!("{KEY_PREFIX}{}", new_token(entropy))
}

/// What an access token of somebody else's program begins with, and nothing else does. Letters only, for programs that take
/// tokens to be words.
pub(crate) const PROGRAM_PREFIX: &str = "jfo";

/// A new token of such a program: the prefix and 256 random bits.
pub(crate) fn new_program_token(entropy: &dyn Entropy) -> String {
    format!("{PROGRAM_PREFIX}{}", new_token(entropy))
}

/// A new token: 256 random bits, as 52 upper-case letters and digits.
pub(crate) fn new_token(entropy: &dyn Entropy) -> String {
    const LETTERS: [u8; 32] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    let mut text = String::with_capacity(52);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push_letter(&mut text, &LETTERS, buffer >> bits);
        }
    }
    push_letter(&mut text, &LETTERS, buffer << (5 - bits));
    text
}

/// A new token of 160 random bits, as 40 lower-case hexadecimal digits: the form that some programs insist on.
pub(crate) fn new_hex_token(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 20];
    entropy.fill(&mut bytes);
    hex::encode(bytes)
}

/// A public name for a token of which only the hash is kept: 40 lower-case hexadecimal digits that open nothing.
pub(crate) fn token_handle(hash: &TokenHash) -> String {
    let mut digest = Sha256::new();
    digest.update(b"jackfield token handle 1");
    digest.update(hash);
    let mut text = hex::encode(digest.finalize());
    text.truncate(40);
    text
}

fn push_letter(text: &mut String, letters: &[u8; 32], index: u32) {
    if let Some(letter) = letters.get((index & 31) as usize) {
        text.push(char::from(*letter));
    }
}

/// Six random digits, all equally likely.
pub(crate) fn new_code(entropy: &dyn Entropy) -> String {
    // The largest multiple of a million that fits; above it the remainders would not be equally likely.
    const BOUND: u32 = u32::MAX - u32::MAX % 1_000_000;
    loop {
        let mut bytes = [0; 4];
        entropy.fill(&mut bytes);
        let number = u32::from_be_bytes(bytes);
        if number < BOUND {
            return format!("{:06}", number % 1_000_000);
        }
    }
}

/// A random name for a file that only its owner is told of: 32 hexadecimal digits.
pub(crate) fn new_file_name(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    hex::encode(bytes)
}

/// What a SIP device proves itself with, by RFC 2617 and RFC 8760.
pub(crate) fn extension_secrets(
    number: &str,
    domain: &str,
    password: &str,
    sealed_password: Vec<u8>,
) -> ExtensionSecrets {
    let text = format!("{number}:{domain}:{password}");
    ExtensionSecrets {
        ha1_md5: Md5::digest(text.as_bytes()).to_vec(),
        ha1_sha256: Sha256::digest(text.as_bytes()).to_vec(),
        sealed_password,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    struct Counting(AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(7, Ordering::Relaxed));
        }
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_place() {
        let sealer = Sealer::new(&MasterKey::new([7; 32]));
        let entropy = Counting(AtomicU8::new(0));
        let closed = sealer
            .seal(&entropy, Sealed::VoicemailPin, 5, 9, "135792")
            .unwrap();
        assert_eq!(
            sealer.open(Sealed::VoicemailPin, 5, 9, &closed).unwrap(),
            "135792"
        );
        assert!(sealer.open(Sealed::VoicemailPin, 5, 10, &closed).is_err());
        assert!(sealer.open(Sealed::VoicemailPin, 6, 9, &closed).is_err());
        assert!(sealer.open(Sealed::ExtensionPassword, 5, 9, &closed).is_err());
        assert!(
            Sealer::new(&MasterKey::new([8; 32]))
                .open(Sealed::VoicemailPin, 5, 9, &closed)
                .is_err()
        );
        let mut altered = closed.clone();
        *altered.last_mut().unwrap() ^= 1;
        assert!(sealer.open(Sealed::VoicemailPin, 5, 9, &altered).is_err());
        assert!(sealer.open(Sealed::VoicemailPin, 5, 9, &[]).is_err());
        assert!(!closed.windows(6).any(|part| part == b"135792"));
    }

    #[test]
    fn tokens_have_52_letters_and_digits() {
        let entropy = Counting(AtomicU8::new(3));
        let (one, two) = (new_token(&entropy), new_token(&entropy));
        assert_eq!(one.len(), 52);
        assert!(
            one.bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        );
        assert_ne!(one, two);
        assert_eq!(new_code(&entropy).len(), 6);
        let token = new_hex_token(&entropy);
        let handle = token_handle(&token_hash(&token));
        for text in [&token, &handle] {
            assert_eq!(text.len(), 40);
            assert!(
                text.bytes()
                    .all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
            );
        }
        assert_ne!(token, handle);
        assert_ne!(hex::encode(token_hash(&token))[..40], handle);
    }

    #[test]
    fn digests_of_the_standard() {
        // The example of RFC 2617 §3.5: Mufasa, testrealm@host.com, Circle Of Life.
        let secrets = extension_secrets("Mufasa", "testrealm@host.com", "Circle Of Life", Vec::new());
        assert_eq!(hex::encode(secrets.ha1_md5), "939e7578ed9e3c518a452acee763bce9");
        // The example of RFC 7616 §3.9.1: Mufasa, http-auth@example.org, Circle of Life.
        let secrets = extension_secrets("Mufasa", "http-auth@example.org", "Circle of Life", Vec::new());
        assert_eq!(
            hex::encode(secrets.ha1_sha256),
            "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232"
        );
    }
}
