-- following files
ALTER TABLE source_file ADD COLUMN via VARCHAR;
CREATE TABLE ingest_gap (
    source_id    INTEGER NOT NULL,   -- the source that lacks them
    name         VARCHAR NOT NULL,   -- the file that held them
    from_offset  BIGINT NOT NULL,
    to_offset    BIGINT NOT NULL,
    at_ns        BIGINT NOT NULL,    -- when it was noticed
    cause        VARCHAR NOT NULL    -- truncated | removed
);
ALTER TABLE spec_file ADD COLUMN tail BLOB;
ALTER TABLE run_file ADD COLUMN tail BLOB;
