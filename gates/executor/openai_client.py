"""The OpenAI adapter: one request through the `openai` SDK, bounded by the wall clock and in size.

What the SDK does by itself is turned off: retries, redirects, parsing, proxies unless configured,
logging to stderr. Its exceptions become a `NoReply` here, in our words, because their text can hold
the URL or what a server echoed.
"""

import asyncio
import json
import logging
from dataclasses import replace

import httpx2
import openai

from gates.executor.bounded_stream import BoundedStream
from gates.executor.classify import MAX_BODY_BYTES, NoReply, Reply, classify
from gates.executor.daemon_threads import DaemonThreads
from gates.executor.model import Completed, Failed, ModelOutcome, Prompt
from gates.executor.secret import ApiKey
from gates.executor.settings import Settings
from schemas.codes import ErrorCode

_FACT_LENGTH = 120


class OpenAIClient:
    """A `ModelClient` for the server at `base_url`.

    `complete` blocks and runs its own event loop: call it from a thread that runs none.
    """

    def __init__(self, key: ApiKey, base_url: str, settings: Settings) -> None:
        self._key = key
        self._base_url = base_url
        self._settings = settings
        self._trust_env = settings.proxy == "environment"
        # Loading the trust store takes longer than the rest; not between the gate and the call.
        self._tls = httpx2.create_ssl_context() if base_url.lower().startswith("https:") else True
        for name in ("openai", "httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)

    def complete(self, prompt: Prompt) -> ModelOutcome:
        """Ask once and say how it ended."""
        with asyncio.Runner() as runner:
            runner.get_loop().set_default_executor(DaemonThreads())
            wire = runner.run(self._ask(prompt))
        return self._without_key(classify(self._settings.api, wire))

    async def _ask(self, prompt: Prompt) -> Reply | NoReply:
        limit = self._settings.timeout_seconds
        try:
            async with asyncio.timeout(limit):
                return await self._send(prompt)
        except TimeoutError:
            return NoReply(reason=f"no complete answer within {limit:g} s", retryable=True)
        except openai.APIStatusError as error:
            return _reply(error.response)
        except openai.APIConnectionError as error:  # its timeouts too
            cause = type(error.__cause__).__name__
            return NoReply(reason=f"the connection failed ({cause})", retryable=True)
        except Exception as error:  # noqa: BLE001  whatever else the SDK lets out is a failed request
            return NoReply(reason=f"the request failed ({type(error).__name__})", retryable=False)

    async def _send(self, prompt: Prompt) -> Reply:
        settings = self._settings
        async with (
            httpx2.AsyncClient(
                verify=self._tls,
                trust_env=self._trust_env,
                follow_redirects=False,
                timeout=settings.timeout_seconds,
                headers={"Accept-Encoding": "identity"},
                event_hooks={"response": [_bound]},
            ) as http,
            openai.AsyncOpenAI(
                api_key=self._key.value,
                base_url=self._base_url,
                max_retries=0,
                timeout=settings.timeout_seconds,
                http_client=http,
            ) as client,
        ):
            match settings.api:
                case "chat_completions":
                    raw = await client.chat.completions.with_raw_response.create(
                        model=settings.model,
                        messages=[
                            {"role": "system", "content": prompt.system},
                            {"role": "user", "content": prompt.user},
                        ],
                        temperature=settings.temperature,
                        top_p=settings.top_p,
                        max_tokens=settings.max_output_tokens,
                        response_format={"type": "json_object"},
                    )
                case "responses":
                    raw = await client.responses.with_raw_response.create(  # type: ignore[assignment]
                        model=settings.model,
                        instructions=prompt.system,
                        input=prompt.user,
                        temperature=settings.temperature,
                        top_p=settings.top_p,
                        max_output_tokens=settings.max_output_tokens,
                        text={"format": {"type": "json_object"}},
                        store=False,
                    )
        return _reply(raw.http_response)

    def _without_key(self, outcome: ModelOutcome) -> ModelOutcome:
        """A server that echoes the key must not get it into a result or a log."""
        facts = replace(
            outcome.facts,
            request_id=self._masked(outcome.facts.request_id),
            finish_reason=self._masked(outcome.facts.finish_reason),
        )
        if isinstance(outcome, Completed) and self._echoes_key(outcome):
            return Failed(
                error_code=ErrorCode.OPENAI_MISSING_CONTENT,
                reason="the content holds the API key and was discarded",
                facts=facts,
            )
        return replace(outcome, facts=facts)

    def _echoes_key(self, outcome: Completed) -> bool:
        escaped = ApiKey(json.dumps(self._key.value)[1:-1])
        return escaped.stands_in(json.dumps(outcome.output, ensure_ascii=False))

    def _masked(self, text: str | None) -> str | None:
        # Masked first, then cut: a cut key would no longer be found.
        return None if text is None else self._key.masked(text)[:_FACT_LENGTH]


async def _bound(response: httpx2.Response) -> None:
    """Cap the body before anything reads it, also that of an error; nothing is decompressed."""
    response.headers.pop("content-encoding", None)
    stream = response.stream
    if isinstance(stream, httpx2.AsyncByteStream):
        response.stream = BoundedStream(stream, MAX_BODY_BYTES + 1)


def _reply(response: httpx2.Response) -> Reply:
    return Reply(
        status=response.status_code,
        body=response.content,
        request_id=response.headers.get("x-request-id"),
        retry_after_s=_seconds(response.headers.get("retry-after")),
    )


def _seconds(header: str | None) -> float | None:
    """Retry-After in seconds; its date form is not worth a clock comparison here."""
    if header is not None and header.isascii() and header.isdigit() and len(header) < 7:
        return float(header)
    return None
