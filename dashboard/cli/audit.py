"""Read, verify and export the audit chain. docs/audit.md explains it.

  list         the newest records, newest first
  show         one record, whole
  verify       check every record and its link, and every checkpoint given; names the first bad record
  export       all records as NDJSON, which can be verified anywhere, or as CSV
  checkpoint   verify, then sign the size and root of the chain; keep the note on another machine
  key          the public key that checks the notes of this home; keep it with them

exit codes: 0 done, or the chain is intact · 1 it is broken, or there is no such record · 2 wrong usage ·
3 a checkpoint or key is not one, or not of this chain · 4 the home or its store cannot be used
"""

import json
import os
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from dashboard.cli.audit_selection import tell_selection
from dashboard.cli.audit_words import record_in_words, row_in_words
from dashboard.cli.home import home_for
from dashboard.cli.output import put
from dashboard.cli.places import place
from dashboard.cli.store import store_of
from dashboard.documents import audit as documents
from gates.controls.durable import opened
from gates.errors import HomeError, InvalidCheckpoint, StoreError, UnknownEntry
from gates.home import Home
from gates.store.audit.checkpoint import checked_checkpoint
from gates.store.audit.export import from_ndjson, ndjson, said, write_csv
from gates.store.audit.keeper import known_heads, read_key, sign_checkpoint, signer_key
from gates.store.audit.note import LONGEST, SignerKey, VerifierKey
from gates.store.audit.selection import verify_selection
from gates.store.audit.verify import Intact, TreeHead, Verification, verify
from gates.store.store import Store

_BROKEN, _OUTPUT_CLOSED = 1, 1


