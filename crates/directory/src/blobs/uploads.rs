//! Uploads: files that arrive piece by piece, perhaps over days and connections that break.
//!
//! Each piece is a content of its own until the upload is complete, so two senders can never write into each other. The token of
//! an upload is of a place in it: with the token goes the promise of how many bytes have arrived, and a piece that comes twice,
//! or second of two at the same place, is refused.

use std::time::Duration;

use jackfield_domain::{
    BlobId, Error, Field, Member, Result, Rule, TenantId, Thing, Timestamp, Upload, UploadId, UserId,
    Violations, check_file_name, limits,
};
use jackfield_store::Piece;
use subtle::ConstantTimeEq as _;

use super::{Depositor, Incoming, contents::Intake, wrong};
use crate::{Directory, work::in_work};

/// An upload that does not go on for so long is given up.
const PATIENCE: Duration = Duration::from_hours(24);

/// How far an upload has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Its id.
    pub id: UploadId,
    /// What the next request about it has to bring along. It changes with each piece.
    pub token: String,
    /// The bytes that have arrived.
    pub received: u64,
}

/// Whose upload.
fn uploader(member: &Member) -> Result<(TenantId, UserId)> {
    let user = member.caller().user.ok_or(Error::Unauthenticated)?;
    Ok((member.tenant(), user))
}

fn out_of_step() -> Error {
    Error::Stale(Thing::Upload)
}

impl Directory {
    /// Begins an upload.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the name; [`Error::Full`] for who has too many under way.
    pub async fn begin_upload(&self, member: &Member, name: &str) -> Result<Progress> {
        let (tenant, user) = uploader(member)?;
        let mut found = Violations::new();
        check_file_name(&mut found, name);
        found.finish()?;
        let id = UploadId::generate(self.entropy());
        in_work!(self, tenant, member.caller().actor(), |work| {
            if work.count_uploads(tenant, user).await? >= limits::UPLOADS {
                let limit = u64::try_from(limits::UPLOADS).unwrap_or(0);
                return Err(Error::Full(Thing::Upload, limit));
            }
            let upload = Upload {
                tenant,
                id,
                uploader: user,
                name: name.to_owned(),
                received: 0,
                expires_at: work.now().plus(PATIENCE),
            };
            work.insert_upload(&upload).await?;
        })?;
        Ok(self.progress(tenant, id, 0))
    }

    /// Takes in the next piece of an upload. `id` and `token` are as the sender wrote them.
    ///
    /// # Errors
    /// `Absent(Upload)`; [`Error::Invalid`] for a token of another upload, or a piece that did not arrive whole;
    /// `Stale(Upload)` for a token of another place in this one; [`Error::TooLarge`].
    pub async fn append_upload(
        &self,
        member: &Member,
        id: &str,
        token: Option<&str>,
        source: &mut dyn Incoming,
    ) -> Result<Progress> {
        let (tenant, user) = uploader(member)?;
        let upload = self.upload_at(tenant, user, id, token).await?;
        let mut intake = self.intake(tenant, upload.received).await?;
        intake.take(source).await?;
        if intake.size() == 0 {
            return Ok(self.progress(tenant, upload.id, upload.received));
        }
        let (content, size) = self.finish_piece(intake).await?;
        let piece = Piece {
            start: upload.received,
            size,
            content,
        };
        let outcome = in_work!(self, tenant, member.caller().actor(), |work| {
            let now = live(work.upload(tenant, upload.id).await?, user, work.now())?;
            if now.received != upload.received {
                return Err(out_of_step());
            }
            let many = i64::try_from(work.pieces(tenant, upload.id).await?.len()).unwrap_or(i64::MAX);
            if many >= limits::UPLOAD_PIECES {
                let rule = Rule::Other(format!(
                    "may come in at most {} pieces; send larger ones",
                    limits::UPLOAD_PIECES
                ));
                return Err(wrong(Field::File, rule));
            }
            let longer = Upload {
                received: now.received + piece.size,
                expires_at: work.now().plus(PATIENCE),
                ..now
            };
            work.insert_piece(&longer, &piece).await?;
            longer.received
        });
        match outcome {
            Ok(received) => Ok(self.progress(tenant, upload.id, received)),
            Err(error) => {
                self.discard(&piece.content).await;
                Err(error)
            }
        }
    }

