"""The error tree of the dashboard.

    DashboardError
    ├── AddressRefused      the address asked for is not one that may be served here
    ├── PortUnavailable     the port is taken or may not be bound
    ├── ServerFailed        the server did not start
    ├── NotServed           no process owns the telemetry of this home, or none that proves it
    ├── QueryTimeout        a query took longer than a page may wait
    ├── Unreachable         the server of the tasks did not answer, or not now
    ├── CallDenied          the server of the tasks answered no
    ├── NotifyError         something about the receivers of notifications cannot be done
    │   ├── ReceiversMisconfigured  notify.json cannot be used
    │   ├── UnknownReceiver  there is no receiver of that name
    │   └── ReceiverRefused  the receiver cannot be taken as it was given
    ├── BackupError         a backup cannot be made, read or restored
    │   ├── BackupDamaged   it is not what a backup of this version, or an earlier one, is
    │   └── PlaceTaken      something is where it should go
    └── DemoError           the demo cannot run
        ├── NotADemoHome    the folder exists and is not a home that the demo made
        ├── DemoIsRunning   another demo has the folder
        └── StoryBlocked    a rule stopped what the demo's people wanted to do

`exit_code` is what the command line ends with (docs/command-line.md).
"""


class DashboardError(Exception):
    """Something the dashboard was asked to do cannot be done; the message says what to do."""

    exit_code = 1


class AddressRefused(DashboardError):
    """The address asked for is not one that may be served here."""

    exit_code = 2


class PortUnavailable(DashboardError):
    """The port is taken or may not be bound."""

    exit_code = 4


class ServerFailed(DashboardError):
    """The server did not start."""


class NotServed(DashboardError):
    """No process owns the telemetry of this home, or none that proves it."""

    exit_code = 4


class QueryTimeout(DashboardError):
    """A query took longer than a page may wait."""


class Unreachable(DashboardError):
    """The server of the tasks did not answer, or not now; the same call may be made again."""

    exit_code = 4


class CallDenied(DashboardError):
    """The server of the tasks answered no. `code` is its reason code, empty where it gave none."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class BackupError(DashboardError):
    """A backup cannot be made, read or restored; what was begun is gone again."""

    exit_code = 4


class BackupDamaged(BackupError):
    """What was named is no backup, not all of one, or of a newer slotgate."""

    exit_code = 3


class PlaceTaken(BackupError):
    """Something is where the backup, or the home that is made of it, should go; it is left as it is."""

    exit_code = 5


class DemoError(DashboardError):
    """The demo cannot run."""


class NotADemoHome(DemoError):
    """The folder exists and is not a home that the demo made."""

    exit_code = 4


class DemoIsRunning(DemoError):
    """Another demo has the folder."""

    exit_code = 4


class StoryBlocked(DemoError):
    """A rule stopped what the demo's people wanted to do: somebody set the mode to `enforce`."""
