"""Readers without a window: they speak Streamlit's protocol over the websocket as its pages do.

Each opens a page, is told by the server which part refreshes itself and how often, and asks for that from
then on. A refresh that is due while the last one is not finished is left out and counted as missed.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

PATIENCE_S = 120


@dataclass
class Seen:
    """What one reader saw, in ms: `opened` is from asking for the page to its end, `lags` of refreshes."""

    opened: float = 0.0
    lags: list[float] = field(default_factory=list)
    missed: int = 0
    bytes: int = 0

    def forget(self) -> None:
        """Begin to count anew."""
        self.lags, self.missed, self.bytes = [], 0, 0


@dataclass
class Readers:
    """Readers that came and stay until the end."""

    url: str
    cookie: str | None
    seen: list[Seen] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def come(self, count: int, path: str = "", over_s: float = 2.0) -> None:
        """`count` more of them, spread over a refresh; returns when all have seen the whole page."""
        arriving = [self._start(path, number * over_s / count) for number in range(count)]
        for one in arriving:
            ready = asyncio.run_coroutine_threadsafe(asyncio.wait_for(one.wait(), PATIENCE_S), self._loop)
            ready.result()

    def watched(self, seconds: float) -> list[Seen]:
        """What they see in so many seconds."""
        for one in self.seen:
            one.forget()
        time.sleep(seconds)
        return [Seen(one.opened, list(one.lags), one.missed, one.bytes) for one in self.seen]

    def leave(self) -> None:
        """Close every connection."""

        async def all_of_them() -> None:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._tasks.clear()

        asyncio.run_coroutine_threadsafe(all_of_them(), self._loop).result(PATIENCE_S)
        self.seen.clear()

    def _start(self, path: str, after_s: float) -> asyncio.Event:
        seen, ready = Seen(), asyncio.Event()
        self.seen.append(seen)

        async def begin() -> None:
            self._tasks.append(asyncio.create_task(self._read(path, after_s, seen, ready)))

        asyncio.run_coroutine_threadsafe(begin(), self._loop).result(PATIENCE_S)
        return ready

    async def _read(self, path: str, after_s: float, seen: Seen, ready: asyncio.Event) -> None:
        await asyncio.sleep(after_s)
        headers = {"Origin": self.url} | ({"Cookie": self.cookie} if self.cookie else {})
        async with connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            additional_headers=headers,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            ping_interval=None,
        ) as socket:
            begin = time.perf_counter()
            await self._ask(socket, path, None)
            part, every = await self._until_finished(socket, seen)
            seen.opened = (time.perf_counter() - begin) * 1e3
            ready.set()
            due = time.perf_counter() + every
            while part:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                begin = time.perf_counter()
                await self._ask(socket, path, part)
                await self._until_finished(socket, seen)
                seen.lags.append((time.perf_counter() - begin) * 1e3)
                due += every
                while due < time.perf_counter():
                    due += every
                    seen.missed += 1

    async def _ask(self, socket: ClientConnection, path: str, part: str | None) -> None:
        state = ClientState(page_name=path, fragment_id=part or "", is_auto_rerun=part is not None)
        state.context_info.timezone = "Europe/London"
        state.context_info.url = f"{self.url}/{path}"
        await socket.send(BackMsg(rerun_script=state).SerializeToString())

    async def _until_finished(self, socket: ClientConnection, seen: Seen) -> tuple[str, float]:
        part, every = "", 2.0
        async for message in socket:
            assert isinstance(message, bytes)
            seen.bytes += len(message)
            told = ForwardMsg.FromString(message)
            kind = told.WhichOneof("type")
            if kind == "auto_rerun":
                part, every = told.auto_rerun.fragment_id, told.auto_rerun.interval
            elif kind == "script_finished" and told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return part, every
        raise AssertionError("the server closed the connection")

    def run(self) -> None:
        """The loop of the readers, for a thread of its own."""
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def close(self) -> None:
        self.leave()
        self._loop.call_soon_threadsafe(self._loop.stop)


@contextmanager
def readers_of(url: str, cookie: str | None = None) -> Iterator[Readers]:
    """Nobody at first; all leave at the end."""
    readers = Readers(url, cookie)
    thread = threading.Thread(target=readers.run)
    thread.start()
    try:
        yield readers
    finally:
        readers.close()
        thread.join()
        readers._loop.close()
