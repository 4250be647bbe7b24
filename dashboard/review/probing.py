"""Several probes at once, under the control file of a home."""

import os

from dashboard.review.probes import Clock, Probed, probe, spool
from gates.controls.reader import ControlFile
from gates.errors import HomeError
from gates.executor.settings import Settings, read_settings
from gates.home import Home

MOST = 1000
"""So many probes at once verify any revision."""


def run_probes(home: Home, count: int, clock: Clock) -> tuple[Probed, ...]:
    """Run `count` probes under the control file of `home` alone, and put their lines into its spool.

    Raises `HomeError` where the spool cannot be written, and `InvalidInput` for a broken executor config.
    """
    source = ControlFile(home.control_file)
    settings = read_settings(home.executor_config) if os.path.lexists(home.executor_config) else Settings()
    probes = tuple(probe(source, settings, clock, number) for number in range(count))
    try:
        spool(home, probes)
    except OSError as error:
        raise HomeError(f"the spool of `{home.root}` cannot be written: {error.strerror}") from error
    return probes
