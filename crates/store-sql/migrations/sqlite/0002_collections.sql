-- Collections: phones, speed dials, holidays and the like, of a user or of the tenant itself (user 0). And whose record a
-- change in the journal is of, so that a follower of one person's collection does not read everybody's.
CREATE TABLE owned_records (
    tenant_id  BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    collection TEXT   NOT NULL,
    owner      BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    owner_user BIGINT,
    key        TEXT,
    created_at BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    document   TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, collection, owner, id),
    FOREIGN KEY (tenant_id, owner_user) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE UNIQUE INDEX owned_records_key ON owned_records (tenant_id, collection, owner, key) WHERE key IS NOT NULL;
-- A device exists once in the world.
CREATE UNIQUE INDEX owned_records_device ON owned_records (key) WHERE collection = 'phone';
CREATE INDEX owned_records_by_user ON owned_records (tenant_id, owner_user);

ALTER TABLE journal ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;
CREATE INDEX journal_by_collection ON journal (tenant_id, kind, owner, sequence);

INSERT INTO sequences (name, last) VALUES ('item', 99999);

-- What users have marked: contacts of the tenant, and each other. A record that goes takes its marks along by a statement
-- of its own, for records of two tables are meant.
CREATE TABLE favorites (
    tenant_id BIGINT NOT NULL,
    user_id   BIGINT NOT NULL,
    kind      TEXT   NOT NULL,
    record    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, kind, record),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX favorites_by_record ON favorites (tenant_id, kind, record);
