"""A page spoken to without a browser: plain HTTP, and Streamlit's own messages over a WebSocket."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

from tests.ui.server import Server


@dataclass(frozen=True)
class Answer:
    """What a request was answered with."""

    status: int
    headers: Mapping[str, str]
    body: str


def ask(
    server: Server,
    path: str,
    method: str = "GET",
    body: str | None = None,
    cookie: str = "",
    base: str | None = None,
) -> Answer:
    """A single request as a browser makes it; a path begins below the page's own, unless another base is named."""
    headers = {"Accept": "text/html", "Cookie": cookie}
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, (server.base if base is None else base) + path, body, headers)
    response = connection.getresponse()
    answer = Answer(response.status, dict(response.getheaders()), response.read().decode("utf-8", "replace"))
    connection.close()
    return answer


def signed_in(server: Server, token: str) -> str:
    """The cookie of one who has signed in."""
    answer = ask(server, f"/?token={token}")
    assert answer.status == 303, answer
    return answer.headers["set-cookie"].split(";")[0]


@dataclass
class Session:
    """A session of the page.

    Attributes:
        socket: the open WebSocket.
        messages: all that came, decoded.
        frames: the same as it came.
    """

    socket: ClientConnection
    messages: list[ForwardMsg] = field(default_factory=list)
    frames: bytes = b""

    @classmethod
    def of(cls, server: Server, cookie: str = "", **headers: str) -> Session:
        """Opens one, as a browser does."""
        url = f"ws://127.0.0.1:{server.port}{server.base}/_stcore/stream"
        own = {"Cookie": cookie, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return cls(connect(url, additional_headers=own, subprotocols=["streamlit"], max_size=None))  # type: ignore[list-item]

    def run(self, query: str = "", page: str = "", pressed: str = "", seconds: float = 60) -> list[ForwardMsg]:
        """Runs the script, perhaps of another page or with a button pressed; what it sent until it had finished."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        if pressed:
            message.rerun_script.widget_states.widgets.append(WidgetState(id=pressed, trigger_value=True))
        self.socket.send(message.SerializeToString())
        return self._until_finished(seconds)

    def _until_finished(self, seconds: float) -> list[ForwardMsg]:
        """What comes until the script has finished and runs no more."""
        begun, end = len(self.messages), time.monotonic() + seconds
        while True:
            frame = self.socket.recv(timeout=max(0.1, end - time.monotonic()))
            assert isinstance(frame, bytes)
            self.frames += frame
            message = ForwardMsg.FromString(frame)
            self.messages.append(message)
            if message.WhichOneof("type") == "script_finished" and message.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
            ):
                return self.messages[begun:]

    def buttons(self) -> dict[str, str]:
        """The ids of the buttons that were shown, by their labels."""
        elements = [m.delta.new_element for m in self.messages if m.WhichOneof("type") == "delta"]
        return {e.button.label: e.button.id for e in elements if e.WhichOneof("type") == "button"}
