-- What people ask of calls over the API, for whichever process carries them. Finished ones are kept for an hour.
CREATE TABLE call_orders (
    tenant_id  BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id         BIGINT NOT NULL,
    deed       TEXT   NOT NULL,
    call       TEXT   NOT NULL,
    number     TEXT   NOT NULL,
    target     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    edge       TEXT   NOT NULL,
    outcome    TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- Each telephone, or number outside, that a call was for.
CREATE TABLE call_legs (
    tenant_id   BIGINT NOT NULL,
    record_id   BIGINT NOT NULL,
    place       BIGINT NOT NULL,
    number      TEXT   NOT NULL,
    device      TEXT   NOT NULL,
    trunk       TEXT   NOT NULL,
    path        TEXT   NOT NULL,
    because     TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    rang_at     BIGINT,
    answered_at BIGINT,
    ended_at    BIGINT NOT NULL,
    result      TEXT   NOT NULL,
    status_code BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, record_id, place),
    FOREIGN KEY (tenant_id, record_id) REFERENCES call_records (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
