"""Copy a home while it is used: `slotgate serve`, executors and people go on meanwhile.

`slotgate backup TARGET` makes one file where TARGET ends in `.tar.zst`, else a folder; the name of another
kind of archive is refused. TARGET is there once all of it is whole and on disk, or not at all; what is there
already is never written over. In it are the
store, the telemetry, the controls and their history, the spool, settings and receivers, and secrets:
`audit.key`, `ci-hook.secret`, `notify.json`, `sign-in.toml`. So it is private to you; keep it as you keep the
home. Not in it: sessions, locks, and a store that lies elsewhere (SLOTGATE_STORE_URL): dump that just before,
with `pg_dump`. docs/file-formats.md lists it all.

`slotgate backup verify BACKUP` reads all of one: every digest, whether this slotgate knows its layouts, and
the audit chain. `slotgate restore` makes a home of it; docs/runbook.md has both, step by step.

exit codes: 0 made, or whole · 1 not whole · 2 wrong usage · 3 no backup, or one of a newer slotgate ·
4 the home cannot be read, or the backup not be written · 5 something is at TARGET already ·
130 ended by Ctrl-C
"""

import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.cli.guarded import add_home, home_of, put, say, write
from dashboard.cli.store import place_of

if TYPE_CHECKING:
    from dashboard.backup.checking import Checked
    from dashboard.backup.making import Made
    from dashboard.backup.manifest import Manifest

_VERIFY = "verify"
_NOT_WHOLE = 1
_MEGABYTE = 1_000_000


def configure(parser: ArgumentParser) -> None:
    """Declare the words and options."""
    parser.add_argument("words", nargs="+", metavar="[verify] PATH", help="the target, or a backup to verify")
    parser.add_argument(
        "--without-telemetry",
        action="store_true",
        help="leave the telemetry file out; a restored home counts what the spool has anew",
    )
    add_home(parser)
    parser.set_defaults(wrong=parser.error)


def execute(arguments: Namespace) -> int:
    """Make one, or verify one."""
    match arguments.words:
        case [path] if path != _VERIFY:
            return _make(arguments, Path(path))
        case [word, path] if word == _VERIFY and not arguments.without_telemetry:
            return _check(arguments, Path(path))
        case _:
            arguments.wrong("give a target, or `verify` and a backup; a folder `verify` is `./verify`")
            raise AssertionError("argparse ends the command")


def _make(arguments: Namespace, target: Path) -> int:
    from dashboard.backup.making import make_backup
    from dashboard.cli.progress import shown_progress
    from dashboard.telemetry.at_home import HomeTelemetry
    from ingest.errors import StoreInUse

    home = home_of(arguments)
    with shown_progress("nothing is left of the backup; the same again begins anew") as tell:
        telemetry = None if arguments.without_telemetry else HomeTelemetry(home, tell=tell)
        try:
            made = make_backup(home, target, place_of(home), telemetry, time.time_ns, tell)
        except StoreInUse as error:
            raise StoreInUse(f"{error}; or leave the telemetry out (--without-telemetry)") from error
    for left in made.manifest.left_out:
        say(f"NOT in the backup: `{left.path}`, {left.why}")
    if arguments.json:
        put({"backup": str(made.path), "sha256": made.digest, **_as_record(made.manifest)})
    else:
        for line in _in_words(made):
            write(line)
    return 0


def _check(arguments: Namespace, backup: Path) -> int:
    from dashboard.backup.checking import check_backup
    from dashboard.cli.progress import shown_progress

    with shown_progress("the backup was not read to its end, and nothing is known of it") as tell:
        checked = check_backup(backup, tell)
    if arguments.json:
        found = {"whole": not checked.wrong, "wrong": list(checked.wrong), "records": checked.records}
        put({"backup": str(backup), **found, **_as_record(checked.manifest)})
    elif checked.wrong:
        for words in checked.wrong:
            write(f"WRONG  {words}")
        write(f"`{backup}` is NOT whole: restore another one, and find out what happened to its disk")
    else:
        write(_whole(backup, checked))
    return _NOT_WHOLE if checked.wrong else 0


def _whole(backup: Path, checked: "Checked") -> str:
    manifest = checked.manifest
    chain = (
        "the store is not in it" if checked.records is None else f"{checked.records} audit records, intact"
    )
    return (
        f"whole: `{backup}` of {manifest.made_at}, {len(manifest.files)} files, {_size(manifest)}; {chain}; "
        f"environment {manifest.environment or 'unnamed'}, revision {_revision(manifest)}"
    )


def _in_words(made: "Made") -> list[str]:
    manifest = made.manifest
    about = f"environment {manifest.environment or 'unnamed'}, revision {_revision(manifest)}"
    words = [
        f"made `{made.path}`: {len(manifest.files)} files, {_size(manifest)}, {about}",
        f"sha256 of its manifest, to keep elsewhere: {made.digest}",
    ]
    if manifest.store == "elsewhere":
        words.append(
            "the store is NOT in it: it lies where SLOTGATE_STORE_URL says. Dump it just before each backup: "
            'pg_dump --format=custom --file=DUMP "$SLOTGATE_STORE_URL"'
        )
    if manifest.layouts.telemetry is None:
        words.append("no telemetry file is in it: a restored home counts what the spool has")
    return words


def _as_record(manifest: "Manifest") -> dict[str, object]:
    return {
        "madeAt": manifest.made_at,
        "environment": manifest.environment,
        "revision": manifest.revision,
        "store": manifest.store.value,
        "layouts": {"store": manifest.layouts.store, "telemetry": manifest.layouts.telemetry},
        "files": len(manifest.files),
        "bytes": manifest.size,
        "leftOut": [{"path": left.path, "why": left.why} for left in manifest.left_out],
    }


def _revision(manifest: "Manifest") -> str:
    return "none" if manifest.revision is None else str(manifest.revision)


def _size(manifest: "Manifest") -> str:
    return f"{manifest.size / _MEGABYTE:,.1f} MB"
