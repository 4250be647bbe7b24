"""Print every route of the served application as one JSON array of `METHODS PATH`.

A process of its own: Streamlit builds one runtime a process, with the options of the served one.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from streamlit.web import bootstrap

from dashboard.api.control.application import ROUTERS, control_routes
from dashboard.api.control.document import WHERE
from dashboard.api.otlp.route import otlp_routes
from dashboard.api.otlp.spool import PushedSpool
from dashboard.api.routes import api_routes
from dashboard.api.tasks.opened import OpenedTasks
from dashboard.api.tasks.routes import task_routes
from dashboard.auth.access import open_access
from dashboard.auth.config import SignIn
from dashboard.server.address import served_address
from dashboard.server.control import house_of
from dashboard.server.local import local_routes
from dashboard.server.opening import open_seat
from dashboard.server.options import streamlit_options
from dashboard.server.serve import application
from gates.home import Home


def named(routes: Iterable[BaseRoute]) -> Iterable[str]:
    for route in routes:
        match route:
            case Route(path=path, methods=methods):
                yield f"{','.join(sorted(methods or ()))} {path}"
            case WebSocketRoute(path=path):
                yield f"websocket {path}"
            case Mount(path=path) if path == WHERE:
                yield f"GET {path}/openapi.json"
                for inner in (route for router in ROUTERS for route in router.routes):
                    assert isinstance(inner, Route)
                    yield f"{','.join(sorted(inner.methods or ()))} {path}{inner.path}"
            case Mount(path=path):
                yield f"mount {path}/"
            case other:
                yield repr(other)


def main(folder: Path) -> None:
    home = Home(folder)
    config = SignIn.model_validate({"oidc": {"issuer": "http://127.0.0.1:1", "client_id": "slotgate"}})
    address = served_address("127.0.0.1", 0, None, config)
    access = open_access(home, home.store, address.door, config)
    seat = open_seat(home)
    bootstrap.load_config_options(streamlit_options(address))
    more: list[BaseRoute] = [*local_routes(seat.telemetry, b"secret"), *api_routes(access, address.url)]
    more += task_routes(OpenedTasks(access, {}))
    more += control_routes(house_of(seat, access))
    more += otlp_routes(access, PushedSpool(home.spool))
    app = application(address, seat, access, more)
    print(json.dumps(list(named(app._build_starlette_app().routes))))
    seat.store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
