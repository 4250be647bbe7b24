-- ids that went
CREATE TABLE retention_id (             -- of when rows with an id of their transport went
    container  VARCHAR,                 -- as in telemetry
    journal    VARCHAR,                 -- the part of journald's cursor that names the journal, else null
    from_ns    BIGINT NOT NULL,         -- the earliest and the latest of them in one hour of the epoch, by
    until_ns   BIGINT NOT NULL          -- line time; one pass may add several rows of an hour
);
