"""The digest of everything that shapes the model's answers: part of what evidence is counted by."""

import dataclasses
import hashlib
import json

from gates.executor.prompt import INSTRUCTIONS
from gates.executor.settings import Settings


def config_digest(settings: Settings) -> str:
    """SHA-256, in hex, over the settings and the instructions in force."""
    shape = dataclasses.asdict(settings)
    shape["system_prompt"] = INSTRUCTIONS if settings.system_prompt is None else settings.system_prompt
    return hashlib.sha256(json.dumps(shape, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
