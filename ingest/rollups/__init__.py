"""Counts and latencies of the lines per minute and per hour, kept beside the rows that they are made of."""
