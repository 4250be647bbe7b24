-- archive
CREATE TABLE archive_part (
    name        VARCHAR NOT NULL,    -- of the file, in the folder archive/ of the home
    month       VARCHAR,             -- YYYY-MM (UTC) of its line times; null: lines without a time
    rows        BIGINT NOT NULL,
    bytes       BIGINT NOT NULL,
    sha256      VARCHAR NOT NULL,    -- of the file, lower-case hexadecimal
    first_ns    BIGINT,              -- the oldest line time, and the newest
    last_ns     BIGINT,
    histories   VARCHAR[] NOT NULL,  -- the control histories that its rows are attributed with
    written_ns  BIGINT NOT NULL
);
