"""Make the model client of a process; imports the SDK, so it is called only for an admitted job."""

from gates.executor.model import Failed, ModelClient
from gates.executor.secret import usable_key
from gates.executor.settings import Settings

DEFAULT_BASE_URL = "https://api.openai.com/v1"


def open_model(api_key: str | None, base_url: str | None, settings: Settings) -> ModelClient | Failed:
    """The client for `base_url` (OpenAI's own when null or blank), or MISSING_API_KEY."""
    key = usable_key(api_key)
    if isinstance(key, Failed):
        return key
    from gates.executor.openai_client import OpenAIClient

    return OpenAIClient(key, (base_url or "").strip() or DEFAULT_BASE_URL, settings)
