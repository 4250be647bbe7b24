"""The vectorised tier: proves most lines of a block in bulk, and leaves the others to the reference.

What it takes, it takes exactly as `ingest.reference` does; tests hold that on generated and mutated lines.
"""
