-- SIP devices that are bound, and what users say of themselves. Registrations are renewed every few minutes, so no index
-- holds a value that a renewal changes; those that ended are found by reading the table, which is rare and short.
CREATE TABLE registrations (
    tenant_id       BIGINT  NOT NULL,
    user_id         BIGINT  NOT NULL,
    instance_id     TEXT NOT NULL,
    user_agent      TEXT    NOT NULL,
    application     TEXT    NOT NULL,
    ip              TEXT    NOT NULL,
    enable_push     BOOLEAN NOT NULL,
    contact_address TEXT    NOT NULL,
    expires_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    PRIMARY KEY (tenant_id, user_id, instance_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE user_presence (
    tenant_id  BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    presence   TEXT   NOT NULL,
    note       TEXT   NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
