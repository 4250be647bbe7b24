"""Pages of our own, without Streamlit: the sign-in and `/stop`. Nothing is loaded from elsewhere."""
