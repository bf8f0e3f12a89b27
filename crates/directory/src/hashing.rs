//! Password hashing: argon2id, away from the threads that answer requests, and never more at once than there are cores.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash,
};
use jackfield_domain::{Entropy, Error, Result};
use tokio::sync::Semaphore;

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingCost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl HashingCost {
    /// 19 MiB and two passes, as OWASP recommends for argon2id: some 20 to 40 ms on one core.
    pub const RECOMMENDED: Self = Self {
        memory: 19 * 1024,
        passes: 2,
    };
    /// As little as the algorithm allows: for tests only.
    pub const LEAST: Self = Self { memory: 8, passes: 1 };
}

/// What a hash from elsewhere may cost at most to verify, so that an imported one cannot stall the server.
const MOST: HashingCost = HashingCost {
    memory: 64 * 1024,
    passes: 8,
};

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Hashing {
    argon: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// Verified in place of the hash of a user who does not exist, so that both answers take the same time.
    decoy: Arc<str>,
}

impl Hashing {
    /// Hashes at this cost, at most `at_once` at a time.
    ///
    /// # Errors
    /// When the cost is outside of what the algorithm allows.
    pub fn new(cost: HashingCost, at_once: usize) -> Result<Self> {
        let params = Params::new(cost.memory, cost.passes, 1, None)
            .map_err(|error| Error::internal(error.to_string()))?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash(&argon, "nobody", &[7; 16])?.into();
        Ok(Self {
            argon,
            turns: Arc::new(Semaphore::new(at_once.max(1))),
            decoy,
        })
    }

    /// The PHC string of a password.
    pub(crate) async fn hash(&self, entropy: &dyn Entropy, password: &str) -> Result<String> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let (argon, password) = (self.argon.clone(), password.to_owned());
        self.run(move || hash(&argon, &password, &salt)).await?
    }

    /// Whether a password belongs to a PHC string. Without one a decoy is tried, in vain, in the same time.
    pub(crate) async fn verify(&self, stored: Option<String>, password: &str) -> Result<bool> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.to_string());
        let (argon, password) = (self.argon.clone(), password.to_owned());
        let right = self
            .run(move || match PasswordHash::new(&stored) {
                Ok(stored) => argon.verify_password(password.as_bytes(), &stored).is_ok(),
                Err(_) => false,
            })
            .await?;
        Ok(right && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            // The turn ends with the work, even when whoever asked for it has gone.
            let _turn = turn;
            work()
        })
        .await
        .map_err(Error::internal)
    }
}

fn hash(argon: &Argon2<'_>, password: &str, salt: &[u8]) -> Result<String> {
    let hash: PasswordHash = argon
        .hash_password_with_salt(password.as_bytes(), salt)
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether a text is an argon2id PHC string that can be verified at a bearable cost.
pub(crate) fn is_bearable_hash(text: &str) -> bool {
    let Ok(hash) = PasswordHash::new(text) else {
        return false;
    };
    let bearable = |name: &str, most: u32| hash.params.get_decimal(name).is_some_and(|value| value <= most);
    hash.algorithm.as_str() == "argon2id"
        && hash.hash.is_some()
        && hash.salt.is_some()
        && bearable("m", MOST.memory)
        && bearable("t", MOST.passes)
        && bearable("p", 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zero;
    impl Entropy for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[tokio::test]
    async fn hashes_verify_and_the_decoy_never_does() {
        let hashing = Hashing::new(HashingCost::LEAST, 2).unwrap();
        let stored = hashing.hash(&Zero, "Tr0ub4dor").await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert!(is_bearable_hash(&stored));
        assert!(hashing.verify(Some(stored.clone()), "Tr0ub4dor").await.unwrap());
        assert!(!hashing.verify(Some(stored), "tr0ub4dor").await.unwrap());
        assert!(!hashing.verify(Some("rubbish".into()), "nobody").await.unwrap());
        assert!(!hashing.verify(None, "nobody").await.unwrap());
    }

    #[test]
    fn costly_or_foreign_hashes_are_refused() {
        for bad in [
            "",
            "secret",
            "$2b$12$GhvMmNVjRW29ulnudl.LbuAnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m",
            "$argon2i$v=19$m=4096,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$JYEZZ2Iyu2mmt6jWmQ8Z1yBcSgxTLmCyCvMCp0DcCHU",
            "$argon2id$v=19$m=4194304,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$JYEZZ2Iyu2mmt6jWmQ8Z1yBcSgxTLmCyCvMCp0DcCHU",
        ] {
            assert!(!is_bearable_hash(bad), "{bad}");
        }
    }
}
