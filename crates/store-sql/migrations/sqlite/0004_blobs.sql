-- Files and uploads. Contents lie elsewhere, under the name in `content`; a content that no row names is removed.
CREATE TABLE blobs (
    tenant_id  BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id         BIGINT NOT NULL,
    key        TEXT NOT NULL,
    owner      BIGINT,
    name       TEXT   NOT NULL,
    size       BIGINT NOT NULL,
    digest     BLOB NOT NULL,
    media_type TEXT,
    content    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Since when nothing refers to it, as far as is known; none while something does.
    idle_since BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- A key does not say whose it is. Two files with the same key would be one address of two.
CREATE UNIQUE INDEX blobs_key ON blobs (key);
CREATE INDEX blobs_content ON blobs (content);
CREATE INDEX blobs_idle ON blobs (idle_since) WHERE idle_since IS NOT NULL;

-- What refers to a file: greetings, recordings. A use of a user's record goes with him.
CREATE TABLE blob_uses (
    tenant_id  BIGINT NOT NULL,
    blob_id    BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    record     BIGINT NOT NULL,
    owner_user BIGINT,
    PRIMARY KEY (tenant_id, blob_id, kind, record),
    FOREIGN KEY (tenant_id, blob_id) REFERENCES blobs (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, owner_user) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX blob_uses_by_record ON blob_uses (tenant_id, kind, record);
CREATE INDEX blob_uses_by_user ON blob_uses (tenant_id, owner_user);

CREATE TABLE uploads (
    tenant_id  BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id         TEXT NOT NULL,
    uploader   BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    received   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX uploads_by_uploader ON uploads (tenant_id, uploader);
CREATE INDEX uploads_by_end ON uploads (expires_at);

-- What has arrived of an upload. A place can be taken once, so two senders cannot mix their pieces.
CREATE TABLE upload_pieces (
    tenant_id BIGINT NOT NULL,
    upload    TEXT NOT NULL,
    start     BIGINT NOT NULL,
    size      BIGINT NOT NULL,
    content   TEXT NOT NULL,
    PRIMARY KEY (tenant_id, upload, start),
    FOREIGN KEY (tenant_id, upload) REFERENCES uploads (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX upload_pieces_content ON upload_pieces (content);

INSERT INTO sequences (name, last) VALUES ('blob', 99999);
