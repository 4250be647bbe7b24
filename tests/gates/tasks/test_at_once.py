"""Several processes claim at once, over one store: each task is given to one of them."""

import os
from contextlib import closing
from pathlib import Path

from gates.store.store import Store
from tests.gates.tasks.builders import Desk


def test_each_task_is_given_once(tmp_path: Path) -> None:
    place, tasks, workers = tmp_path / "gate.db", 12, 4
    with closing(Store.create(place)) as store:
        desk = Desk(store)
        ids = [desk.create(f"J{number}") for number in range(tasks)]
    go, ready = os.pipe()
    pids = []
    for number in range(workers):
        if (pid := os.fork()) == 0:
            os.close(ready)
            os.read(go, 1)  # until the parent lets go: all at once
            with closing(Store.open(place)) as own:
                mine = Desk(own)
                while (claimed := mine.claim()["task"]) is not None:
                    (tmp_path / f"{claimed['task_id']}-{number}").touch()
            os._exit(0)
        pids.append(pid)
    os.close(ready)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0] * workers
    os.close(go)
    given = sorted(
        path.name.rpartition("-")[0] for path in tmp_path.iterdir() if path.name.startswith("task-")
    )
    assert given == sorted(ids)
    with closing(Store.open(place)) as store, store.read() as tx:
        assert {view.run for view in tx.tasks.views(most=99)} == {1}
        assert tx.tasks.violations() == ()
