//! Taking contents in, and looking into them.

use jackfield_domain::{
    Error, Field, MediaType, Result, Rule, TenantId, check_prompt, recognise, sound_begins_at,
};
use jackfield_store::ContentWriter;
use sha2::{Digest as _, Sha256};

use super::{Incoming, Interrupted, wrong};
use crate::{Directory, secrets::new_file_name};

/// The beginning of a file, by which it is told what it is.
const HEAD: u64 = 64 << 10;
/// Behind a tag that is longer than that: two frames of sound, and some.
const FRAMES: u64 = 4 << 10;

/// A content that is coming in.
pub(super) struct Intake {
    name: String,
    writer: Box<dyn ContentWriter>,
    size: u64,
    /// The most that it may have.
    most: u64,
    /// What the answer calls the most: of the whole file.
    limit: u64,
    digest: Sha256,
}

/// A content that is there, durably.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) digest: [u8; 32],
    pub(crate) media_type: Option<MediaType>,
}

impl Intake {
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Takes in everything that comes.
    pub(super) async fn take(&mut self, source: &mut dyn Incoming) -> Result<()> {
        loop {
            match source.next().await {
                Ok(Some(bytes)) => self.push(bytes).await?,
                Ok(None) => return Ok(()),
                Err(Interrupted) => {
                    let rule = Rule::Other("did not arrive whole; send it again".into());
                    return Err(wrong(Field::File, rule));
                }
            }
        }
    }

    pub(super) async fn push(&mut self, bytes: bytes::Bytes) -> Result<()> {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.size > self.most {
            return Err(Error::TooLarge(self.limit));
        }
        self.digest.update(&bytes);
        Ok(self.writer.write(bytes).await?)
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }
}

impl Directory {
    /// Begins a content of a tenant. `before` bytes of the same file are there already.
    pub(super) async fn intake(&self, tenant: TenantId, before: u64) -> Result<Intake> {
        // Two hundred and fifty-six folders a tenant: no folder grows so large that it becomes slow.
        let random = new_file_name(self.entropy());
        let (folder, rest) = random.split_at(2);
        let name = format!("{tenant}/{folder}/{rest}");
        let limit = self.inner.max_upload;
        Ok(Intake {
            writer: self.inner.contents.create(&name).await?,
            name,
            size: 0,
            most: limit.saturating_sub(before),
            limit,
            digest: Sha256::new(),
        })
    }

    /// Makes a content durable, and tells what it is.
    pub(super) async fn finish_intake(&self, intake: Intake) -> Result<Arrived> {
        if intake.size == 0 {
            return Err(wrong(Field::File, Rule::Other("must not be empty".into())));
        }
        let digest = intake.digest();
        intake.writer.finish().await?;
        let sample = self.sample(&intake.name, intake.size).await?;
        Ok(Arrived {
            media_type: recognise(&sample),
            name: intake.name,
            size: intake.size,
            digest,
        })
    }

    /// Makes a piece of a file durable. It has no meaning of its own.
    pub(super) async fn finish_piece(&self, intake: Intake) -> Result<(String, u64)> {
        intake.writer.finish().await?;
        Ok((intake.name, intake.size))
    }

    /// Checks that a content can be played to callers.
    pub(crate) async fn check_prompt_content(
        &self,
        content: &str,
        size: u64,
    ) -> Result<Result<MediaType, Rule>> {
        Ok(check_prompt(&self.sample(content, size).await?))
    }

    /// As much of a content as it takes to tell what it is: the beginning, or, behind a long tag, what looks like it without
    /// the tag.
    async fn sample(&self, content: &str, size: u64) -> Result<Vec<u8>> {
        let head = self.bytes_of(content, 0..size.min(HEAD)).await?;
        let sound = sound_begins_at(&head).map(|at| at as u64);
        match sound.filter(|at| size > HEAD && *at + FRAMES > HEAD && *at < size) {
            Some(at) => {
                let mut sample = b"ID3\x04\0\0\0\0\0\0".to_vec();
                sample.extend(self.bytes_of(content, at..size.min(at + FRAMES)).await?);
                Ok(sample)
            }
            None => Ok(head),
        }
    }

    async fn bytes_of(&self, content: &str, range: std::ops::Range<u64>) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut reader = self.inner.contents.read(content, range).await?;
        while let Some(next) = reader.next().await? {
            bytes.extend_from_slice(&next);
        }
        Ok(bytes)
    }

    /// Removes a content that no row speaks of. When that fails, it is found later.
    pub(crate) async fn discard(&self, content: &str) {
        if let Err(error) = self.inner.contents.remove(content).await {
            tracing::debug!(content, "a content is left for later: {error}");
        }
    }
}
