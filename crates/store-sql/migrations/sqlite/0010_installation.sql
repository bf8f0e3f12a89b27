-- The installation itself, in one row: a value that only the right master key opens.
CREATE TABLE installation (
    tenant_id        BIGINT NOT NULL PRIMARY KEY CHECK (tenant_id = 0),
    master_key_proof BLOB NOT NULL
);
