"""What can be wrong with receivers. The tree stands in `dashboard.errors`."""

from dashboard.errors import DashboardError


class NotifyError(DashboardError):
    """Something about the receivers of this home cannot be done."""


class ReceiversMisconfigured(NotifyError):
    """`notify.json` cannot be used."""

    exit_code = 3


class UnknownReceiver(NotifyError):
    """There is no receiver of that name."""


class ReceiverRefused(NotifyError):
    """The receiver cannot be taken as it was given."""

    exit_code = 2
