-- How many messages lie in the voicemail boxes of users, as the engine that keeps them last said.
CREATE TABLE mailboxes (
    tenant_id    BIGINT NOT NULL,
    user_id      BIGINT NOT NULL,
    new_messages BIGINT NOT NULL,
    old_messages BIGINT NOT NULL,
    urgent_new   BIGINT NOT NULL,
    urgent_old   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
