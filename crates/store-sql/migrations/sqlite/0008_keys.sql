-- Keys by which programs are known. The text of a key is nowhere; its SHA-256 finds it.
CREATE TABLE api_keys (
    tenant_id  BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id         BIGINT NOT NULL,
    purpose    TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    hash       BLOB   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- A key says nothing of its tenant.
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);

INSERT INTO sequences (name, last) VALUES ('api_key', 99999);
