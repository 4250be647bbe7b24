"""The tables that following files needs, as one migration.

`via` of a file: what is followed and led to it. A gap: bytes that a file was seen to hold, and that went
before they were read; it is open until a copy of the file gives them. `tail`: digest of the last bytes
before "offset" of a file that is only appended to; null in rows that were written before there was one.
"""

FOLLOWING = """
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
"""
