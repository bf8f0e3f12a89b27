-- Call queues and ring groups with their people, trunks to providers, and which records refer to which trunk.
CREATE TABLE teams (
    tenant_id        BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    kind             TEXT   NOT NULL,
    id               BIGINT NOT NULL,
    name             TEXT   NOT NULL,
    extension_number TEXT   NOT NULL,
    ring_time        BIGINT NOT NULL,
    strategy         TEXT   NOT NULL,
    created_at       BIGINT NOT NULL,
    version          BIGINT NOT NULL,
    search_text      TEXT   NOT NULL,
    settings         TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, kind, id),
    FOREIGN KEY (tenant_id, extension_number) REFERENCES numbers (tenant_id, number) ON DELETE CASCADE
);

CREATE INDEX teams_by_number ON teams (tenant_id, extension_number);

-- What is listed: the teams of one kind.
CREATE VIEW call_queues AS
    SELECT tenant_id, kind, id, name, extension_number, ring_time, strategy, created_at, version, search_text, settings
    FROM teams WHERE kind = 'call_queue';

CREATE VIEW ring_groups AS
    SELECT tenant_id, kind, id, name, extension_number, ring_time, strategy, created_at, version, search_text, settings
    FROM teams WHERE kind = 'ring_group';

CREATE TABLE agents (
    tenant_id   BIGINT NOT NULL,
    team_kind   TEXT   NOT NULL,
    team_id     BIGINT NOT NULL,
    user_id     BIGINT NOT NULL,
    position    BIGINT NOT NULL,
    skill_level BIGINT NOT NULL,
    status      TEXT   NOT NULL,
    since       BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, team_kind, team_id, user_id),
    FOREIGN KEY (tenant_id, team_kind, team_id) REFERENCES teams (tenant_id, kind, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX agents_by_user ON agents (tenant_id, user_id);

CREATE TABLE providers (
    tenant_id       BIGINT  NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id              BIGINT  NOT NULL,
    name            TEXT    NOT NULL,
    enabled         BOOLEAN NOT NULL,
    brand           TEXT    NOT NULL,
    hostname        TEXT    NOT NULL,
    port            BIGINT  NOT NULL,
    did_numbers     TEXT    NOT NULL,
    auth_mode       TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL,
    version         BIGINT  NOT NULL,
    search_text     TEXT    NOT NULL,
    sealed_password BLOB    NOT NULL,
    settings        TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- A record that goes takes its references along by a statement of its own, for records of several tables are meant.
CREATE TABLE provider_users (
    tenant_id   BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    provider_id BIGINT NOT NULL,
    kind        TEXT   NOT NULL,
    record      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, provider_id, kind, record),
    FOREIGN KEY (tenant_id, provider_id) REFERENCES providers (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX provider_users_by_record ON provider_users (tenant_id, kind, record);

INSERT INTO sequences (name, last) VALUES ('call_queue', 99999), ('ring_group', 99999), ('provider', 99999);
