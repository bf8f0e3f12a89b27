//! Password hashing: argon2id, away from the threads that answer requests, and never more at once than there are cores.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use jackfield_domain::{Entropy, Error, Result};
use parking_lot::Mutex;
use subtle::ConstantTimeEq as _;
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

/// The memory that hashes fill, kept from one to the next while several are wanted, and given back when none is. A hash
/// takes 19 MiB; an allocator that is asked for that much by ever other threads keeps hundreds of it.
#[derive(Default)]
struct Memory {
    free: Vec<Vec<Block>>,
    wanted: usize,
}

/// A hash that is wanted: running, or waiting for its turn.
struct Wanted(Arc<Mutex<Memory>>);

impl Wanted {
    fn new(memory: &Arc<Mutex<Memory>>) -> Self {
        memory.lock().wanted += 1;
        Self(Arc::clone(memory))
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        let mut memory = self.0.lock();
        memory.wanted -= 1;
        if memory.wanted == 0 {
            memory.free = Vec::new();
        }
    }
}

/// Room for this many blocks of a KiB is asked for at least, though only what is used becomes real: above 32 MiB the usual
/// allocators map memory by itself and unmap it at once when it is given back.
const ROOM: usize = 33 * 1024;

/// A part of the memory, for one hash.
struct Lent<'a> {
    memory: &'a Mutex<Memory>,
    blocks: Vec<Block>,
}

impl<'a> Lent<'a> {
    fn new(memory: &'a Mutex<Memory>, params: &Params) -> Self {
        let free = memory.lock().free.pop();
        let mut blocks = free.unwrap_or_else(|| Vec::with_capacity(ROOM.max(params.block_count())));
        blocks.resize(params.block_count(), Block::default());
        Self { memory, blocks }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.memory.lock().free.push(std::mem::take(&mut self.blocks));
    }
}

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Hashing {
    params: Params,
    turns: Arc<Semaphore>,
    memory: Arc<Mutex<Memory>>,
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
        let memory = Arc::default();
        let _wanted = Wanted::new(&memory);
        let decoy = hash(&memory, &params, "nobody", &[7; 16])?.into();
        Ok(Self {
            params,
            turns: Arc::new(Semaphore::new(at_once.max(1))),
            memory,
            decoy,
        })
    }

    /// The PHC string of a password.
    pub(crate) async fn hash(&self, entropy: &dyn Entropy, password: &str) -> Result<String> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let (memory, params) = (Arc::clone(&self.memory), self.params.clone());
        let password = password.to_owned();
        self.run(move || hash(&memory, &params, &password, &salt)).await?
    }

    /// Whether a password belongs to a PHC string. Without one a decoy is tried, in vain, in the same time.
    pub(crate) async fn verify(&self, stored: Option<String>, password: &str) -> Result<bool> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.to_string());
        let (memory, password) = (Arc::clone(&self.memory), password.to_owned());
        let right = self
            .run(move || is_right(&memory, &stored, &password).unwrap_or(false))
            .await?;
        Ok(right && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let wanted = Wanted::new(&self.memory);
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            // The turn ends with the work, even when whoever asked for it has gone.
            let _turn = turn;
            let _wanted = wanted;
            work()
        })
        .await
        .map_err(Error::internal)
    }
}

fn hash(memory: &Mutex<Memory>, params: &Params, password: &str, salt: &[u8]) -> Result<String> {
    let failed = |error: argon2::password_hash::phc::Error| Error::internal(error.to_string());
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    let mut lent = Lent::new(memory, params);
    argon
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, &mut lent.blocks)
        .map_err(|error| Error::internal(error.to_string()))?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(|error| Error::internal(error.to_string()))?,
        salt: Some(Salt::new(salt).map_err(failed)?),
        hash: Some(Output::new(&output).map_err(failed)?),
    };
    Ok(hash.to_string())
}

/// Whether a password belongs to a PHC string; none when the string is not one of argon2's.
fn is_right(memory: &Mutex<Memory>, stored: &str, password: &str) -> Option<bool> {
    let stored = PasswordHash::new(stored).ok()?;
    let (salt, expected) = (stored.salt.as_ref()?, stored.hash.as_ref()?);
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).ok()?;
    let version = stored
        .version
        .map_or(Ok(Version::default()), Version::try_from)
        .ok()?;
    let params = Params::try_from(&stored).ok()?;
    let mut output = vec![0; expected.len()];
    let mut lent = Lent::new(memory, &params);
    Argon2::new(algorithm, version, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, &mut lent.blocks)
        .ok()?;
    Some(output.ct_eq(expected.as_bytes()).into())
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

    /// Made by the reference implementation: its own test vectors, in PHC form.
    #[tokio::test]
    async fn hashes_made_elsewhere_verify() {
        let hashing = Hashing::new(HashingCost::LEAST, 2).unwrap();
        for (password, stored) in [
            (
                "password",
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            ),
            (
                "password",
                "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
            ),
        ] {
            let verify = async |password| hashing.verify(Some(stored.to_owned()), password).await.unwrap();
            assert!(verify(password).await, "{stored}");
            assert!(!verify("differentpassword").await, "{stored}");
        }
    }

    #[tokio::test]
    async fn memory_is_given_back_when_no_hash_is_wanted() {
        let hashing = Hashing::new(HashingCost::LEAST, 4).unwrap();
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let hashing = hashing.clone();
            running.spawn(async move { hashing.hash(&Zero, "Tr0ub4dor").await.unwrap() });
        }
        let hashes = running.join_all().await;
        assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]));
        let memory = hashing.memory.lock();
        assert_eq!((memory.wanted, memory.free.len()), (0, 0));
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
