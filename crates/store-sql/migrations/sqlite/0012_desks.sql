-- Keys that an account owns, with what they allow: words with spaces between them.
ALTER TABLE api_keys ADD COLUMN user_id BIGINT;
ALTER TABLE api_keys ADD COLUMN permissions TEXT NOT NULL DEFAULT '';

-- What a user says of himself may be locked.
ALTER TABLE user_presence ADD COLUMN locked BOOLEAN NOT NULL DEFAULT FALSE;

-- The settings of each user's desk: one document.
CREATE TABLE desks (
    tenant_id BIGINT NOT NULL,
    user_id   BIGINT NOT NULL,
    settings  TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- Who is kept for a call that is about to reach him. At most one row a user, so none has to be cleared away.
CREATE TABLE reservations (
    tenant_id BIGINT NOT NULL,
    user_id   BIGINT NOT NULL,
    channel   BIGINT,
    ends_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
