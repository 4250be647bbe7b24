"""Every documented key, type and bound, in the models and in the exported schemas alike."""

import copy
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gates.decision import Gate
from schemas.export import DOCUMENTS as MODELS
from tests.properties.strategies import damaged
from tests.schemas.documents import DOCUMENTS
from tests.schemas.judges import accepted

JOB, RULE, SCOPE = ("jobs", 0), ("rules", 0), ("rules", 0, "appliesTo")
SPEC, RESULT, LINE = "slot-generation.v1", "slot-generation-result.v1", "slot-generation-telemetry.v1"
LIST, CONTROLS, REVISION, CONFIG = "allowlist.v1", "controls.v1", "control-revision.v1", "executor-config.v1"
THRESHOLDS, LINE_2 = "thresholds.v1", "slot-generation-telemetry.v2"
PRICES, BUDGET, PRICE = "prices.v1", "budget.v1", ("prices", 0)
MUTATIONS = "task-mutations.v1"

Path = tuple[str | int, ...]
ABSENT = object()


def test_there_is_a_document_for_every_contract() -> None:
    assert DOCUMENTS.keys() == MODELS.keys()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_are_valid(name: str) -> None:
    assert accepted(name, DOCUMENTS[name])


def changed(name: str, path: Path, value: Any) -> Any:
    document = copy.deepcopy(DOCUMENTS[name])
    node: Any = document
    for step in path[:-1]:
        node = node[step]
    if value is ABSENT:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return document


def objects(node: Any, path: Path = ()) -> list[Path]:
    found = [path] if isinstance(node, dict) else []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return found + [place for key, value in items for place in objects(value, (*path, key))]


FREE = {(SPEC, (*JOB, "input")), (RESULT, ("output",))}  # objects whose content is the caller's
CLOSED = [
    (name, path)
    for name in DOCUMENTS
    for path in objects(DOCUMENTS[name])
    if not any(name == free and path[: len(at)] == at for free, at in FREE)
]


def paths_of(name: str, listed: Iterable[tuple[str, Path]]) -> Iterator[Path]:
    return (path for of, path in listed if of == name)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_unknown_keys_are_refused_at_every_level(name: str) -> None:
    for path in paths_of(name, CLOSED):
        for key in ("unknown", "Version", "_", "", "__proto__", "job_id", "applies_to"):
            assert not accepted(name, changed(name, (*path, key), "v1")), (*path, key)


@pytest.mark.parametrize(("name", "path"), sorted(FREE), ids=str)
def test_the_callers_objects_are_free(name: str, path: Path) -> None:
    assert accepted(name, changed(name, path, {"anything": [None, 1.5, {"": True}]}))
    assert accepted(name, changed(name, path, {}))
    others: list[Any] = [[], "x", 1, True]
    for value in others:
        assert not accepted(name, changed(name, path, value))


OPTIONAL = {
    (SPEC, ("jobId",)), (SPEC, ("appliesTo", "topic")), (SPEC, ("metadata", "allowAI")),
    (LINE, ("errorCode",)), (LINE_2, ("errorCode",)),
    *((CONFIG, (key,)) for key in DOCUMENTS[CONFIG]),
    *((BUDGET, (key,)) for key in DOCUMENTS[BUDGET] if key not in ("version", "environment")),
}  # fmt: skip


def keys() -> list[tuple[str, Path]]:
    found = []
    for name, path in CLOSED:
        node: Any = DOCUMENTS[name]
        for step in path:
            node = node[step]
        found += [(name, (*path, key)) for key in node]
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_required_and_optional_keys(name: str) -> None:
    for path in paths_of(name, keys()):
        assert accepted(name, changed(name, path, ABSENT)) == ((name, path) in OPTIONAL), path


BAD_TEXT: tuple[Any, ...] = (None, 1, True, [], {}, ["x"])
BAD_BOOL: tuple[Any, ...] = (None, 0, 1, "true", "false", "", [])
BAD_WHOLE: tuple[Any, ...] = (None, True, "1", 1.5, [], 1e-9)
BAD_TIME = (
    None, "", "now", "2026-01-01", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-01-01t00:00:00Z",
    "2026-01-01T00:00:00z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+24:00",
    " 2026-01-01T00:00:00Z",     "2026-01-01T00:00:00Z ", "٢٠٢٦-01-01T00:00:00Z", 0,
)  # fmt: skip
GOOD_TIME = (
    "2026-01-01T00:00:00Z", "2026-12-31T23:59:59.9Z", "2026-01-01T00:00:00.123456789-11:30",
    "0001-01-01T00:00:00Z",
)  # fmt: skip


def whole(low: int, high: int | None) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    good: tuple[Any, ...] = (low, low + 1, float(low), high if high is not None else 10**15)
    return good, (*BAD_WHOLE, low - 1, -(10**15), *(() if high is None else (high + 1, high + 150, 10**15)))


