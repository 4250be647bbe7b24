"""The report, and what the store holds in all."""
