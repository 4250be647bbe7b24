"""The clock of the story: it stands where it was put, and every look at it takes a little time."""

SECOND_NS = 10**9
_LOOK_NS = 2_000_000


class StoryClock:
    """Epoch nanoseconds. A few milliseconds pass between two steps of a change, as they do in life."""

    def __init__(self, now_ns: int) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        """Look at it."""
        self.now_ns += _LOOK_NS
        return self.now_ns

    def reach(self, at_ns: int) -> None:
        """Go on to `at_ns`; never back."""
        self.now_ns = max(self.now_ns, at_ns)

    def wait(self, seconds: float) -> None:
        """Go on."""
        self.now_ns += int(seconds * SECOND_NS)
