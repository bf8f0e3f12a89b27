-- What people ask of calls over the API, for whichever process carries them. Finished ones are kept for an hour.
CREATE TABLE call_orders (
    tenant_id  BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id         BIGINT NOT NULL,
    deed       TEXT COLLATE "C" NOT NULL,
    call       TEXT COLLATE "C" NOT NULL,
    number     TEXT COLLATE "C" NOT NULL,
    target     TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    edge       TEXT COLLATE "C" NOT NULL,
    outcome    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- Each telephone, or number outside, that a call was for.
CREATE TABLE call_legs (
    tenant_id   BIGINT NOT NULL,
    record_id   BIGINT NOT NULL,
    place       BIGINT NOT NULL,
    number      TEXT COLLATE "C" NOT NULL,
    device      TEXT COLLATE "C" NOT NULL,
    trunk       TEXT COLLATE "C" NOT NULL,
    path        TEXT COLLATE "C" NOT NULL,
    because     TEXT COLLATE "C" NOT NULL,
    started_at  BIGINT NOT NULL,
    rang_at     BIGINT,
    answered_at BIGINT,
    ended_at    BIGINT NOT NULL,
    result      TEXT COLLATE "C" NOT NULL,
    status_code BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, record_id, place),
    FOREIGN KEY (tenant_id, record_id) REFERENCES call_records (tenant_id, id) ON DELETE CASCADE
);
