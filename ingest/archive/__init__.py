"""The monthly archive: Parquet files that hold what left the telemetry table, each row in one of the two."""
