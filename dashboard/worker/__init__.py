"""The worker: takes tasks from a server over HTTP and runs each under `slotgate exec` (docs/enforcement.md).

`task_server` is the port to the server and `http_server` its adapter, `executor` the port to the process and
`exec_process` its adapter; `working` is what a worker does with both, without a clock or a process.
"""
