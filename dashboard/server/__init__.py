"""One process: the Streamlit app, our routes, and ingest in the background."""