def number(low: float, high: float, *, above: bool = False) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """From `low` (or just above it) to `high`."""
    middle = (low + high) / 2
    good = (high, middle) if above else (low, high, middle)
    return good, ("1", None, True, [], low - 0.001, high * 1.001, *((low,) if above else ()))


TEXT, FULL = (("", "x", "日本 \t"), BAD_TEXT), (("x", " "), ("", *BAD_TEXT))
BOOL, TIME = ((True, False), BAD_BOOL), (GOOD_TIME, BAD_TIME)
OR_NULL: tuple[tuple[Any, ...], tuple[Any, ...]] = (None, "x", " "), ("", 1, True, [], {})
NAMES: tuple[tuple[Any, ...], tuple[Any, ...]] = (
    (["x"], ["x", "y"], ["x", "x"]),
    ([], [""], ["x", ""], ["x", 1], [None], "x", None, {}, {"0": "x"}),
)


def one_of(*values: str) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return values, (*BAD_TEXT, "", "other", values[0].upper() + " ", f" {values[0]}")


STEPS = (
    "baseline", "canary-1", "canary-5", "expand-10", "expand-25", "expand-50", "broaden-subject",
    "broaden-board", "broaden-level", "broaden-spec",
    "broaden-kind", "broaden-slot", "expand-100", "steady",
)  # fmt: skip
DAY: tuple[tuple[Any, ...], tuple[Any, ...]] = (
    ("2026-11-21", "0001-01-01"),
    (None, "", "2026-13-01", "2026-01-32", "2026-1-1", "2026-11-21T00:00:00Z", "2026-11-21 ", 20261121),
)
MONEY: tuple[tuple[Any, ...], tuple[Any, ...]] = ("USD", "EUR"), (None, "", "usd", "US", "USDX", " USD", 1)
NULL_TIME = ((None, *GOOD_TIME), tuple(value for value in BAD_TIME if value is not None))

