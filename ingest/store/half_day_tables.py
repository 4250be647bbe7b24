"""The rollups of half days, as a migration: what covers months reads few rows.

An older file has the hours that they are summed up from.
"""

SUMMED_UP = """
WITH flat AS (
    SELECT half_day, key_id, bucket, sum(count)::BIGINT AS count FROM (
        SELECT floor(hour / 12)::BIGINT AS half_day, key_id, unnest(buckets) AS bucket,
            unnest(counts) AS count
        FROM rollup_hour
    ) GROUP BY ALL HAVING sum(count) <> 0
)
SELECT half_day, key_id, sum(count)::BIGINT AS lines, list(bucket ORDER BY bucket) AS buckets,
    list(count ORDER BY bucket) AS counts
FROM flat GROUP BY ALL ORDER BY half_day, key_id
"""
"""SQL: rows of `rollup_half_day`, from the hours."""

HALF_DAYS = f"""
CREATE TABLE rollup_half_day (
    half_day  BIGINT,              -- of 12 hours, since the epoch; null: lines without a time
    key_id    INTEGER NOT NULL,    -- from here on as in rollup_hour
    lines     BIGINT NOT NULL,
    buckets   SMALLINT[] NOT NULL,
    counts    BIGINT[] NOT NULL
);
INSERT INTO rollup_half_day BY NAME {SUMMED_UP};
"""
