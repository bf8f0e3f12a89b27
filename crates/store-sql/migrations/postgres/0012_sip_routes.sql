-- How calls reach a device that registered at the SIP edge; `received` is empty for one that an engine reported.
ALTER TABLE registrations ADD COLUMN received TEXT NOT NULL DEFAULT '';
ALTER TABLE registrations ADD COLUMN path TEXT NOT NULL DEFAULT '';
ALTER TABLE registrations ADD COLUMN call_id TEXT NOT NULL DEFAULT '';
ALTER TABLE registrations ADD COLUMN cseq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE registrations ADD COLUMN preference BIGINT NOT NULL DEFAULT 0;
ALTER TABLE registrations ADD COLUMN edge TEXT NOT NULL DEFAULT '';
