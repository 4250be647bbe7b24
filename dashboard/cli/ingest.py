"""Bring executor stderr into the telemetry store.

`slotgate ingest load PATH…` loads files and folders (plain, gzip or zstd; `-` is stdin) and says what
became of every line. Loading again adds only what is new. --controls names a control history (the
published history.jsonl, or the field's shape) that tells the rollout step of every line; without it
the home's own history does. While `slotgate serve` or `demo` runs on the home, that process loads, and is
given stdin when that has ended: until then it is kept in the home, and how much there is, is said. What
does not end is for `follow`.

`slotgate ingest follow PATH…` goes on reading: new lines are in the store within a second. A PATH is a file,
a folder or a pattern, there or not yet; a file comes with what rotation makes of it beside it, plain, gzip
or zstd, and a link with its target. Each line is read once, whatever is renamed, copied, cut or removed
meanwhile and whenever the command is stopped or killed. What was cut off or removed before it could be read
is a gap, and said. It owns the telemetry file: while `slotgate serve` runs, that follows (`--follow PATH`).
While nothing can be stored, as on a full disk, it says so, waits, and goes on when there is room. Ctrl-C or
SIGTERM ends it: with 0, or while it waits with the code of what it waits for.

`slotgate ingest rebuild` counts every stored line into the rollups anew, as the next load does by itself in a
home of an older slotgate; what the lines say is not touched. Lines that arrive meanwhile wait in their files.

`slotgate ingest mend` reads every row of the telemetry file. A damaged one is set aside, kept beside it under
a name with the time, and a fresh one counts again what the spool has, and what files loaded by name have that
are still in their place and follow the home's own controls. `load`, `follow` and `serve` do it by themselves
where the file does not open. One that is in use, or of a newer slotgate, is never set aside.

`slotgate ingest compact` rewrites the telemetry file without what is free in it: DuckDB fills that again, and
gives little of it back to the disk. `slotgate doctor` says when more than half of a file is free. It needs
room for the new file beside the old one. A running server does it and goes on with the new file; lines that
arrive wait in their files, pages for a moment. Ctrl-C, a kill or a full disk leave the old file as it was.

`slotgate ingest quarantine list|show|replay` looks at what was telemetry-shaped and not valid, and reads
it again: what today's parser finds valid is taken in, exactly once. Replaying takes your personal token and
the role oncall, engineering_owner or approver.

`slotgate ingest archive list|verify` says which Parquet files hold the lines that left the telemetry file,
month by month, and whether they are in their place: `verify` reads every byte. `slotgate report` counts them.
With `slotgate retention set --archive on` lines go there by themselves; `archive write --month 2026-09` moves
a month now, if retention no longer keeps it. `archive adopt` puts files on record that a telemetry file which
was begun afresh does not know, unless one of their rows stands elsewhere.

exit codes: 0 done, all was loaded or taken in · 1 the summary does not balance, a record was not taken in,
`mend` found files that have to be loaded by hand, a part of the archive is gone or damaged, a month has to
stay, a file is not adopted, or it is refused · 2 wrong usage · 3 the control history is invalid, nothing was
loaded · 4 the home or the store cannot be used (locked, full, damaged), or a source cannot be read to its
end · 130 ended by Ctrl-C
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from pathlib import Path

from dashboard.cli import archive, compact, follow, mend, quarantine
from dashboard.cli.home import home_asked, home_for
from dashboard.cli.output import complain, say, say_json
from dashboard.cli.places import place
from dashboard.cli.words import counted

_DOES_NOT_BALANCE = 1
_UNREADABLE = 4


def configure(parser: ArgumentParser) -> None:
    """Declare the actions, from `load` to `quarantine`, with their options."""
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="load|follow|rebuild|compact|mend|archive|quarantine"
    )
    load = actions.add_parser("load", help="load files and folders", description="Load files and folders.")
    load.add_argument("paths", nargs="+", type=place, metavar="PATH", help="a file, a folder, or - for stdin")
    load.add_argument("--controls", type=place, metavar="HISTORY", help="the control history of these lines")
    load.add_argument(
        "--rollout-zero",
        choices=("nobody", "everyone"),
        default="nobody",
        help="what percent 0 means to the executors, where the history names no steps (default: nobody)",
    )
    load.add_argument("--home", type=place, help="the home (default: SLOTGATE_HOME, else .slotgate)")
    load.add_argument("--json", action="store_true", help="the summary as one JSON object")
    followed = actions.add_parser("follow", help="go on reading files", description="Go on reading files.")
    follow.configure(followed)
    again = actions.add_parser("rebuild", help="count the rollups anew", description="Count rollups anew.")
    again.add_argument("--home", type=place, help="the home (default: SLOTGATE_HOME, else .slotgate)")
    again.add_argument("--json", action="store_true", help="the count as one JSON object")
    rewritten = actions.add_parser(
        "compact", help="give free room back to the disk", description="Rewrite the telemetry file."
    )
    compact.configure(rewritten)
    mended = actions.add_parser("mend", help="set a damaged file aside", description="Mend a damaged file.")
    mend.configure(mended)
    moved = actions.add_parser("archive", help="look at what left the telemetry file for the archive")
    archive.configure(moved)
    held = actions.add_parser("quarantine", help="look at quarantined records, read them again")
    quarantine.configure(held)


def execute(arguments: Namespace) -> int:
    """Run the action that was asked for."""
    if arguments.action == "archive":
        return archive.execute(arguments)
    if arguments.action == "compact":
        return compact.execute(arguments)
    if arguments.action == "quarantine":
        return quarantine.execute(arguments)
    if arguments.action == "follow":
        return follow.execute(arguments)
    if arguments.action == "rebuild":
        return _rebuild(arguments)
    if arguments.action == "mend":
        return mend.execute(arguments)
    from dashboard.cli.interruptible import interruptible
    from dashboard.cli.load_words import in_words
    from dashboard.cli.progress import shown_progress
    from dashboard.telemetry.at_home import HomeTelemetry
    from dashboard.telemetry.port import LoadRequest
    from ingest.sources.listing import STDIN, listed
    from ingest.upkeep.aside import in_words as in_words_of_damage
    from ingest.upkeep.aside import set_aside_beside

    home = home_for(arguments.home, os.environ, Path.cwd())
    listed(arguments.paths)  # what is not there is said before a home is made, or a server asked
    named = arguments.controls
    request = LoadRequest(
        paths=tuple(map(str, arguments.paths)),
        controls=None if named is None else str(named),
        zero_admits=arguments.rollout_zero,
    )
    with (
        interruptible(sys.stdin.buffer) if sys.stdin and STDIN in arguments.paths else nullcontext() as stdin,
        shown_progress("what was stored stands; load the same again, and it goes on from there") as tell,
    ):
        loaded = HomeTelemetry(home, tell=tell, stdin=stdin).load(request)
    summary = loaded.summary
    if arguments.json:
        say_json(summary.as_record())
    else:
        say(in_words(loaded))
    for aside in set_aside_beside(home.telemetry):
        complain(in_words_of_damage(aside))
    for source in summary.failed:
        complain(str(source.error))
    if summary.failed:
        return _UNREADABLE
    return 0 if summary.is_balanced else _DOES_NOT_BALANCE


def _rebuild(arguments: Namespace) -> int:
    from dashboard.cli.progress import shown_progress
    from dashboard.telemetry.at_home import HomeTelemetry

    home = home_asked(arguments.home, os.environ, Path.cwd())
    with shown_progress(
        "pages read the rollups as they were; rebuild again, and it goes on from there"
    ) as tell:
        records = HomeTelemetry(home, tell=tell).rebuild_rollups()
    if arguments.json:
        say_json({"records": records})
    else:
        say(f"{counted(records, 'record')} counted into the rollups")
    return 0
