"""A progress bar on stderr, for people: only on a terminal, and only when there is much to read."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_WORTH_A_BAR = 32 << 20


@contextmanager
def progress_bar(files: Sequence[Path]) -> Iterator[Callable[[str, int], None]]:
    """Yield what a load reports to: a file's name, and how many of its bytes on disk were read."""
    sizes = {str(path): _size(path) for path in files}
    total = sum(sizes.values())
    if sys.stderr is None or not sys.stderr.isatty() or total < _WORTH_A_BAR:
        yield lambda _name, _done: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    done: dict[str, int] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("loading", total=total)

        def advanced(name: str, so_far: int) -> None:
            done[name] = so_far
            bar.update(task, completed=sum(done.values()), description=Path(name).name)

        yield advanced


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