# The contract, key by key: the values it allows and some that it refuses.
CONTRACT: list[tuple[str, Path, tuple[tuple[Any, ...], tuple[Any, ...]]]] = [
    (SPEC, ("version",), TEXT), (SPEC, ("jobId",), TEXT),
    *((SPEC, ("appliesTo", key), TEXT) for key in ("subject", "level", "board", "specVersion", "topic")),
    (SPEC, ("jobs",), ((DOCUMENTS[SPEC]["jobs"], DOCUMENTS[SPEC]["jobs"] * 150),
                         ([], None, {}, [None], [[]]))),
    (SPEC, (*JOB, "jobId"), TEXT), (SPEC, (*JOB, "slotId"), TEXT),
    (SPEC, (*JOB, "kind"), one_of("statutory", "assessment", "explanatory")),
    (SPEC, (*JOB, "mode"), one_of("verbatim", "generate")),
    (SPEC, (*JOB, "output", "field"), TEXT), (SPEC, (*JOB, "output", "type"), TEXT),
    (SPEC, (*JOB, "sources"), (([], [""], ["x", "y"]), (None, "x", [1], [None], {}))),
    (SPEC, (*JOB, "required"), BOOL), (SPEC, ("metadata", "requiresReview"), BOOL),
    (SPEC, ("metadata", "allowAI"), BOOL),
    (RESULT, ("version",), one_of("v1")), (RESULT, ("jobId",), TEXT), (RESULT, ("generatedAt",), TIME),
    (RESULT, ("status",), one_of("STUB", "COMPLETED", "FAILED")),
    (RESULT, ("output",), ((None, {}), ([], "", 0))),
    (LINE, ("version",), one_of("v1")), (LINE, ("executorVersion",), FULL), (LINE, ("jobId",), FULL),
    (LINE, ("path",), one_of("stub", "openai")), (LINE, ("status",), one_of("STUB", "COMPLETED", "FAILED")),
    (LINE, ("latencyMs",), ((0, 0.0, 1, 0.001, 1e9), (-1, -0.001, "1", None, True, []))),
    (LINE, ("errorCode",), ((None, "X", "KILL_SWITCH"), ("", 1, True, []))),
    (LINE_2, ("version",), one_of("v2")), (LINE_2, ("executorVersion",), FULL), (LINE_2, ("jobId",), FULL),
    (LINE_2, ("path",), one_of("stub", "openai")),
    (LINE_2, ("status",), one_of("STUB", "COMPLETED", "FAILED")),
    (LINE_2, ("latencyMs",), ((0, 0.0, 1, 0.001, 1e9), (-1, -0.001, "1", None, True, []))),
    (LINE_2, ("emittedAt",), TIME),
    *((LINE_2, (key,), OR_NULL) for key in ("errorCode", "ruleId", "model", "requestId")),
    (LINE_2, ("gate",), ((None, *Gate), ("", "Rollout", "rollout ", 1, True, []))),
    (LINE_2, ("controlsRevision",), ((None, 0, 1, 7.0, 2**53 - 1), (True, "1", 1.5, [], -1, 2**53))),
    (LINE_2, ("bucket",), whole(0, 99)), (LINE_2, ("attempt",), whole(0, 1_000_000)),
    (LINE_2, ("usage",), ((None, DOCUMENTS[LINE_2]["usage"]), ([], {}, 0, "x", True))),
    *((LINE_2, ("usage", key), whole(0, 10**12)) for key in ("inputTokens", "outputTokens", "totalTokens")),
    (LIST, ("version",), one_of("allowlist.v1")), (LIST, ("enabled",), BOOL),
    (LIST, ("mode",), one_of("deny_by_default")),
    (LIST, ("rules",), (([], DOCUMENTS[LIST]["rules"] * 3), (None, {}, [None], [[]]))),
    (LIST, (*RULE, "id"), FULL), (LIST, (*RULE, "enabled"), BOOL), (LIST, (*RULE, "kinds"), NAMES),
    *((LIST, (*SCOPE, key), NAMES) for key in ("subject", "level", "board", "specVersion")),
    (LIST, (*RULE, "slotIds"), (([], ["x"], ["x", "y"]), (None, "x", [""], [1], {}))),
    (LIST, (*RULE, "maxJobsPerRun"), whole(1, 100)),
    (CONTROLS, ("version",), one_of("controls.v1")), (CONTROLS, ("environment",), FULL),
    (CONTROLS, ("revision",), whole(0, None)), (CONTROLS, ("effectiveAt",), TIME),
    (CONTROLS, ("kill",), BOOL),
    (CONTROLS, ("feature",), BOOL), (CONTROLS, ("percent",), whole(0, 100)),
    (CONTROLS, ("rolloutZero",), one_of("nobody", "everyone")), (CONTROLS, ("stage",), whole(0, 4)),
    (CONTROLS, ("step",), one_of(*STEPS)), (CONTROLS, ("step",), ((), ("off-ladder", "canary", "expand-5"))),
    (CONTROLS, ("allowlist",), ((DOCUMENTS[LIST],), (None, [], {}, "on", True))),
    (CONTROLS, ("breakGlassUntil",), NULL_TIME), (CONTROLS, ("validUntil",), NULL_TIME),
    (CONTROLS, ("allowlist", *RULE, "maxJobsPerRun"), whole(1, 100)),
    (REVISION, ("version",), one_of("control-revision.v1")), (REVISION, ("at",), TIME),
    (REVISION, ("late",), BOOL),
    (REVISION, ("event",), one_of("publishing", "effective", "removed")),
    (REVISION, ("revision",), whole(0, None)),
    (REVISION, ("controls",), ((None, DOCUMENTS[CONTROLS]), ([], {}, "x", True))),
    (REVISION, ("controls", "percent"), whole(0, 100)),
    (CONFIG, ("version",), one_of("executor-config.v1")), (CONFIG, ("executorVersion",), FULL),
    (CONFIG, ("api",), one_of("chat_completions", "responses")), (CONFIG, ("model",), FULL),
    (CONFIG, ("temperature",), ((0, 0.5, 2), (-0.1, 2.1, "1", None, True))),
    (CONFIG, ("topP",), ((0, 0.5, 1), (-0.1, 1.1, "1", None, True))),
    (CONFIG, ("maxOutputTokens",), whole(1, None)), (CONFIG, ("attempts",), whole(1, 10)),
    (CONFIG, ("proxy",), one_of("none", "environment")), (CONFIG, ("systemPrompt",), TEXT),
    (CONFIG, ("timeoutSeconds",), ((0.1, 30, 3600), (0, -1, 3600.5, "30", None, True))),
    (PRICES, ("version",), one_of("prices.v1")), (PRICES, ("currency",), MONEY), (PRICES, ("asOf",), DAY),
    (PRICES, ("prices",), ((DOCUMENTS[PRICES]["prices"] * 2,), ([], None, {}, [None], [[]]))),
    (PRICES, (*PRICE, "model"), FULL), (PRICES, (*PRICE, "validFrom"), DAY),
    *((PRICES, (*PRICE, key), number(0, 1_000_000)) for key in ("inputPerMillion", "outputPerMillion")),
    (BUDGET, ("version",), one_of("budget.v1")), (BUDGET, ("environment",), FULL),
    *((BUDGET, (key,), ((None, 1, 2.0, 10**15), (True, "1", 0, -1, 1.5, [], 10**15 + 1)))
      for key in ("callsPerDay", "tokensPerDay")),
    (BUDGET, ("moneyPerDay",), ((None, 0.01, 1, 10**12), (0, -1, "1", True, [], 1.1e12))),
    (BUDGET, ("currency",), ((None, "EUR"), ("", "usd", "EURO", 1, []))),
    (BUDGET, ("unknown",), one_of("warn", "kill")),
    (THRESHOLDS, ("version",), one_of("thresholds.v1")), (THRESHOLDS, ("number",), whole(0, None)),
    *((THRESHOLDS, (key,), number(0, 0.2, above=True)) for key in ("passAlpha", "failAlpha")),
    *((THRESHOLDS, ("steps", step, "dwellSeconds"), number(1, 31_536_000)) for step in STEPS),
    *((THRESHOLDS, ("steps", step, "minHours"), whole(1, 8760)) for step in STEPS),
    *((THRESHOLDS, ("steps", step, "minJobs"), whole(1, None)) for step in STEPS),
    *((THRESHOLDS, ("steps", step, rate, limit), number(0, 0.5, above=True))
      for step in STEPS for rate in ("failures", "sliceFailures") for limit in ("stop", "expand")
      if rate in DOCUMENTS[THRESHOLDS]["steps"][step]),
    *((THRESHOLDS, ("latency", "p50", limit), number(0, 0.9, above=True)) for limit in ("stop", "expand")),
    *((THRESHOLDS, ("latency", "p95", limit), number(0, 0.5, above=True)) for limit in ("stop", "expand")),
    (MUTATIONS, ("version",), (("task-mutations.v1",), ("", "v1", *BAD_TEXT))),
    (MUTATIONS, ("allow",), (([], ["x"], ["x", "y"]), (None, "x", [""], [1], {}))),
    (THRESHOLDS, ("referenceFactor",), number(1, 10)),
    (THRESHOLDS, ("referenceMinCompleted",), whole(1, 1_000_000)),
    (THRESHOLDS, ("verificationLines",), whole(1, 1_000_000)),
    (THRESHOLDS, ("clockSkewSeconds",), number(0, 300)), (THRESHOLDS, ("mediumShare",), number(0, 0.5)),
    (THRESHOLDS, ("sampleRatioLimit",), number(5, 1_000_000)),
    (THRESHOLDS, ("sampleRatioWeight",), number(1, 1000)),
    (THRESHOLDS, ("silenceMinSeconds",), number(1, 86_400)),
    (THRESHOLDS, ("silenceHorizonSeconds",), number(60, 31_536_000)),
    (THRESHOLDS, ("ingestLagSeconds",), number(1, 3600)),
    (THRESHOLDS, ("killConfirmSeconds",), number(1, 86_400)),
    (THRESHOLDS, ("optInJump",), number(0, 1, above=True)),
]  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_types_and_bounds(name: str) -> None:
    for path, (good, bad) in ((path, values) for of, path, values in CONTRACT if of == name):
        for value in good:
            assert accepted(name, changed(name, path, value)), (path, value)
        for value in bad:
            assert not accepted(name, changed(name, path, value)), (path, value)


