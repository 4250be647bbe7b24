"""Vega-Lite specifications, built once at import. They name data sets; they know no SQL and no page."""
