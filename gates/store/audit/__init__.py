"""The audit chain: append-only records, each holding the hash of the one before (docs/audit.md)."""
