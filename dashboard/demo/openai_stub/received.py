"""A request as the stub server got it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCENARIO_HEADER = "x-stub-scenario"
_MARKER = re.compile(r"\[\[stub:([a-z0-9-]+)\]\]")
_MODEL_PREFIX = "stub-"


@dataclass(frozen=True, slots=True)
class Received:
    """One request. `number` counts from 0; header names are lower case; `body` is null if no JSON object."""

    number: int
    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any] | None

    @property
    def is_responses(self) -> bool:
        """Whether it asks the Responses API; else chat completions."""
        return self.path.split("?")[0].endswith("/responses")

    @property
    def key(self) -> str:
        """What stands behind `Bearer`."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def prompt(self) -> str:
        """All text that the model would see."""
        body = self.body or {}
        messages = body.get("messages")
        texts = [body.get("instructions"), body.get("input")]
        if isinstance(messages, list):
            texts += [message.get("content") for message in messages if isinstance(message, dict)]
        return "\n".join(text for text in texts if isinstance(text, str))

    @property
    def asked_for(self) -> str | None:
        """The scenario it asks for, if any: by header, by a model `stub-NAME`, or by `[[stub:NAME]]`."""
        model = str((self.body or {}).get("model", ""))
        marker = _MARKER.search(self.prompt)
        by_model = model.removeprefix(_MODEL_PREFIX) if model.startswith(_MODEL_PREFIX) else None
        return self.headers.get(SCENARIO_HEADER) or by_model or (marker and marker[1])

    @property
    def output_field(self) -> str:
        """The key that the prompt asks the content under; `content` if it does not say."""
        for text in self.prompt.splitlines():
            try:
                request = json.loads(text)
                return str(request["output"]["field"])
            except (ValueError, TypeError, KeyError):
                continue
        return "content"
