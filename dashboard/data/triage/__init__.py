"""What the page Triage asks: jobs, failures, quarantine. No Streamlit."""
