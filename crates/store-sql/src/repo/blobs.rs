//! Files and uploads.

use std::sync::LazyLock;

use async_trait::async_trait;
use jackfield_domain::{
    Blob, BlobId, BlobKey, Kind, MediaType, TenantId, Timestamp, Upload, UploadId, UserId,
};
use jackfield_store::{BlobReads, BlobUse, BlobWrites, Piece, Result, StoredBlob};

use super::{exists, id_chunks, id_places, word};
use crate::db::{Error, Param, Row, Sql, SqlWrite};
use crate::store::{Records, SqlTransaction};

macro_rules! select_blobs {
    ($rest:literal) => {
        concat!(
            "SELECT tenant_id, id, key, owner, name, size, digest, media_type, created_at, content FROM blobs WHERE ",
            $rest
        )
    };
}

/// How many names of contents one statement asks for.
const NAMES: usize = 100;

/// A number of bytes as a column holds it. No file has so many that it would not fit.
fn column(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn bytes(row: &Row<'_>, index: usize) -> std::result::Result<u64, Error> {
    let number: i64 = row.get(index)?;
    u64::try_from(number).map_err(|_| Error::corrupt("a number of bytes is negative"))
}

fn upload_id(text: &str) -> std::result::Result<UploadId, Error> {
    UploadId::parse(text).ok_or_else(|| Error::corrupt("the id of an upload is none"))
}

fn blob(row: &Row<'_>) -> std::result::Result<Blob, Error> {
    let digest: Vec<u8> = row.get(6)?;
    let media: Option<String> = row.get(7)?;
    Ok(Blob {
        tenant: TenantId::new(row.get(0)?),
        id: BlobId::new(row.get(1)?),
        key: BlobKey::parse(row.text(2)?).ok_or_else(|| Error::corrupt("the key of a file is none"))?,
        owner: row.get::<Option<i64>>(3)?.map(UserId::new),
        name: row.get(4)?,
        size: bytes(row, 5)?,
        digest: digest
            .try_into()
            .map_err(|_| Error::corrupt("a digest has not 32 bytes"))?,
        media_type: match media {
            Some(media) => Some(word(MediaType::from_word(&media), "type of a file")?),
            None => None,
        },
        created_at: Timestamp::from_micros(row.get(8)?),
    })
}

fn stored(row: &Row<'_>) -> std::result::Result<StoredBlob, Error> {
    Ok(StoredBlob {
        blob: blob(row)?,
        content: row.get(9)?,
    })
}

static AMONG: LazyLock<String> =
    LazyLock::new(|| format!(select_blobs!("tenant_id = $1 AND id IN ({})"), id_places(2)));

static CONTENTS: LazyLock<String> = LazyLock::new(|| {
    let places = id_places(1);
    format!(
        "SELECT content FROM blobs WHERE content IN ({places}) \
         UNION ALL SELECT content FROM upload_pieces WHERE content IN ({places})"
    )
});

#[async_trait]
impl<S: Sql, X: Send + Sync> BlobReads for Records<S, X> {
    async fn upload(&self, tenant: TenantId, id: UploadId) -> Result<Option<Upload>> {
        let sql = "SELECT uploader, name, received, expires_at FROM uploads WHERE tenant_id = $1 AND id = $2";
        let upload = |row: &Row<'_>| {
            Ok(Upload {
                tenant,
                id,
                uploader: UserId::new(row.get(0)?),
                name: row.get(1)?,
                received: bytes(row, 2)?,
                expires_at: Timestamp::from_micros(row.get(3)?),
            })
        };
        Ok(self
            .sql
            .one(sql, &[&tenant.get(), &id.to_string()], upload)
            .await?)
    }

    async fn pieces(&self, tenant: TenantId, upload: UploadId) -> Result<Vec<Piece>> {
        let sql = "SELECT start, size, content FROM upload_pieces WHERE tenant_id = $1 AND upload = $2 ORDER BY start";
        let piece = |row: &Row<'_>| {
            Ok(Piece {
                start: bytes(row, 0)?,
                size: bytes(row, 1)?,
                content: row.get(2)?,
            })
        };
        Ok(self
            .sql
            .all(sql, &[&tenant.get(), &upload.to_string()], piece)
            .await?)
    }

    async fn count_uploads(&self, tenant: TenantId, uploader: UserId) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM uploads WHERE tenant_id = $1 AND uploader = $2";
        let count = self
            .sql
            .one(sql, &[&tenant.get(), &uploader.get()], |row| row.get(0))
            .await?;
        Ok(count.unwrap_or(0))
    }

    async fn blob(&self, tenant: TenantId, id: BlobId) -> Result<Option<StoredBlob>> {
        let sql = select_blobs!("tenant_id = $1 AND id = $2");
        Ok(self.sql.one(sql, &[&tenant.get(), &id.get()], stored).await?)
    }

    async fn blobs_among(&self, tenant: TenantId, ids: &[i64]) -> Result<Vec<Blob>> {
        let tenant = tenant.get();
        let mut found = Vec::with_capacity(ids.len());
        for places in id_chunks(ids) {
            let mut values: Vec<&dyn Param> = vec![&tenant];
            values.extend(places.iter().map(|id| id as &dyn Param));
            found.extend(self.sql.all(AMONG.as_str(), &values, blob).await?);
        }
        found.sort_unstable_by_key(|blob: &Blob| blob.id);
        Ok(found)
    }

    async fn blob_by_key(&self, key: &BlobKey) -> Result<Option<StoredBlob>> {
        let sql = select_blobs!("key = $1");
        Ok(self.sql.one(sql, &[&key.as_str()], stored).await?)
    }

    async fn contents_among(&self, names: &[String]) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for names in names.chunks(NAMES) {
            // Always the same number of places, so that one prepared statement serves; no content has an empty name.
            let mut places = [""; NAMES];
            for (place, name) in places.iter_mut().zip(names) {
                *place = name;
            }
            let values: Vec<&dyn Param> = places.iter().map(|name| name as &dyn Param).collect();
            found.extend(self.sql.all(CONTENTS.as_str(), &values, |row| row.get(0)).await?);
        }
        Ok(found)
    }

    async fn expired_uploads(&self, now: Timestamp, limit: i64) -> Result<Vec<(TenantId, UploadId)>> {
        let sql = "SELECT tenant_id, id FROM uploads WHERE expires_at < $1 ORDER BY expires_at LIMIT $2";
        let pair = |row: &Row<'_>| Ok((TenantId::new(row.get(0)?), upload_id(row.text(1)?)?));
        Ok(self.sql.all(sql, &[&now.as_micros(), &limit], pair).await?)
    }

    async fn idle_blobs(&self, moment: Timestamp, limit: i64) -> Result<Vec<(TenantId, BlobId)>> {
        let sql = "SELECT tenant_id, id FROM blobs WHERE idle_since < $1 AND NOT EXISTS (SELECT 1 FROM blob_uses \
                   WHERE blob_uses.tenant_id = blobs.tenant_id AND blob_uses.blob_id = blobs.id) \
                   ORDER BY idle_since LIMIT $2";
        let pair = |row: &Row<'_>| Ok((TenantId::new(row.get(0)?), BlobId::new(row.get(1)?)));
        Ok(self.sql.all(sql, &[&moment.as_micros(), &limit], pair).await?)
    }
}

