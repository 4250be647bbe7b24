"""From executor stderr to DuckDB: lines, transports, records, store, report."""
