import json

from gates.executor.prompt import INSTRUCTIONS, build_prompt
from tests.gates.executor.builders import slot_job, spec


def test_the_prompt_holds_the_job_and_where_it_belongs() -> None:
    job = slot_job(sources=["p. 1", "p. 2"], input={"b": 1, "a": "ä"})
    prompt = build_prompt(spec(jobs=[slot_job(), job]), 1)
    assert prompt.system == INSTRUCTIONS
    assert json.loads(prompt.user) == {
        "appliesTo": {"subject": "Biology", "level": "GCSE", "board": "AQA", "specVersion": "v1"},
        "slot": {
            "slotId": "S0",
            "kind": "explanatory",
            "mode": "generate",
            "required": True,
            "input": {"b": 1, "a": "ä"},
            "sources": ["p. 1", "p. 2"],
        },
        "output": {"field": "content", "type": "text"},
    }


def test_the_prompt_asks_for_json_and_is_the_same_each_time() -> None:
    assert "one JSON object" in INSTRUCTIONS  # the API refuses json_object without the word
    turned = slot_job(input={"a": 1, "b": 2}), slot_job(input={"b": 2, "a": 1})
    assert build_prompt(spec(jobs=[turned[0]]), 0) == build_prompt(spec(jobs=[turned[1]]), 0)


def test_the_identity_of_the_run_stays_here() -> None:
    assert "job-00000" not in build_prompt(spec(), 0).user


def test_own_instructions() -> None:
    assert build_prompt(spec(), 0, "Answer in JSON.").system == "Answer in JSON."
