"""From executor stderr to DuckDB: sources, reference and fast tier, loading, store, rollups, evidence."""
