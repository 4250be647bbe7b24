"""What the page Gate audit asks of the telemetry. No Streamlit."""
