"""The error tree of the gates. The decision itself raises nothing: what it cannot know, it denies.

    GateError
    ├── HomeError            the home, or a file in it, cannot be used
    │   ├── PublishFailed    the control file could not be replaced; the old one is still in force
    │   │   └── PublishConflict  something else was in force than the publication was prepared for
    │   └── StoreError       the store cannot be used
    │       ├── StoreMissing     it is not there
    │       ├── StoreLocked      another process keeps writing to it
    │       ├── StoreCorrupt     what is in it is not what was put in
    │       ├── StoreReadOnly    it may not be written, or not even read
    │       ├── StoreFull        the disk is full
    │       └── StoreTooNew      a newer slotgate made its layout
    ├── Conflict             somebody or something else came first; nothing was changed
    │   ├── StaleRevision    the controls moved on
    │   ├── RequestConflict  the change request is closed or was edited
    │   └── AlreadyThere     it exists, or was done, before
    ├── UnknownEntry         there is no such request, operator, token or record
    ├── AuditError           the audit chain cannot do what was asked
    │   ├── InvalidEntry     the entry has no canonical form
    │   ├── ChainBroken      the chain does not verify
    │   └── InvalidCheckpoint  the checkpoint or its key is not one, or not ours
    ├── ChangeError          a change was not made
    │   ├── NotSignedIn      nobody known asks for it
    │   ├── InvalidChange    it cannot be understood
    │   └── ModeUnknown      the enforcement mode is unset, unknown or contradicted
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


class StoreError(HomeError):
    """The store cannot be used."""


class StoreMissing(StoreError):
    """The store is not there."""


class StoreLocked(StoreError):
    """Another process kept writing to the store for longer than we wait."""


class StoreCorrupt(StoreError):
    """What is in the store is not what was put in."""


class StoreReadOnly(StoreError):
    """The store may not be written, or not even read."""


class StoreFull(StoreError):
    """The disk under the store is full."""


class StoreTooNew(StoreError):
    """A newer slotgate made the layout of the store."""


class Conflict(GateError):
    """Somebody or something else came first; nothing was changed."""

    exit_code = 5


class StaleRevision(Conflict):
    """The controls moved on."""


class RequestConflict(Conflict):
    """The change request is closed, or was edited meanwhile."""


class AlreadyThere(Conflict):
    """It exists, or was done, before."""


class UnknownEntry(GateError):
    """There is no such request, operator, token or record."""


class AuditError(GateError):
    """The audit chain cannot do what was asked."""


class InvalidEntry(AuditError):
    """The entry has no canonical JSON form."""


class ChainBroken(AuditError):
    """The chain does not verify."""


class InvalidCheckpoint(AuditError):
    """The checkpoint or its key is not one, or not ours."""

    exit_code = 3


class PublishConflict(PublishFailed):
    """The control file is not what the publication was prepared for; it stays as it is."""

    exit_code = 5


class ChangeError(GateError):
    """A change was not made."""


class NotSignedIn(ChangeError):
    """The token is missing, unknown, expired or revoked, or its operator disabled."""


class InvalidChange(ChangeError):
    """The change cannot be understood, or is none that can be proposed."""

    exit_code = 3


class ModeUnknown(ChangeError):
    """The enforcement mode is unset, unknown, or the environment contradicts the home."""

    exit_code = 4


class ExecutorError(GateError):
    """A run cannot start."""


class InvalidInput(ExecutorError):
    """The job spec or the executor config does not fit its contract."""

    exit_code = 3
