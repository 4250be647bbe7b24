"""A client of the websocket made by hand: it sends what a browser never would."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.dashboard.server.processes import Served

PATIENCE_S = 90.0


class Client:
    """An open page. `buttons` are those that were drawn, by label: id and whether it may be pressed."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.buttons: dict[str, tuple[str, bool]] = {}
        self.markup: list[str] = []
        self.session_id = ""

    def run(self, page: str, query: str = "", press: str | None = None) -> None:
        """Run the script of a page, with the press of a button, and read until it has ended."""
        self.send(page, query, press)
        self.markup.clear()
        self._read()

    def send(self, page: str, query: str = "", press: str | None = None) -> None:
        """Ask for a run and do not wait."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        if press is not None:
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = press, True
        self.socket.send(message.SerializeToString())

    def _read(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            data = self.socket.recv(PATIENCE_S)
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            match message.WhichOneof("type"):
                case "new_session":
                    self.session_id = message.new_session.initialize.session_id or self.session_id
                case "delta":
                    self._take(message)
                case "script_finished" if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return
                case _:
                    pass
        raise AssertionError("the page did not come to an end")

    def _take(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "button":
                self.buttons[element.button.label] = (element.button.id, not element.button.disabled)
            case "html":
                self.markup.append(element.html.body)
            case _:
                pass


@contextmanager
def opened(
    served: Served,
    headers: dict[str, str],
    origin: str | None = None,
    *,
    resumes: str = "",
    own: bool = True,
    reads: bool = True,
) -> Iterator[Client]:
    """A page of the person of `headers`; `resumes` names a session of Streamlit to take up.

    `own`: it says our origin unless another is given. `reads`: it takes what it is sent.
    """
    words = ["streamlit", "x", resumes] if resumes else ["streamlit"]
    sent = origin if origin is not None else (served.url if own else None)
    with connect(
        served.url.replace("http", "ws", 1) + "/_stcore/stream",
        origin=None if sent is None else Origin(sent),
        subprotocols=[Subprotocol(word) for word in words],
        additional_headers=headers,
        max_size=None,
        max_queue=None if reads else 1,
        close_timeout=10 if reads else 0,
        open_timeout=PATIENCE_S,
    ) as socket:
        yield Client(socket)
