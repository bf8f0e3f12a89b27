-- Sessions that live as long as requests keep coming, and those that programs of a user have under a name.
ALTER TABLE sessions ADD COLUMN idle_seconds BIGINT;
ALTER TABLE sessions ADD COLUMN name TEXT;
CREATE UNIQUE INDEX sessions_name ON sessions (tenant_id, user_id, name) WHERE name IS NOT NULL;

-- Who signs in with an address does not say to which tenant.
CREATE INDEX users_email_anywhere ON users (email_folded) WHERE email_folded <> '';

-- Where a user works, and whether he is the first that his tenant ever had.
ALTER TABLE users ADD COLUMN location BIGINT;
ALTER TABLE users ADD COLUMN initial BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE users SET initial = TRUE WHERE id = (SELECT MIN(id) FROM users first WHERE first.tenant_id = users.tenant_id);

ALTER TABLE user_groups ADD COLUMN color TEXT NOT NULL DEFAULT '';
