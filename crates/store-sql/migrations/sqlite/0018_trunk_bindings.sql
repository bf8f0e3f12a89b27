-- Providers that registered here: where each of them is now, as `registrations` has it of telephones. One binding for each trunk.
CREATE TABLE trunk_bindings (
    tenant_id       BIGINT  NOT NULL,
    provider_id     BIGINT  NOT NULL,
    instance_id     TEXT NOT NULL,
    user_agent      TEXT NOT NULL,
    application     TEXT NOT NULL,
    ip              TEXT NOT NULL,
    enable_push     BOOLEAN NOT NULL,
    contact_address TEXT NOT NULL,
    expires_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    received        TEXT NOT NULL,
    path            TEXT NOT NULL,
    call_id         TEXT NOT NULL,
    cseq            BIGINT  NOT NULL,
    preference      BIGINT  NOT NULL,
    edge            TEXT NOT NULL,
    PRIMARY KEY (tenant_id, provider_id),
    FOREIGN KEY (tenant_id, provider_id) REFERENCES providers (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- Those whose providers register here are looked for by their accounts.
CREATE INDEX providers_auth_mode ON providers (tenant_id, auth_mode, id);

-- The accounts of those that exist already, as far as nobody else has the name.
INSERT INTO numbers (tenant_id, number, kind)
SELECT tenant_id, account, 'trunk_account' FROM (
    SELECT DISTINCT tenant_id, COALESCE(NULLIF(json_extract(settings, '$.auth_id'), ''), json_extract(settings, '$.username')) AS account
    FROM providers WHERE auth_mode = 'accept_register'
) AS accounts
WHERE account <> ''
ON CONFLICT DO NOTHING;
