-- Users who may use an extension of somebody else, and what is noted about a user beside an extension. Whoever has one of his
-- own needs no row.
CREATE TABLE extension_accesses (
    tenant_id      BIGINT NOT NULL,
    user_id        BIGINT NOT NULL,
    extension_id   BIGINT NOT NULL,
    level          TEXT   NOT NULL,
    comment        TEXT   NOT NULL,
    custom_options TEXT   NOT NULL,
    timezone       TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, extension_id) REFERENCES extensions (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX extension_accesses_by_extension ON extension_accesses (tenant_id, extension_id);

-- Everybody who may use an extension.
CREATE VIEW extension_members AS
SELECT u.tenant_id AS tenant_id, u.id AS id, u.name AS name, u.email AS email, u.display_name AS display_name,
       u.enabled AS enabled, u.name_folded AS name_folded, u.email_folded AS email_folded,
       COALESCE(a.extension_id, u.extension_id) AS extension_id, COALESCE(a.level, 'full') AS level,
       COALESCE(a.comment, '') AS comment, COALESCE(a.custom_options, '') AS custom_options,
       COALESCE(a.timezone, '') AS timezone
FROM users u LEFT JOIN extension_accesses a ON a.tenant_id = u.tenant_id AND a.user_id = u.id
WHERE u.extension_id IS NOT NULL OR a.extension_id IS NOT NULL;

-- Extensions with whom they were made with.
CREATE VIEW extension_owners AS
SELECT e.tenant_id AS tenant_id, e.id AS id, e.number AS number, u.id AS owner, u.display_name AS display_name,
       u.enabled AS enabled, u.created_at AS created_at
FROM extensions e JOIN users u ON u.tenant_id = e.tenant_id AND u.extension_number = e.number;

-- Programs of others that act for users. The text of a secret is nowhere. The addresses stand on a line each.
CREATE TABLE applications (
    tenant_id     BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id            BIGINT NOT NULL,
    client_id     TEXT   NOT NULL,
    secret_hash   BLOB   NOT NULL,
    name          TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    access        TEXT   NOT NULL,
    owner         BIGINT NOT NULL,
    redirect_uris TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, owner) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

-- It says nothing of its tenant.
CREATE UNIQUE INDEX applications_client_id ON applications (client_id);
CREATE INDEX applications_by_owner ON applications (tenant_id, owner);

-- What users allowed them. Tokens end with the authorization that they came from.
CREATE TABLE authorizations (
    tenant_id      BIGINT NOT NULL,
    id             BIGINT NOT NULL,
    application_id BIGINT NOT NULL,
    user_id        BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    redirect_uri   TEXT,
    challenge      BLOB,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX authorizations_by_application ON authorizations (tenant_id, application_id);
CREATE INDEX authorizations_by_user ON authorizations (tenant_id, user_id);
CREATE INDEX authorizations_by_end ON authorizations (tenant_id, expires_at);

CREATE TABLE authorization_tokens (
    tenant_id        BIGINT NOT NULL,
    hash             BLOB   NOT NULL,
    authorization_id BIGINT NOT NULL,
    kind             TEXT   NOT NULL,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    used_at          BIGINT,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id, authorization_id) REFERENCES authorizations (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE UNIQUE INDEX authorization_tokens_hash ON authorization_tokens (hash);
CREATE INDEX authorization_tokens_by_authorization ON authorization_tokens (tenant_id, authorization_id);
CREATE INDEX authorization_tokens_by_end ON authorization_tokens (tenant_id, expires_at);

INSERT INTO sequences (name, last) VALUES ('application', 99999), ('authorization', 99999);