#[async_trait]
impl BlobWrites for SqlTransaction {
    async fn insert_upload(&mut self, upload: &Upload) -> Result<()> {
        self.sql
            .exec(
                "INSERT INTO uploads (tenant_id, id, uploader, name, received, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
                &[
                    &upload.tenant.get(),
                    &upload.id.to_string(),
                    &upload.uploader.get(),
                    &upload.name,
                    &column(upload.received),
                    &upload.expires_at.as_micros(),
                ],
            )
            .await?;
        Ok(())
    }

    async fn insert_piece(&mut self, upload: &Upload, piece: &Piece) -> Result<()> {
        let (tenant, id) = (upload.tenant.get(), upload.id.to_string());
        let sql = "UPDATE uploads SET received = $3, expires_at = $4 WHERE tenant_id = $1 AND id = $2";
        let params: [&dyn Param; 4] = [
            &tenant,
            &id,
            &column(upload.received),
            &upload.expires_at.as_micros(),
        ];
        exists(self.sql.exec(sql, &params).await?)?;
        let sql =
            "INSERT INTO upload_pieces (tenant_id, upload, start, size, content) VALUES ($1, $2, $3, $4, $5)";
        let params: [&dyn Param; 5] = [
            &tenant,
            &id,
            &column(piece.start),
            &column(piece.size),
            &piece.content,
        ];
        self.sql.exec(sql, &params).await?;
        Ok(())
    }

