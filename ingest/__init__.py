"""From executor stderr to DuckDB: sources, transports, reference and fast tier, loading, store, rollups, evidence."""
