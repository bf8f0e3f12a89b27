-- What engines report: calls, recordings, messages, and the calls that are going on.
--
-- A report is stored once and does not change, so the tables of reports are their own journals: `..._entries` numbers the
-- reports of each user, and of the tenant as user 0, without gaps in the order of the tenant's commits. The same numbers are
-- the place in a list and the position of a follower. `at` is the moment that the report is about.

CREATE TABLE call_records (
    tenant_id           BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id                  BIGINT NOT NULL,
    external_id         TEXT NOT NULL,
    caller_user         BIGINT,
    callee_user         BIGINT,
    caller              TEXT NOT NULL,
    caller_domain       TEXT NOT NULL,
    caller_display_name TEXT NOT NULL,
    callee              TEXT NOT NULL,
    callee_domain       TEXT NOT NULL,
    callee_display_name TEXT NOT NULL,
    started_at          BIGINT NOT NULL,
    rang_at             BIGINT,
    answered_at         BIGINT,
    ended_at            BIGINT NOT NULL,
    call_id             TEXT NOT NULL,
    direction           TEXT NOT NULL,
    end_reason          TEXT NOT NULL,
    reroute_reason      TEXT NOT NULL,
    status_code         BIGINT NOT NULL,
    destination         TEXT NOT NULL,
    outbound_caller_id  TEXT NOT NULL,
    did_cid             TEXT NOT NULL,
    trunk               TEXT NOT NULL,
    service_number      TEXT NOT NULL,
    user_data           TEXT NOT NULL,
    cost                BIGINT NOT NULL,
    billed_account      TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    search_text         TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX call_records_external_id ON call_records (tenant_id, external_id);

CREATE TABLE call_record_entries (
    tenant_id BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    user_id   BIGINT NOT NULL,
    position  BIGINT NOT NULL,
    record    BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, position)
) WITHOUT ROWID;

CREATE TABLE recordings (
    tenant_id   BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id          BIGINT NOT NULL,
    external_id TEXT NOT NULL,
    caller_user BIGINT,
    callee_user BIGINT,
    call_id     TEXT NOT NULL,
    caller      TEXT NOT NULL,
    callee      TEXT NOT NULL,
    started_at  BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL,
    file_name   TEXT NOT NULL,
    file_key    TEXT,
    file_size   BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    search_text TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX recordings_external_id ON recordings (tenant_id, external_id);

CREATE TABLE recording_entries (
    tenant_id BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    user_id   BIGINT NOT NULL,
    position  BIGINT NOT NULL,
    record    BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, position)
) WITHOUT ROWID;

-- Recordings are the one kind of report that people remove: their numbers have gaps, and what goes is found by its id.
CREATE INDEX recording_entries_by_record ON recording_entries (tenant_id, record);

CREATE TABLE messages (
    tenant_id           BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id                  BIGINT NOT NULL,
    external_id         TEXT NOT NULL,
    owner               BIGINT,
    config_id           TEXT NOT NULL,
    sender              TEXT NOT NULL,
    sender_name         TEXT NOT NULL,
    receiver            TEXT NOT NULL,
    receiver_name       TEXT NOT NULL,
    channel_name        TEXT NOT NULL,
    channel_number      TEXT NOT NULL,
    brand               TEXT NOT NULL,
    did                 TEXT NOT NULL,
    kind                TEXT NOT NULL,
    direction           TEXT NOT NULL,
    content             TEXT NOT NULL,
    reason              TEXT NOT NULL,
    delivery            TEXT NOT NULL,
    provider_message_id TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    search_text         TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX messages_external_id ON messages (tenant_id, external_id);

CREATE TABLE message_entries (
    tenant_id BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    user_id   BIGINT NOT NULL,
    position  BIGINT NOT NULL,
    record    BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, position)
) WITHOUT ROWID;

CREATE TABLE chat_messages (
    tenant_id     BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    id            BIGINT NOT NULL,
    external_id   TEXT NOT NULL,
    sender_user   BIGINT,
    receiver_user BIGINT,
    conversation  TEXT NOT NULL,
    sender        TEXT NOT NULL,
    receiver      TEXT NOT NULL,
    content       TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    search_text   TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX chat_messages_external_id ON chat_messages (tenant_id, external_id);

CREATE TABLE chat_message_entries (
    tenant_id BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    user_id   BIGINT NOT NULL,
    position  BIGINT NOT NULL,
    record    BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, position)
) WITHOUT ROWID;

-- The present state of each call, by the engine's own id.
CREATE TABLE live_calls (
    tenant_id           BIGINT NOT NULL REFERENCES journal_heads (tenant_id) ON DELETE CASCADE,
    external_id         TEXT NOT NULL,
    id                  BIGINT NOT NULL,
    caller_user         BIGINT,
    callee_user         BIGINT,
    state               TEXT NOT NULL,
    direction           TEXT NOT NULL,
    caller              TEXT NOT NULL,
    caller_display_name TEXT NOT NULL,
    callee              TEXT NOT NULL,
    callee_display_name TEXT NOT NULL,
    destination         TEXT NOT NULL,
    trunk               TEXT NOT NULL,
    started_at          BIGINT NOT NULL,
    answered_at         BIGINT,
    updated_at          BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, external_id)
);

CREATE INDEX live_calls_by_caller ON live_calls (tenant_id, caller_user);
CREATE INDEX live_calls_by_callee ON live_calls (tenant_id, callee_user);
CREATE INDEX live_calls_by_age ON live_calls (tenant_id, updated_at);

INSERT INTO sequences (name, last) VALUES
    ('call_record', 99999), ('recording', 99999), ('message', 99999), ('chat_message', 99999), ('live_call', 99999);
