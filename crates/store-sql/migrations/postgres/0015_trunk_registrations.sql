-- Registrations at providers: which process keeps each, until when it may, and until when the provider has it. A process that is gone
-- leaves a row whose time ends; it goes with its trunk.
CREATE TABLE trunk_registrations (
    tenant_id        BIGINT NOT NULL,
    provider_id      BIGINT NOT NULL,
    edge             TEXT COLLATE "C" NOT NULL,
    held_until       BIGINT NOT NULL,
    registered_until BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, provider_id),
    FOREIGN KEY (tenant_id, provider_id) REFERENCES providers (tenant_id, id) ON DELETE CASCADE
);
