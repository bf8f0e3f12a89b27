-- Keys by which programs are known. The text of a key is nowhere; its SHA-256 finds it.
CREATE TABLE api_keys (
    tenant_id  BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id         BIGINT NOT NULL,
    purpose    TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    hash       BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- A key says nothing of its tenant.
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);

CREATE SEQUENCE api_key_ids START 100000;
