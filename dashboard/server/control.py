"""What the control API reaches, put together over the seat of a served home."""

import time
from functools import partial
from typing import Any

from dashboard.api.control.house import House, Pools
from dashboard.api.control.keys import Keys
from dashboard.auth.access import Access
from dashboard.cli.doctor import as_record, look_into_tasks, look_over
from dashboard.cli.doctor_archive import archive_through
from dashboard.cli.doctor_retention import retention_through
from dashboard.cli.doctor_telemetry import of_store, set_aside
from dashboard.server.seat import Seat


def house_of(seat: Seat, access: Access) -> House:
    """The home of `seat` behind its door; people act in it as they do through its pages."""
    performer = seat.with_door(access).performer
    assert performer is not None, "a seat with a door has somebody who carries out what is asked"
    return House(
        access=access,
        performer=performer,
        to_look=seat.to_look,
        telemetry=seat.telemetry,
        examined=partial(_examined, seat),
        invariants=partial(_invariants, seat),
        pools=Pools(),
        keys=Keys(access.clock),
        sleep=time.sleep,
    )


def _examined(seat: Seat) -> dict[str, Any]:
    """This process has the telemetry file open, so it is not opened a second time."""
    ours = (
        lambda _home: of_store(seat.store),
        set_aside,
        lambda _home: archive_through(seat.telemetry),
        lambda _home: retention_through(seat.telemetry),
    )
    return as_record(look_over(seat.home, ours))


def _invariants(seat: Seat) -> dict[str, Any]:
    return as_record(look_into_tasks(seat.home))
