"""Job specs that wait for an executor: a durable queue, and the boundary that every change of it passes.

`events` and `view` say what a task is, `policy` what may be done to one (both pure); `service` does it over
the store; `dashboard.worker` takes tasks over HTTP and runs them. Start at `docs/enforcement.md`.
"""
