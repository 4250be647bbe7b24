"""Controls and jobs over a small vocabulary, so that rules and jobs often meet."""

import json
from typing import Any

from hypothesis import strategies as st

KINDS = ("statutory", "assessment", "explanatory")
_words = st.sampled_from(["a", "b", "c"])
_some_words = st.lists(_words, min_size=1, max_size=2)

rules = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["r1", "r2", "r3", "R", "r10"]),
        "enabled": st.sampled_from([True, True, True, False]),
        "appliesTo": st.fixed_dictionaries(
            {"subject": _some_words, "level": _some_words, "board": _some_words, "specVersion": _some_words}
        ),
        "kinds": st.lists(st.sampled_from(KINDS), min_size=1, max_size=3),
        "slotIds": st.lists(_words, max_size=2),
        "maxJobsPerRun": st.integers(1, 4),
    }
)
allowlists = st.fixed_dictionaries(
    {
        "version": st.just("allowlist.v1"),
        "enabled": st.sampled_from([True, True, True, False]),
        "mode": st.just("deny_by_default"),
        "rules": st.lists(rules, max_size=5),
    }
)
controls = st.fixed_dictionaries(
    {
        "version": st.just("controls.v1"),
        "environment": st.just("test"),
        "revision": st.integers(0, 2**40),
        "effectiveAt": st.just("2026-01-01T00:00:00Z"),
        "kill": st.sampled_from([False, False, False, True]),
        "feature": st.sampled_from([True, True, True, False]),
        "percent": st.one_of(st.integers(0, 100), st.sampled_from([0, 1, 99, 100])),
        "rolloutZero": st.sampled_from(["nobody", "everyone"]),
        "stage": st.integers(0, 4),
        "step": st.sampled_from(["baseline", "canary-1", "expand-100", "steady"]),
        "allowlist": allowlists,
        "breakGlassUntil": st.none(),
        "validUntil": st.none(),
    }
)
_slots = st.fixed_dictionaries(
    {
        "jobId": st.text(max_size=8).filter(lambda text: text.isprintable()),
        "slotId": _words,
        "kind": st.sampled_from(KINDS),
        "mode": st.sampled_from(["verbatim", "generate"]),
        "input": st.just({}),
        "output": st.just({"field": "content", "type": "text"}),
        "sources": st.just([]),
        "required": st.booleans(),
    }
)
specs = st.fixed_dictionaries(
    {
        "version": st.just("v1"),
        "appliesTo": st.fixed_dictionaries(
            {"subject": _words, "level": _words, "board": _words, "specVersion": _words}
        ),
        "jobs": st.lists(_slots, min_size=1, max_size=4),
        "metadata": st.fixed_dictionaries(
            {"requiresReview": st.booleans()}, optional={"allowAI": st.sampled_from([True, True, False])}
        ),
    },
    optional={"jobId": st.text(max_size=8)},
)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def _places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(document, dict):
        found += [place for key, value in document.items() for place in _places(value, (*path, key))]
    if isinstance(document, list):
        found += [place for index, value in enumerate(document) for place in _places(value, (*path, index))]
    return found


@st.composite
def damaged(draw: st.DrawFn, documents: st.SearchStrategy[dict[str, Any]]) -> Any:
    """A document with one place replaced, left out, or joined by an unknown key; it may still be valid."""
    document = json.loads(json.dumps(draw(documents)))
    path = draw(st.sampled_from(_places(document)))
    node = document
    for step in path[:-1]:
        node = node[step]
    near: st.SearchStrategy[Any] = st.sampled_from(
        [0, 1, -1, 100, 101, 5, 2.0, 12.5, "", "true", "false", True, False, None, [], {}, [""]]
    )
    match draw(st.sampled_from(["replace", "replace", "remove", "add"])):
        case "replace":
            node[path[-1]] = draw(near | json_values)
        case "remove":
            del node[path[-1]]
        case _ if isinstance(node, dict):
            node[draw(st.text(max_size=5))] = draw(near)
        case _:
            node.append(draw(near))
    return document
