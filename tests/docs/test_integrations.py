"""The commands of docs/integrations.md work as written, and what it links to is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.integrations_page import PAGE, SERVED, Section, Shell, missing, run_alone, sections, served

TEXT = PAGE.read_text(encoding="utf-8")
LINKS = [link for link in re.findall(r"\]\(([^)#]+)", TEXT) if "://" not in link]
ANCHORS = re.findall(r"\]\(#([^)]+)\)", TEXT)
SECTIONS = {one.title: one for one in sections(TEXT)}
ALONE = [*SECTIONS][: [*SECTIONS].index(SERVED)]
BESIDE = [*SECTIONS][len(ALONE) + 1 :]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with served(SECTIONS[SERVED], tmp_path_factory.mktemp("reader")) as shell:
        yield shell


@pytest.mark.parametrize("title", ALONE)
def test_a_section_that_stands_alone(title: str, tmp_path: Path) -> None:
    assert missing(SECTIONS[title], run_alone(SECTIONS[title], tmp_path)) is None


def test_the_home_that_is_served(reader: Shell) -> None:
    assert missing(SECTIONS[SERVED], reader.said) is None


@pytest.mark.parametrize("title", BESIDE)
def test_a_section_beside_the_served_home(title: str, reader: Shell) -> None:
    assert missing(SECTIONS[title], reader.run(SECTIONS[title])) is None


@pytest.mark.parametrize("link", LINKS)
def test_every_link_leads_somewhere(link: str) -> None:
    assert (PAGE.parent / link).exists()


def anchor(heading: str) -> str:
    """As Markdown on GitHub names a heading."""
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def test_links_within_the_page_lead_to_headings_and_to_every_section() -> None:
    headings = {anchor(heading) for heading in re.findall(r"^## (.*)$", TEXT, re.MULTILINE)}
    assert set(ANCHORS) <= headings
    assert headings - set(ANCHORS) <= {anchor(SERVED)}


def test_a_line_that_was_not_printed_is_missed() -> None:
    [section] = sections("# T\n\n## S\n\n```sh\ntrue\n```\n\n```text\na…c\nb\n```\n")
    assert section == Section("S", "true\n", ("a…c", "b"))
    assert missing(section, "xabc\nb\n") is None
    assert missing(section, "b\nabc\n") == "b"
    assert missing(section, "a\nc\nb\n") == "a…c"
