"""Make a home of a backup. It begins stopped: what was narrowed or reviewed after the backup is not in it.

`slotgate restore BACKUP --home NEW` checks all of the backup first, as `slotgate backup verify` does. NEW
must not be there yet, or be an empty folder; it is there once all of it is whole, or not at all, so an
interrupted restore is simply run again. The kill is on in it, under a new revision and on record
(`slotgate audit list`): its release is an ordinary one, after a review with lines of the restored home.
Sessions are not restored.

Executors obey the home that their SLOTGATE_HOME or --home names. Those that name another home than NEW, say
the old one on a disk that is there again, are not stopped by this: `slotgate kill --home OLD`.

exit codes: 0 restored, stopped · 2 wrong usage · 3 the backup is not whole, or of a newer slotgate ·
4 the home cannot be made, or its store (SLOTGATE_STORE_URL) not be used · 5 something is at NEW already,
or it lies in the backup · 130 ended by Ctrl-C
"""

import os
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.cli.guarded import os_actor, put, service_of, write
from dashboard.cli.places import place
from dashboard.cli.store import place_of

if TYPE_CHECKING:
    from dashboard.backup.restoring import Restored


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("backup", type=place, metavar="BACKUP", help="a folder or file that `backup` made")
    parser.add_argument(
        "--home", type=place, required=True, metavar="NEW", help="the home to make; it is never a default"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def execute(arguments: Namespace) -> int:
    """Restore, and say what to do next."""
    from dashboard.backup.restoring import Means, restore
    from dashboard.cli.progress import shown_progress

    with shown_progress("no home was made; the same again begins anew") as tell:
        means = Means(place=place_of, service=service_of, actor=os_actor(), clock=time.time_ns, tell=tell)
        restored = restore(arguments.backup, arguments.home, means)
    if arguments.json:
        manifest = restored.manifest
        put(
            {
                "home": str(restored.home.root),
                "stopped": True,
                "revision": restored.revision,
                "madeAt": manifest.made_at,
                "takenFrom": manifest.home,
                "environment": manifest.environment,
                "files": len(manifest.files),
            }
        )
    else:
        for line in _in_words(restored):
            write(line)
    return 0


def _in_words(restored: "Restored") -> list[str]:
    manifest, root = restored.manifest, restored.home.root
    stopped = "without controls" if restored.revision is None else f"STOPPED by revision {restored.revision}"
    what = f"from the backup of {manifest.made_at}, environment {manifest.environment or 'unnamed'}"
    others = f"those of another one, perhaps `{manifest.home}`, are NOT stopped by this"
    return [
        f"restored `{root}` {what}: {stopped}; every job is STUB",
        "whatever was narrowed, signed or told after that moment is not in it",
        f"executors obey the home that their SLOTGATE_HOME names; {others}",
        f"next: slotgate doctor --home {_quoted(root)}",
        f"then: slotgate serve --home {_quoted(root)}, and docs/runbook.md, `Restore`",
    ]


def _quoted(path: Path) -> str:
    from shlex import quote

    return quote(os.fspath(path))
