"""The error tree of the gates. The decision itself raises nothing: what it cannot know, it denies.

    GateError
    ├── HomeError            the home, or a file in it, cannot be used
    │   └── PublishFailed    the control file could not be replaced; the old one is still in force
    └── ExecutorError        a run cannot start
        └── InvalidInput     the job spec or the executor config is not what it should be

`exit_code` is what the command line ends with (docs/command-line.md).
"""


class GateError(Exception):
    """Something the gates were asked to do cannot be done; the message says what to do."""

    exit_code = 1


class HomeError(GateError):
    """The home, or a file in it, cannot be used."""

    exit_code = 4


class PublishFailed(HomeError):
    """The control file could not be replaced; the revision before it is still in force."""


class ExecutorError(GateError):
    """A run cannot start."""


class InvalidInput(ExecutorError):
    """The job spec or the executor config does not fit its contract."""

    exit_code = 3
