"""The pages. They draw what `dashboard.data` found; they know no SQL and no specification of a chart."""
