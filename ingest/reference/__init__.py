"""The per-line reference: bytes to physical lines, messages, logical lines, records and their outcomes."""
