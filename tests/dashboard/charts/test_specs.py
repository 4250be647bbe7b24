"""The charts and the data they are given fit: every field a chart names is a column of its data set."""

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from dashboard.charts.errors import CODES, ERRORS
from dashboard.charts.grammar import Spec
from dashboard.charts.lane import LANE
from dashboard.charts.latency import LATENCY, SHORTEST
from dashboard.charts.rate import RATE
from dashboard.data.overview import overview
from dashboard.data.scope import ALL_TIME, Everything
from dashboard.views.over_time import data_sets
from schemas.codes import OPENAI_CODES
from tests.dashboard.record import sample_seat

CHARTS: dict[str, Spec] = {"lane": LANE, "rate": RATE, "errors": ERRORS, "latency": LATENCY}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    seat = sample_seat(tmp_path_factory.mktemp("sample"))
    with seat.store.cursor() as cursor:
        sets = data_sets(overview(cursor, Everything(), ALL_TIME, 1_795_300_000 * 10**9))
    seat.store.close()
    assert sets
    return sets


@pytest.mark.parametrize("name", CHARTS)
def test_every_field_is_a_column(name: str, data: dict[str, pd.DataFrame]) -> None:
    spec = CHARTS[name]
    shared = spec["encoding"]["x"]["field"]
    for layer in spec["layer"]:
        columns = set(data[layer["data"]["name"]].columns)
        made = {step["as"] for step in layer.get("transform", ())}
        own = set(fields(layer.get("encoding", {})))
        assert own <= columns | made
        assert "x" in layer.get("encoding", {}) or shared in columns


@pytest.mark.parametrize("name", CHARTS)
def test_a_specification_is_json_and_holds_no_data(name: str) -> None:
    written = json.dumps(CHARTS[name])
    assert '"values": [{' not in written
    assert "http" not in written


def test_charts_share_their_axis() -> None:
    heads = [{**spec["encoding"]["x"], "axis": None} for spec in CHARTS.values()]
    assert all(head == heads[0] for head in heads)
    assert {spec["padding"]["left"] for spec in CHARTS.values()} == {0}


def test_a_latency_of_zero_has_a_place_on_the_logarithmic_axis() -> None:
    for layer in LATENCY["layer"]:
        axis = layer.get("encoding", {}).get("y", {})
        if axis.get("scale", {}).get("type") == "log":
            made = {step["as"]: step["calculate"] for step in layer["transform"]}
            assert f"max(datum.{axis['field'].removesuffix('_drawn')}, {SHORTEST})" in made[axis["field"]]


def test_every_error_code_has_a_colour_of_its_own() -> None:
    assert set(CODES) == set(OPENAI_CODES) | {"other"}
    assert len(set(CODES.values())) == len(CODES)


def test_bars_of_a_bin_lie_on_top_of_each_other(data: dict[str, pd.DataFrame]) -> None:
    for _, stack in data["bins"].groupby("at"):
        assert stack["base"].tolist() == [0, *stack["top"].tolist()[:-1]]
        assert (stack["top"] - stack["base"]).tolist() == stack["runs"].tolist()


def fields(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("field"), str):
            yield node["field"]
        for inner in node.values():
            yield from fields(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from fields(inner)
