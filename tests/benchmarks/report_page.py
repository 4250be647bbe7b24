"""One page of what a run of the benchmarks printed and drew: everything in it, nothing from a network."""

from dataclasses import dataclass, field
from html import escape

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem }
pre { background: #f3f4f6; padding: .75rem; overflow-x: auto; font-size: 13px }
h2 { border-top: 1px solid #d1d5db; padding-top: 1rem; font-size: 1.1rem } figure { margin: 1rem 0 }
svg { max-width: 100%; height: auto } .failed { color: #b91c1c } figcaption, .small { color: #4b5563 }
"""


@dataclass(frozen=True)
class Chart:
    """A picture, as SVG, and in words what is seen on it."""

    title: str
    svg: str


@dataclass(frozen=True)
class Benchmark:
    """How one went. `load` is the machine's load average of a minute, at its end."""

    name: str
    outcome: str
    seconds: float
    load: float
    printed: str
    charts: tuple[Chart, ...] = field(default=())


def page(about: dict[str, str], benchmarks: list[Benchmark]) -> str:
    """The page as HTML. `about` says of the run what compares runs: machine, date, commit."""
    facts = "".join(f"<dt>{escape(name)}<dd>{escape(said)}" for name, said in about.items())
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>slotgate benchmarks</title>'
        f"<style>{_STYLE}</style>\n<h1>slotgate benchmarks</h1>\n<dl>{facts}</dl>\n"
        '<p class="small">Compare ratios within a run; what other work the machine had, its load says.</p>\n'
        f"{''.join(_section(one) for one in benchmarks)}</html>\n"
    )


def _section(one: Benchmark) -> str:
    said = f"{one.outcome}, {one.seconds:,.0f} s, load {one.load:.1f} at its end"
    css = "small" if one.outcome == "passed" else "failed"
    charts = "".join(
        f"<figure>{chart.svg}<figcaption>{escape(chart.title)}</figcaption></figure>\n"
        for chart in one.charts
    )
    printed = f"<pre>{escape(one.printed.strip())}</pre>\n" if one.printed.strip() else ""
    return f'<h2>{escape(one.name)}</h2>\n<p class="{css}">{escape(said)}</p>\n{printed}{charts}'