    async fn delete_upload(&mut self, tenant: TenantId, id: UploadId) -> Result<bool> {
        let sql = "DELETE FROM uploads WHERE tenant_id = $1 AND id = $2";
        Ok(self.sql.exec(sql, &[&tenant.get(), &id.to_string()]).await? > 0)
    }

    async fn insert_blob(&mut self, stored: &StoredBlob) -> Result<()> {
        let blob = &stored.blob;
        self.sql
            .exec(
                "INSERT INTO blobs (tenant_id, id, key, owner, name, size, digest, media_type, content, created_at, \
                 idle_since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                &[
                    &blob.tenant.get(),
                    &blob.id.get(),
                    &blob.key.as_str(),
                    &blob.owner.map(UserId::get),
                    &blob.name,
                    &column(blob.size),
                    &blob.digest.as_slice(),
                    &blob.media_type.map(MediaType::word),
                    &stored.content,
                    &blob.created_at.as_micros(),
                    &blob.created_at.as_micros(),
                ],
            )
            .await?;
        Ok(())
    }

    async fn delete_idle_blob(&mut self, tenant: TenantId, id: BlobId) -> Result<bool> {
        let sql = "DELETE FROM blobs WHERE tenant_id = $1 AND id = $2 AND NOT EXISTS (SELECT 1 FROM blob_uses \
                   WHERE blob_uses.tenant_id = $1 AND blob_uses.blob_id = $2)";
        Ok(self.sql.exec(sql, &[&tenant.get(), &id.get()]).await? > 0)
    }

    async fn use_blob(&mut self, tenant: TenantId, id: BlobId, by: BlobUse) -> Result<()> {
        let sql = "INSERT INTO blob_uses (tenant_id, blob_id, kind, record, owner_user) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT DO NOTHING";
        let owner = by.owner.map(UserId::get);
        let (tenant, id) = (tenant.get(), id.get());
        let params: [&dyn Param; 5] = [&tenant, &id, &by.kind.word(), &by.record, &owner];
        self.sql.exec(sql, &params).await?;
        let sql = "UPDATE blobs SET idle_since = NULL WHERE tenant_id = $1 AND id = $2";
        exists(self.sql.exec(sql, &[&tenant, &id]).await?)
    }

    async fn release_blobs(
        &mut self,
        tenant: TenantId,
        kind: Kind,
        record: i64,
        now: Timestamp,
    ) -> Result<()> {
        let (tenant, kind, now) = (tenant.get(), kind.word(), now.as_micros());
        let sql = "UPDATE blobs SET idle_since = $4 WHERE tenant_id = $1 AND id IN \
                   (SELECT blob_id FROM blob_uses WHERE tenant_id = $1 AND kind = $2 AND record = $3)";
        self.sql.exec(sql, &[&tenant, &kind, &record, &now]).await?;
        let sql = "DELETE FROM blob_uses WHERE tenant_id = $1 AND kind = $2 AND record = $3";
        self.sql.exec(sql, &[&tenant, &kind, &record]).await?;
        Ok(())
    }

    async fn release_blobs_of_user(&mut self, tenant: TenantId, user: UserId, now: Timestamp) -> Result<()> {
        let (tenant, user, now) = (tenant.get(), user.get(), now.as_micros());
        let sql = "UPDATE blobs SET idle_since = $3 WHERE tenant_id = $1 AND id IN \
                   (SELECT blob_id FROM blob_uses WHERE tenant_id = $1 AND owner_user = $2)";
        self.sql.exec(sql, &[&tenant, &user, &now]).await?;
        let sql = "DELETE FROM blob_uses WHERE tenant_id = $1 AND owner_user = $2";
        self.sql.exec(sql, &[&tenant, &user]).await?;
        Ok(())
    }
}
