"""What pages say of tokens, cost and budget."""

import json
import time
from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal

import pandas as pd
import pytest

from dashboard.data.cached.spending import usage_at
from dashboard.data.cached.stages import listed_stays
from dashboard.data.stage_usage import ModelUsage
from dashboard.server.budget import Guarded
from dashboard.server.seat import Seat
from dashboard.views.budget import budget_line
from dashboard.views.stages.usage import frame
from gates.spending.prices import Unpriced
from tests.dashboard.auth.town import Town
from tests.dashboard.record import SECOND_NS, spool
from tests.dashboard.views.pages import page, said, seated_town, set_up
from tests.gates.spending.documents import budget_document, prices_document
from tests.ingest.telemetry import line_v2

PATIENCE = 60.0


def kept(document: dict[str, object]) -> str:
    return json.dumps({"version": 1, "by": "local|alice", "at": 0, "document": document})


@pytest.fixture(scope="module")
def spending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Seat]]:
    """A live home with v2 lines of two models, of which the price table knows one."""
    with seated_town(tmp_path_factory.mktemp("town")) as (town, seat):
        set_up(town, prices=kept(prices_document()))
        at = time.time_ns() + SECOND_NS
        lines = [line_v2(jobId="a"), line_v2(jobId="b", usage=None), line_v2(jobId="c", model="o9")]
        spool(town.home, [(at, one) for one in lines])
        seat.loader.pass_once()
        now_ns = time.time_ns()
        listing = listed_stays(seat.store, now_ns)
        assert usage_at(seat.store, sum(one.lines for one in listing), now_ns, PATIENCE)
        yield town, seat


def test_stages_show_tokens_and_a_labelled_estimate(spending: tuple[Town, Seat]) -> None:
    app = page("stages", spending[0]).run()
    told = said(app)
    assert "Tokens and cost" in told
    assert "estimate, by the price table of 2026-11-01" in told
    shown = next(one.value for one in app.dataframe if "estimated_cost" in one.value.columns)
    rows = {row["model"]: row for row in shown.to_dict("records")}
    assert rows["gpt-4.1"]["estimated_cost"] == pytest.approx((412 * 2 + 96 * 8) / 1e6)
    assert (rows["gpt-4.1"]["calls"], rows["gpt-4.1"]["lines_without"]) == (2, 1)
    assert pd.isna(rows["o9"]["estimated_cost"])
    assert "the price table has no price of `o9`" in rows["o9"]["not_in_it"]


def test_a_budget_near_its_end_stands_above_every_page(spending: tuple[Town, Seat]) -> None:
    town, seat = spending
    assert seat.budget is not None
    set_up(town, budget=kept(budget_document(environment="test", tokensPerDay=1200)))
    seat.budget.look()
    for path in ("stages", "triage"):
        assert "Budget : tokens: 1,016 of 1,200 tokens today (84 %)" in said(page(path, town).run())


AMOUNTS = [
    (Decimal(0), (), 0.0),
    (Decimal("1.5"), (), 1.5),
    (Decimal("1.5"), (Unpriced(model="m", lines=2, why="why"),), 1.5),
    (Decimal(0), (Unpriced(model="m", lines=2, why="why"),), None),
    (None, (), None),
]


@pytest.mark.parametrize(("cost", "unpriced", "shown"), AMOUNTS)
def test_unknown_is_empty_and_never_nothing(
    cost: Decimal | None, unpriced: tuple[Unpriced, ...], shown: float | None
) -> None:
    one = ModelUsage(
        stay="canary-1@2", model="m", calls=2, untold=0, input_tokens=1, output_tokens=1, cost=cost,
        unpriced=unpriced,
    )  # fmt: skip
    assert frame([one]).to_dict("records")[0]["estimated_cost"] == shown


def test_the_words_of_the_guard() -> None:
    assert budget_line(None, UTC) == budget_line(Guarded(), UTC) == ""
    used_up = budget_line(Guarded(used_up="the budget of calls is used up: <b>"), UTC)
    assert "a release lasts once the limit is raised" in used_up
    assert "<b>&lt;b&gt;" not in used_up
    assert "&lt;b&gt;" in used_up
    done = budget_line(Guarded(done="STOPPED", done_ns=0, failure="the store is locked"), UTC)
    assert "Done by the server itself" in done
    assert "the store is locked" in done