def test_the_table_names_every_key() -> None:
    named = {(name, path) for name, path, _ in CONTRACT}
    containers = {
        (SPEC, ("appliesTo",)), (SPEC, ("metadata",)), (SPEC, (*JOB, "output")), (SPEC, (*JOB, "input")),
        (LIST, SCOPE),
        *((THRESHOLDS, path) for path in objects(DOCUMENTS[THRESHOLDS])),
    }  # fmt: skip
    below = {(CONTROLS, "allowlist"), (REVISION, "controls")}  # the same documents, named on their own
    missing = {(name, path) for name, path in keys() if (name, path) not in named | containers}
    assert not {(name, path) for name, path in missing if (name, path[0]) not in below}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_at_all(name: str) -> None:
    values: tuple[Any, ...] = (None, [], "x", 1, 1.5, True, {}, [{}])
    for value in values:
        assert accepted(name, value) == (name == CONFIG and value == {}), value


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_model_writes_what_it_read(name: str) -> None:
    document = DOCUMENTS[name]
    assert MODELS[name].model_validate_json(json.dumps(document)).model_dump(mode="json") == document


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_all_three_agree_on_damaged_documents(name: str, data: st.DataObject) -> None:
    accepted(name, data.draw(damaged(st.just(DOCUMENTS[name]))))


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
@example(1e300)
@example(-0.0)
@example(10**400)
@example(2**63)
@example(100.00000000000001)
def test_all_three_agree_on_numbers(value: float) -> None:
    accepted(CONTROLS, changed(CONTROLS, ("percent",), value))
    accepted(LINE, changed(LINE, ("latencyMs",), value))
    accepted(CONTROLS, changed(CONTROLS, ("revision",), value))
