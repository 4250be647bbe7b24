"""docs/file-formats.md is read, and every example in it must mean what the page says."""

import ast
import json
import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import ingest.transports
from gates.home import Home
from ingest.contract.outcomes import RAW_LIMIT, SAMPLE_LIMIT, Accepted, Cause, Noise
from ingest.contract.validate import DEPTH_LIMIT, Valid, validate
from ingest.history.controls import read_history
from ingest.instants import rfc3339
from ingest.job_specs.facts import read_facts
from ingest.reference.parser import SourceParser
from ingest.reference.partials import FLUSH_BYTES, FLUSH_NS, HELD_LIMIT, LINES_LIMIT
from ingest.reference.records import OVERLAP, STRETCH
from ingest.runs.lines import read_run
from ingest.transports.message import Message
from ingest.transports.seams import OBJECT_LIMIT
from schemas import check
from schemas.check import FOLDER

PAGE = (Path(__file__).parents[2] / "docs" / "file-formats.md").read_text(encoding="utf-8")
FLAGS = re.MULTILINE | re.DOTALL
LOGS = re.findall(r"^```text\n(.*?)^```\n```json reads as\n(.*?)^```$", PAGE, FLAGS)
DOCUMENTS = re.findall(r"^```json (\S+\.v\d)\n(.*?)^```$", PAGE, FLAGS)
HISTORIES = re.findall(
    r"^```json (?:history|control-revision\.v1)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
)


def said(expected: str) -> list[dict[str, Any]]:
    """One outcome a line."""
    return [json.loads(line) for line in expected.splitlines()]


@pytest.mark.parametrize(("text", "expected"), LOGS, ids=[said(lines)[0]["job_id"] for _, lines in LOGS])
def test_log_examples_read_as_the_page_says(text: str, expected: str) -> None:
    parser = SourceParser()
    outcomes = [one for one in parser.feed(text.encode()) + parser.finish() if not isinstance(one, Noise)]
    assert all(isinstance(one, Accepted) for one in outcomes)
    told = [
        {key: getattr(one, key) for key in keys} for one, keys in zip(outcomes, said(expected), strict=True)
    ]
    assert told == said(expected)


def transports() -> set[str]:
    """The functions of `ingest.transports` that make a message of something."""
    found = set()
    for path in Path(ingest.transports.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.returns is not None:
                answers = ast.unparse(node.returns).split(" | ")
                if "Message" in answers:
                    found.add(f"{path.stem}.{node.name}")
    return found


def test_every_transport_that_is_read_has_an_example() -> None:
    made = set()

    def returned(frame: FrameType, event: str, arg: object) -> None:
        if event == "return" and isinstance(arg, Message) and not arg.damaged:
            made.add(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}")

    before = sys.getprofile()
    sys.setprofile(returned)
    try:
        for text, _ in LOGS:
            SourceParser().feed(text.encode())
    finally:
        sys.setprofile(before)
    assert len(transports()) > 10
    assert transports() - made == set()


def test_every_example_is_looked_at() -> None:
    assert PAGE.count("```") == 2 * (2 * len(LOGS) + len(DOCUMENTS) + 6)
    assert len(set(re.findall(r"^### (.*)$", PAGE, re.MULTILINE))) >= 11


@pytest.mark.parametrize(("name", "text"), DOCUMENTS, ids=[name for name, _ in DOCUMENTS])
def test_document_examples_keep_their_contracts(name: str, text: str) -> None:
    document = check.parse(name, text)
    section = next(part for part in re.split(r"^##+ ", PAGE, flags=re.MULTILINE) if f"json {name}\n" in part)
    schema = json.loads((FOLDER / f"{name}.schema.json").read_bytes())
    for key in schema["properties"]:
        assert f"`{key}" in section, f"`{key}` is not in the table of {name}"
    assert document["version"] in ("v1", "v2", name)


def test_the_job_facts_example_is_read() -> None:
    (text,) = re.findall(r"^```json job-facts\n(.*?)^```$", PAGE, FLAGS)
    found = read_facts(text.strip().encode())
    assert found is not None
    assert (found.job_id, found.opted_in, rfc3339(found.at_ns)) == ("job-1", True, json.loads(text)["at"])


def test_the_run_record_example_is_read_and_every_key_is_in_the_table() -> None:
    (text,) = re.findall(r"^```json exec-run\n(.*?)^```$", PAGE, FLAGS)
    found = read_run(text.strip().encode())
    assert found is not None
    assert (found.run_id, found.inode, found.to_offset) == ("5a112c618369afc6", 131, 170)
    section = next(
        part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE) if part.startswith("Run record")
    )
    document = json.loads(text)
    names = {
        *document,
        *document["spool"],
        *document["spec"],
        *(f"result.{key}" for key in document["result"]),
    }
    assert {name for name in names if f"`{name}`" not in section} == {"result"}


def test_the_telemetry_example_is_a_telemetry_line() -> None:
    (text,) = [text for name, text in DOCUMENTS if name == "slot-generation-telemetry.v1"]
    assert isinstance(validate(text.strip().encode()), Valid)


@pytest.mark.parametrize("text", HISTORIES, ids=["ours", "field"])
def test_history_examples_are_histories(text: str, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(text, encoding="utf-8")
    assert len(read_history(path).intervals) == 1


def test_everything_that_lies_in_a_home_is_in_the_table() -> None:
    section = next(
        part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE) if part.startswith("What is in")
    )
    named = set(re.findall(r"`([^`]+?)/?`", section))
    root = Path("home")
    values = (getattr(Home(root), name) for name in dir(Home) if not name.startswith("_") and name != "root")
    lie = {path.relative_to(root).as_posix() for path in values}
    assert len(lie) > 15
    assert {path for path in lie if path not in named} == set()


def test_every_cause_and_bound_is_on_the_page() -> None:
    for cause in Cause:
        assert f"`{cause}`" in PAGE
    bounds = {
        f"at most {RAW_LIMIT:,} bytes are kept, of noise {SAMPLE_LIMIT}",
        f"{FLUSH_NS // 10**9} seconds of the log's own time",
        f"{FLUSH_BYTES >> 20} MiB of the source",
        f"{HELD_LIMIT >> 20} MiB or {LINES_LIMIT:,} lines wait",
        f"more than {STRETCH >> 20} MiB, in one line or in pieces",
        f"up to\n{OVERLAP >> 10} KiB is found",
        f"nests more than {DEPTH_LIMIT} levels",
        f"of more than {OBJECT_LIMIT >> 20} MiB, is searched",
    }
    for bound in bounds:
        assert re.sub(r"\s+", " ", bound) in re.sub(r"\s+", " ", PAGE)
