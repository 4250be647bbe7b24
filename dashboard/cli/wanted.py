"""The options that say what shall change, and the patch they come to."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from gates.changes.documents import Document
from gates.errors import InvalidChange
from schemas import check

_ON_OFF = ("on", "off")


def add_change(parser: ArgumentParser) -> None:
    """Name at least one; one dimension a change."""
    parser.add_argument("--percent", type=int, metavar="0..100", help="the rollout percent")
    parser.add_argument("--feature", choices=_ON_OFF, help="the feature flag")
    parser.add_argument("--kill", choices=_ON_OFF, help="the kill switch; `slotgate kill` is quicker")
    parser.add_argument(
        "--allowlist",
        metavar="FILE|off",
        help="an allowlist.v1 document that replaces the allowlist, or `off`",
    )
    parser.add_argument(
        "--rollout-zero", choices=("nobody", "everyone"), help="what percent 0 means to the executors driven"
    )
    parser.add_argument("--steady", action="store_true", help="declare the last stage")


def patch_of(arguments: Namespace, newest: Document) -> dict[str, Any]:
    """The patch over the newest revision. Raises `InvalidChange`, `ContractError`."""
    patch: dict[str, Any] = {}
    if arguments.percent is not None:
        patch["percent"] = arguments.percent
    if arguments.feature is not None:
        patch["feature"] = arguments.feature == "on"
    if arguments.kill is not None:
        patch["kill"] = arguments.kill == "on"
    if arguments.allowlist == "off":
        patch["allowlist"] = {**newest["allowlist"], "enabled": False}
    elif arguments.allowlist is not None:
        patch["allowlist"] = _read(Path(arguments.allowlist))
    if arguments.rollout_zero is not None:
        patch["rolloutZero"] = arguments.rollout_zero
    if arguments.steady:
        patch["step"] = "steady"
    return patch


def _read(path: Path) -> Any:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidChange(f"`{path}` cannot be read: {(error.strerror or 'failed').lower()}") from error
    return check.parse("allowlist.v1", data)
