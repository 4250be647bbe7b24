"""What `slotgate exec` is asked to run."""

RESTART = "restart"


class Task:
    """What is to be run: the command, and the name of its source in the spool.

    `watch` says what a change of the controls does to a long-running command: `restart`, or the name of a
    signal. Null: the command does one job, so it is to say one line and to give one result.
    """

    __slots__ = ("command", "source", "watch")

    def __init__(self, command: "list[str]", source: str, watch: "str | None") -> None:
        self.command = command
        self.source = source
        self.watch = watch
