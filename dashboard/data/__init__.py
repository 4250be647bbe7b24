"""Queries, their cache, and formatters. Nothing here draws; only `cache` knows Streamlit."""
