//! Pictures of users.

use jackfield_domain::{Avatar, BlobId, Error, Field, Kind, MediaType, Owner, Result, Rule, User, Violation};
use jackfield_store::BlobUse;

use crate::{Directory, work::Work};

impl Directory {
    /// Gives a user another picture, or takes his away. Tells whether anything changed; storing him is left to the caller.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a file that the caller has not put there, and for one that is no picture.
    pub(crate) async fn change_avatar(
        &self,
        work: &mut Work,
        owner: &Owner,
        user: &mut User,
        file: Option<BlobId>,
    ) -> Result<bool> {
        if user.avatar.as_ref().map(|avatar| avatar.file) == file {
            return Ok(false);
        }
        let (kind, record) = (Kind::User, user.id.get());
        let avatar = match file {
            Some(file) => Some(self.picture(owner, user, file).await?),
            None => None,
        };
        let now = work.now();
        work.release_blobs(user.tenant, kind, record, now).await?;
        if let Some(avatar) = &avatar {
            let by = BlobUse {
                kind,
                record,
                owner: Some(user.id),
            };
            work.use_blob_for(avatar.file, Field::AvatarFile, by).await?;
        }
        user.avatar = avatar;
        Ok(true)
    }

    /// A file that may be a picture of a user.
    async fn picture(&self, owner: &Owner, user: &User, file: BlobId) -> Result<Avatar> {
        let blob = self
            .referred_blob(user.tenant, owner.caller(), file, Field::AvatarFile)
            .await?
            .blob;
        if !blob.media_type.is_some_and(MediaType::is_image) {
            let rule = Rule::Form("the id of a picture (PNG, JPEG, GIF or WebP)");
            return Err(Error::invalid(Violation::new(Field::AvatarFile, rule)));
        }
        Ok(Avatar {
            file,
            key: blob.key,
            name: blob.name,
            size: i64::try_from(blob.size).unwrap_or(i64::MAX),
        })
    }
}
