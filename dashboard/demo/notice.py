"""What every page of the demo says of it."""

from dashboard.demo.node import Node, in_words


def notice(node: Node | None) -> str:
    """What is real in it and what is not, and which executors run."""
    return (
        "DEMO: no model is called and no key is used. The days before the start are synthetic; the jobs now "
        f"are real runs against a stub server on this machine, by {in_words(node)}. Its thresholds are its "
        "own: minutes where slotgate asks for days."
    )
