"""What an address may say: anything. The page answers in words and never breaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dashboard.auth.town import Town
from tests.dashboard.views.pages import page, said, seated_town

NAMES = {
    "overview": ("scope", "window"),
    "stages": ("step", "with"),
    "review": ("request",),
    "controls": ("step", "part", "request"),
    "gate-audit": ("code", "step", "revision", "severity", "version", "source", "grace", "page"),
    "triage": ("job", "how", "line", "tab", "code", "version", "step", "cause", "record"),
    "audit": ("seq", "request", "actor", "action", "outcome", "since", "only", "below"),
    "beta": ("list", "item", "state"),
    "runbook": ("topic", "q"),
}
VALUES = {
    "long": "x" * 100_000,
    "number": "9" * 5_000,
    "beyond 64 bits": str(2**64),
    "odd": "\0\u202e\x1b[2J\U000e0041\ufffe",
    "a path": "../../../../etc/passwd%00.md",
    "places": "a:b:c:-1:99999999999999999999",
    "a search that explodes": "(a+)+$" * 500 + "%" * 5_000,
    "markup": "<img src=x onerror=alert(1)>",
}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with seated_town(Path(tmp_path_factory.mktemp("addresses"))) as (found, _):
        yield found


@pytest.mark.parametrize("path", NAMES)
def test_any_value_of_an_address(people: Town, path: str) -> None:
    for name, value in VALUES.items():
        app = page(path, people, "bob", **dict.fromkeys(NAMES[path], value)).run()
        words = said(app)
        assert "root:" not in words, name
        assert "Traceback" not in words, name
        assert len(words) < 400_000, name


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("triage", ("line", "record", "job")),
        ("audit", ("seq", "request", "below", "since")),
        ("review", ("request",)),
    ],
)
def test_each_number_alone(people: Town, path: str, names: tuple[str, ...]) -> None:
    """One that is passed over must not hide what the next would do."""
    for name in names:
        for value in ("9" * 5_000, "-1", "\0", str(2**64)):
            said(page(path, people, "bob", **{name: value}).run())
