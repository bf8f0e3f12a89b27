-- Tenants, users, roles, groups, sessions and the journal.
--
-- Every primary key begins with the tenant, so that each tenant's rows lie together here, and so that the same schema can
-- be distributed by that column on an engine that does so. Moments are microseconds since 1970 in UTC. `…_folded` and
-- `search_text` are written by the repositories: the engines do not agree on what lower case is. COLLATE "C" compares and
-- orders text by its bytes, as SQLite does.

-- One row for each tenant, and one (0) for the installation itself: the number of the journal's last entry. Each change
-- of a tenant writes it, so it is also what orders concurrent changes, where the tenant's records are counted, and the
-- anchor of all its rows: they go when it goes.
CREATE TABLE journal_heads (
    tenant_id  BIGINT NOT NULL PRIMARY KEY,
    sequence   BIGINT NOT NULL DEFAULT 0,
    users      BIGINT NOT NULL DEFAULT 0,
    extensions BIGINT NOT NULL DEFAULT 0
);

INSERT INTO journal_heads (tenant_id) VALUES (0);

-- The change log. `record` is the id of a record that may be gone.
CREATE TABLE journal (
    tenant_id    BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    sequence     BIGINT NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    record       BIGINT NOT NULL,
    change       TEXT COLLATE "C" NOT NULL,
    actor_tenant BIGINT NOT NULL,
    actor_user   BIGINT,
    at           BIGINT NOT NULL,
    detail       TEXT,
    PRIMARY KEY (tenant_id, sequence)
);

-- A tenant's own id is its place in every other key. The installation itself is no tenant and has no row.
CREATE TABLE tenants (
    id                   BIGINT  NOT NULL PRIMARY KEY REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    name                 TEXT COLLATE "C" NOT NULL,
    domain               TEXT COLLATE "C" NOT NULL,
    enabled              BOOLEAN NOT NULL,
    website              TEXT COLLATE "C" NOT NULL,
    timezone             TEXT COLLATE "C" NOT NULL,
    currency             TEXT COLLATE "C" NOT NULL,
    region               TEXT COLLATE "C" NOT NULL,
    max_extensions       BIGINT  NOT NULL,
    max_concurrent_calls BIGINT  NOT NULL,
    created_at           BIGINT  NOT NULL,
    version              BIGINT  NOT NULL,
    search_text          TEXT COLLATE "C" NOT NULL,
    password_policy      TEXT NOT NULL,
    settings             TEXT NOT NULL
);

CREATE UNIQUE INDEX tenants_domain ON tenants (domain);

-- Everything that can be dialled in a tenant, whatever it is.
CREATE TABLE numbers (
    tenant_id BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    number    TEXT COLLATE "C" NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, number)
);

CREATE TABLE extensions (
    tenant_id       BIGINT NOT NULL,
    id              BIGINT NOT NULL,
    number          TEXT COLLATE "C" NOT NULL,
    ha1_md5         BYTEA  NOT NULL,
    ha1_sha256      BYTEA  NOT NULL,
    sealed_password BYTEA  NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, number) REFERENCES numbers (tenant_id, number) ON DELETE CASCADE
);

CREATE UNIQUE INDEX extensions_number ON extensions (tenant_id, number);

-- The number of the extension is repeated here because lists show it and neither ever changes.
CREATE TABLE users (
    tenant_id            BIGINT  NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id                   BIGINT  NOT NULL,
    name                 TEXT COLLATE "C" NOT NULL,
    email                TEXT COLLATE "C" NOT NULL,
    display_name         TEXT COLLATE "C" NOT NULL,
    enabled              BOOLEAN NOT NULL,
    role                 TEXT COLLATE "C" NOT NULL,
    mobile_phone         TEXT COLLATE "C" NOT NULL,
    work_phone           TEXT COLLATE "C" NOT NULL,
    home_phone           TEXT COLLATE "C" NOT NULL,
    address              TEXT COLLATE "C" NOT NULL,
    department           TEXT COLLATE "C" NOT NULL,
    extension_number     TEXT COLLATE "C",
    external_identity    TEXT COLLATE "C",
    created_at           BIGINT  NOT NULL,
    extension_id         BIGINT,
    dnd                  BOOLEAN NOT NULL,
    acb                  BOOLEAN NOT NULL,
    balance              BIGINT  NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    updated_at           BIGINT  NOT NULL,
    version              BIGINT  NOT NULL,
    name_folded          TEXT COLLATE "C" NOT NULL,
    email_folded         TEXT COLLATE "C" NOT NULL,
    search_text          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, extension_number) REFERENCES extensions (tenant_id, number)
);

CREATE UNIQUE INDEX users_name ON users (tenant_id, name_folded);
CREATE UNIQUE INDEX users_email ON users (tenant_id, email_folded) WHERE email_folded <> '';
CREATE UNIQUE INDEX users_extension ON users (tenant_id, extension_number);
-- The order of lists, in which case counts.
CREATE INDEX users_by_name ON users (tenant_id, name, id);
CREATE INDEX users_by_role ON users (tenant_id, role, enabled);

-- What no list shows and nothing is found by, apart, so that a list or a search need not read past it.
CREATE TABLE user_details (
    tenant_id     BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    profile       TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    sealed_pin    BYTEA  NOT NULL,
    settings      TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

-- Custom roles. Users name their role, because built-in roles have no row.
CREATE TABLE roles (
    tenant_id   BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id          BIGINT NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    permissions BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX roles_name ON roles (tenant_id, name_folded);

CREATE TABLE user_groups (
    tenant_id           BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id                  BIGINT NOT NULL,
    name                TEXT COLLATE "C" NOT NULL,
    description         TEXT COLLATE "C" NOT NULL,
    created_at          BIGINT NOT NULL,
    version             BIGINT NOT NULL,
    name_folded         TEXT COLLATE "C" NOT NULL,
    search_text         TEXT COLLATE "C" NOT NULL,
    outbound_caller_ids TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX user_groups_name ON user_groups (tenant_id, name_folded);

CREATE TABLE group_members (
    tenant_id BIGINT NOT NULL,
    group_id  BIGINT NOT NULL,
    user_id   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, group_id, user_id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES user_groups (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX group_members_by_user ON group_members (tenant_id, user_id);

CREATE TABLE sessions (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    acting_in  BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    code_hash  BYTEA,
    code_tries BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id);
CREATE INDEX sessions_by_end ON sessions (tenant_id, expires_at);

CREATE TABLE tokens (
    tenant_id  BIGINT NOT NULL,
    hash       BYTEA  NOT NULL,
    session_id BIGINT NOT NULL,
    purpose    TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
);

-- A token does not say whose it is. Two with the same hash would be one token handed out twice.
CREATE UNIQUE INDEX tokens_hash ON tokens (hash);
CREATE INDEX tokens_by_session ON tokens (tenant_id, session_id);
CREATE INDEX tokens_by_end ON tokens (tenant_id, expires_at);

-- Ids come of real sequences, so that making records in one tenant never waits for another.
CREATE SEQUENCE tenant_ids START 100000;
CREATE SEQUENCE user_ids START 100000;
CREATE SEQUENCE extension_ids START 100000;
CREATE SEQUENCE role_ids START 100000;
CREATE SEQUENCE group_ids START 100000;
CREATE SEQUENCE session_ids START 100000;
