-- Meetings, who has to do with them, and what goes on in them.
CREATE TABLE meetings (
    tenant_id          BIGINT NOT NULL,
    id                 BIGINT NOT NULL,
    owner              BIGINT NOT NULL,
    extension_number   TEXT   NOT NULL,
    mode               TEXT   NOT NULL,
    subject            TEXT   NOT NULL,
    scheduled_start_at BIGINT,
    scheduled_end_at   BIGINT,
    created_at         BIGINT NOT NULL,
    version            BIGINT NOT NULL,
    invitation         BIGINT NOT NULL,
    sealed_admin_pin   BLOB   NOT NULL,
    sealed_room_pin    BLOB   NOT NULL,
    search_text        TEXT   NOT NULL,
    settings           TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, id),
    -- A meeting goes with its number, as extensions do.
    FOREIGN KEY (tenant_id, extension_number) REFERENCES numbers (tenant_id, number) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, owner) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX meetings_by_number ON meetings (tenant_id, extension_number);
CREATE INDEX meetings_by_owner ON meetings (tenant_id, owner);

-- The organizer and the invited users: whose list a meeting is in.
CREATE TABLE meeting_people (
    tenant_id  BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    meeting_id BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, meeting_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, meeting_id) REFERENCES meetings (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX meeting_people_by_meeting ON meeting_people (tenant_id, meeting_id);

-- A row for each conference that goes on.
CREATE TABLE conferences (
    tenant_id  BIGINT NOT NULL,
    meeting_id BIGINT NOT NULL,
    room       TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, meeting_id),
    FOREIGN KEY (tenant_id, meeting_id) REFERENCES meetings (tenant_id, id) ON DELETE CASCADE
);

-- Who was let into the last conference of a meeting, by the engine's own ids, so that a repeated report is known for one.
CREATE TABLE conference_visits (
    tenant_id   BIGINT NOT NULL,
    meeting_id  BIGINT NOT NULL,
    external_id TEXT   NOT NULL,
    participant BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, meeting_id, external_id),
    FOREIGN KEY (tenant_id, meeting_id) REFERENCES meetings (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