def configure(parser: ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shown = commands.add_parser("list", help="the newest records, newest first")
    shown.add_argument("--limit", type=_count, default=20, metavar="N", help="at most so many (default: 20)")
    for name in ("actor", "action", "target", "outcome", "mode"):
        shown.add_argument(f"--{name}", help=f"only records of this {name}")
    one = commands.add_parser("show", help="one record, whole")
    one.add_argument("seq", type=_count, help="its number")
    checked = commands.add_parser("verify", help="check the chain, and every checkpoint given")
    checked.add_argument(
        "--checkpoint",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a signed note; repeatable",
    )
    checked.add_argument("--key", help="the public key of the notes (default: that of the home)")
    checked.add_argument("--export", type=Path, metavar="FILE", help="verify this NDJSON export instead")
    checked.add_argument(
        "--selection",
        action="store_true",
        help="the export holds some records: check each by its hash; what is missing does not show",
    )
    checked.set_defaults(wrong=checked.error)
    out = commands.add_parser("export", help="all records")
    out.add_argument("--format", choices=("ndjson", "csv"), default="ndjson")
    out.add_argument("--out", type=Path, metavar="FILE", help="a new file (default: stdout)")
    signed = commands.add_parser("checkpoint", help="sign the size and root of the chain")
    signed.add_argument("--out", type=Path, metavar="FILE", help="a new file (default: stdout)")
    keys = commands.add_parser("key", help="the public key of this home's notes")
    for each in (shown, one, checked, out, signed, keys):
        each.add_argument(
            "--home", type=place, metavar="DIR", help="default: SLOTGATE_HOME, else ./.slotgate"
        )
    for each in (shown, one, checked, signed, keys):
        each.add_argument("--json", action="store_true", help="one JSON object on stdout")
    out.add_argument("--json", dest="format", action="store_const", const="ndjson", help="as --format ndjson")


def execute(arguments: Namespace) -> int:
    """Run the subcommand."""
    home = home_for(arguments.home, os.environ, Path.cwd())
    work = {
        "list": _list,
        "show": _show,
        "verify": _verify,
        "export": _export,
        "checkpoint": _checkpoint,
        "key": _key,
    }[arguments.command]
    try:
        return work(arguments, home)
    except BrokenPipeError:  # the reader left: nothing to say to anyone
        return _OUTPUT_CLOSED


def _list(arguments: Namespace, home: Home) -> int:
    wanted = {
        name: getattr(arguments, name)
        for name in ("actor", "action", "target", "outcome", "mode")
        if getattr(arguments, name) is not None
    }
    found: list[dict[str, Any]] = []
    with closing(store_of(home)) as store, store.read() as tx:
        for record in tx.audit.backwards():
            if len(found) == arguments.limit:
                break
            value = said(record)
            if all(value.get(name) == wish for name, wish in wanted.items()):
                found.append(documents.record(record))
    if arguments.json:
        _say({"records": found})
    else:
        for value in found:
            put(row_in_words(value))
    return 0


def _show(arguments: Namespace, home: Home) -> int:
    with closing(store_of(home)) as store, store.read() as tx:
        record = tx.audit.get(arguments.seq)
    if record is None:
        raise UnknownEntry(f"there is no record {arguments.seq}; `slotgate audit list` shows the newest")
    value = documents.record(record)
    if arguments.json:
        _say(value)
    else:
        put(record_in_words(value))
    return 0


def _verify(arguments: Namespace, home: Home) -> int:
    if arguments.selection:
        if arguments.export is None or arguments.checkpoint:
            arguments.wrong("`--selection` needs --export, and takes no --checkpoint")
        with _reading(arguments.export) as lines:
            return tell_selection(verify_selection(from_ndjson(lines)), as_json=arguments.json)
    key = _verifier_key(arguments, home) if arguments.checkpoint else None
    heads = [checked_checkpoint(_read_note(path), key) for path in arguments.checkpoint if key is not None]
    if arguments.export is not None:
        with _reading(arguments.export) as lines:
            found = verify(from_ndjson(lines), heads)
    else:
        with closing(store_of(home)) as store, store.read() as tx:
            found = verify(tx.audit.iterate(), [*known_heads(tx), *heads])
    return _tell(found, heads, arguments)


def _tell(found: Verification, heads: list[TreeHead], arguments: Namespace) -> int:
    if arguments.json:
        _say(documents.verification(found, len(heads)))
    elif isinstance(found, Intact):
        count = "1 checkpoint" if len(heads) == 1 else f"{len(heads)} checkpoints"
        against = f", and agrees with {count}" if heads else ""
        put(f"intact: {found.records} records{against}; last leaf {found.last_leaf}")
        if not heads:
            put("not checked against a checkpoint: a cut end or a wholly rewritten chain would not show")
    else:
        put(f"BROKEN at record {found.seq} ({found.fault}): {found.words}; docs/audit.md says what to do")
    return 0 if isinstance(found, Intact) else _BROKEN


def _export(arguments: Namespace, home: Home) -> int:
    with closing(store_of(home)) as store, _writing(arguments.out) as out, store.read() as tx:
        if arguments.format == "ndjson":
            out.writelines(ndjson(tx.audit.iterate()))
        else:
            text = TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
            write_csv(tx.audit.iterate(), text)
            text.detach()
    return 0


def _checkpoint(arguments: Namespace, home: Home) -> int:
    with closing(store_of(home)) as store:
        key = _signer(store, home)
        row = sign_checkpoint(store, key, time.time_ns)
    if arguments.out is not None:
        with _writing(arguments.out) as out:
            out.write(row.note.encode())
    if arguments.json:
        _say(documents.checkpoint(row, key.verifier))
    elif arguments.out is None:
        put(row.note.removesuffix("\n"))
    else:
        put(f"signed {row.size} records; keep `{arguments.out}` and the public key on another machine:")
        put(str(key.verifier))
    return 0


def _key(arguments: Namespace, home: Home) -> int:
    with closing(store_of(home)) as store:
        key = str(_signer(store, home).verifier)
    if arguments.json:
        _say({"key": key})
    else:
        put(key)
    return 0


def _signer(store: Store, home: Home) -> SignerKey:
    with store.read() as tx:
        environment = tx.settings.get("environment") or "unnamed"
    return signer_key(home.audit_key, environment)


def _verifier_key(arguments: Namespace, home: Home) -> VerifierKey:
    if arguments.key is not None:
        return VerifierKey.parse(arguments.key)
    key = read_key(home.audit_key)
    if key is None:
        raise InvalidCheckpoint("this home has no key; give the public key of the checkpoint with --key")
    return key.verifier


def _read_note(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(LONGEST + 1).decode()
    except OSError as error:
        raise InvalidCheckpoint(
            f"`{path}` cannot be read: {(error.strerror or 'failed').lower()}; name a checkpoint"
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidCheckpoint(f"`{path}` is no signed note; name a checkpoint") from error


@contextmanager
def _reading(path: Path) -> Iterator[Iterator[bytes]]:
    try:
        with path.open("rb") as file:
            yield iter(file)
    except OSError as error:
        raise StoreError(
            f"the export `{path}` cannot be read: {(error.strerror or 'failed').lower()}; name another"
        ) from error


@contextmanager
def _writing(path: Path | None) -> Iterator[BinaryIO]:
    """Stdout, or a new file that only this user can read; an old one is not overwritten."""
    try:
        if path is None:
            if sys.stdout is None:
                raise HomeError("stdout is closed; give it a reader, or name a file with --out")
            with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
                yield out
        else:
            with opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as descriptor:
                with os.fdopen(os.dup(descriptor), "wb") as out:
                    yield out
                os.fsync(descriptor)
    except BrokenPipeError:
        raise
    except OSError as error:
        place = "stdout" if path is None else f"`{path}`"
        raise StoreError(
            f"{place} cannot be written: {(error.strerror or 'failed').lower()}; name a new file"
        ) from error


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**53:
        raise ArgumentTypeError(f"`{text}` is no number from 1 on")
    return int(text)


def _say(value: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False)
    put(text if text.isprintable() else json.dumps(value))
