-- A user's picture, with what lists show of its file: a file never changes. Without one the texts are empty, so that lists are
-- filtered and ordered by them like by any other.
ALTER TABLE users ADD COLUMN avatar BIGINT;
ALTER TABLE users ADD COLUMN avatar_key TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN avatar_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN avatar_size BIGINT NOT NULL DEFAULT 0;
