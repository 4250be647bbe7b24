"""The error tree of the contracts.

ContractError
├── InvalidJson        the text is not JSON, or JSON that two readers could read differently
└── InvalidDocument    JSON, but not the document it should be
"""


class ContractError(ValueError):
    """A document cannot be used; the message says where and why."""

    exit_code = 3


class InvalidJson(ContractError):
    """The text is not strict JSON."""


class InvalidDocument(ContractError):
    """The value does not fit the contract."""