    /// Makes a file of an upload, after taking in what is still to come of it.
    ///
    /// # Errors
    /// As of [`append_upload`](Self::append_upload); also [`Error::Invalid`] for a digest that the content does not have, and for
    /// a file without bytes. The upload stays as it was.
    pub async fn complete_upload(
        &self,
        member: &Member,
        id: &str,
        token: Option<&str>,
        digest: Option<&str>,
        source: &mut dyn Incoming,
    ) -> Result<BlobId> {
        let (tenant, user) = uploader(member)?;
        let upload = self.upload_at(tenant, user, id, token).await?;
        let promised = digest.map(read_digest).transpose()?;
        let pieces = self.store().pieces(tenant, upload.id).await?;
        let mut intake = self.intake(tenant, 0).await?;
        for piece in &pieces {
            self.copy(piece, &mut intake).await?;
        }
        if intake.size() != upload.received {
            return Err(out_of_step());
        }
        intake.take(source).await?;
        if promised.is_some_and(|promised| promised != intake.digest()) {
            let rule = Rule::Other("is not the SHA-256 of what has arrived; send the file again".into());
            return Err(wrong(Field::Digest, rule));
        }
        let arrived = self.finish_intake(intake).await?;
        let by = Depositor::from(member);
        let outcome = in_work!(self, tenant, by.actor, |work| {
            let now = live(work.upload(tenant, upload.id).await?, user, work.now())?;
            if now.received != upload.received {
                return Err(out_of_step());
            }
            work.delete_upload(tenant, upload.id).await?;
            self.insert_blob(&mut work, by.owner, &upload.name, &arrived)
                .await?
        });
        match outcome {
            Ok(blob) => {
                for piece in &pieces {
                    self.discard(&piece.content).await;
                }
                Ok(blob.id)
            }
            Err(error) => {
                self.discard(&arrived.name).await;
                Err(error)
            }
        }
    }

    /// How far an upload has come, with a token for going on.
    ///
    /// # Errors
    /// `Absent(Upload)`.
    pub async fn upload_status(&self, member: &Member, id: &str) -> Result<Progress> {
        let (tenant, user) = uploader(member)?;
        let upload = self.live_upload(tenant, user, id).await?;
        Ok(self.progress(tenant, upload.id, upload.received))
    }

    /// Gives an upload up.
    ///
    /// # Errors
    /// `Absent(Upload)`.
    pub async fn destroy_upload(&self, member: &Member, id: &str) -> Result<()> {
        let (tenant, user) = uploader(member)?;
        let upload = self.live_upload(tenant, user, id).await?;
        let pieces = in_work!(self, tenant, member.caller().actor(), |work| {
            let pieces = work.pieces(tenant, upload.id).await?;
            if !work.delete_upload(tenant, upload.id).await? {
                return Err(Error::Absent(Thing::Upload));
            }
            pieces
        })?;
        for piece in pieces {
            self.discard(&piece.content).await;
        }
        Ok(())
    }

    async fn copy(&self, piece: &Piece, intake: &mut Intake) -> Result<()> {
        let mut reader = self.inner.contents.read(&piece.content, 0..piece.size).await?;
        while let Some(bytes) = reader.next().await? {
            intake.push(bytes).await?;
        }
        Ok(())
    }

    async fn live_upload(&self, tenant: TenantId, user: UserId, id: &str) -> Result<Upload> {
        let id = UploadId::parse(id).ok_or(Error::Absent(Thing::Upload))?;
        live(self.store().upload(tenant, id).await?, user, self.now())
    }

    /// An upload, of which the token says that it has come as far as it has.
    async fn upload_at(
        &self,
        tenant: TenantId,
        user: UserId,
        id: &str,
        token: Option<&str>,
    ) -> Result<Upload> {
        let upload = self.live_upload(tenant, user, id).await?;
        let token = token.ok_or_else(|| wrong(Field::UploadToken, Rule::Required))?;
        let foreign = || {
            let rule = Rule::Other("is not of this upload; take the token of its last answer".into());
            wrong(Field::UploadToken, rule)
        };
        let (place, _) = token.split_once('-').ok_or_else(foreign)?;
        let place = u64::from_str_radix(place, 16).map_err(|_| foreign())?;
        let genuine = self.upload_token(tenant, upload.id, place);
        if !bool::from(genuine.as_bytes().ct_eq(token.as_bytes())) {
            return Err(foreign());
        }
        if place != upload.received {
            return Err(out_of_step());
        }
        Ok(upload)
    }

    fn progress(&self, tenant: TenantId, id: UploadId, received: u64) -> Progress {
        Progress {
            id,
            token: self.upload_token(tenant, id, received),
            received,
        }
    }

    /// The token of a place in an upload: the place, and a keyed digest of it that nobody else can make.
    fn upload_token(&self, tenant: TenantId, id: UploadId, place: u64) -> String {
        let digest = self.sealer().upload_code(tenant.get(), id.get(), place);
        format!("{place:x}-{}", hex::encode(digest))
    }
}

/// The upload, unless it is another's or its time is over.
fn live(upload: Option<Upload>, user: UserId, now: Timestamp) -> Result<Upload> {
    upload
        .filter(|upload| upload.uploader == user && upload.expires_at >= now)
        .ok_or(Error::Absent(Thing::Upload))
}

/// A SHA-256 in hexadecimal digits, with or without the name of the algorithm in front.
fn read_digest(text: &str) -> Result<[u8; 32]> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    let bytes = hex::decode(digits).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| wrong(Field::Digest, Rule::Form("a SHA-256 as 64 hexadecimal digits")))
}
