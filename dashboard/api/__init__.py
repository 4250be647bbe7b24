"""Our own HTTP interface, `/api/v1`: it needs no Streamlit, and each call checks who asks."""
