"""A day of following, drawn: what was written, and memory, disk and lag below each other."""

import altair
import pandas as pd

PANELS = (
    ("written", "lines/s", "#6B7280"),
    ("resident", "memory, MiB", "#0072B2"),
    ("on_disk", "telemetry file, MiB", "#009E73"),
    ("held", "lines in the table", "#8C6D31"),
    ("lag", "age of the newest line, s", "#D55E00"),
    ("behind", "lines not yet stored", "#CC79A7"),
)


def picture(day: pd.DataFrame) -> altair.TopLevelMixin:
    """`day` has the hour of the compressed day and a column for each panel."""
    base = altair.Chart(day)
    hours = altair.X("hour:Q", title="hour of the compressed day", scale=altair.Scale(domain=[0, 24]))
    panels = [
        base.mark_line(color=colour, strokeWidth=1.2)
        .encode(hours, altair.Y(f"{column}:Q", title=title, scale=altair.Scale(zero=True)))
        .properties(width=760, height=110)
        for column, title, colour in PANELS
    ]
    return altair.vconcat(*panels)
