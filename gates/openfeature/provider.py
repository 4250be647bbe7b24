"""The OpenFeature provider that decides in the caller's process, from the control file.

No server, no thread, no cache: each evaluation looks at the file, so a kill reaches the next one. An
executor that asks an SDK is stopped like every other one.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, Metadata

from gates.controls.environment import EnvironmentNarrowing
from gates.controls.reader import ControlFile
from gates.controls.source import ControlSource
from gates.flag import KEY, Resolution, Unusable, resolve
from gates.flag.context import TARGETING_KEY
from gates.home import Home

Value = TypeVar("Value")


class SlotgateProvider(AbstractProvider):
    """Answers the boolean flag `slotgen_ai` under `controls`; the targeting key is the jobId.

    Nothing raises. What cannot be known is false with reason ERROR or UNKNOWN and no error code: with one,
    the SDK would answer with the default in the caller's code, which may be true.
    """

    def __init__(self, controls: ControlSource) -> None:
        super().__init__()
        self._controls = controls

    @classmethod
    def of_home(cls, home: Path, environ: Mapping[str, str] | None = None) -> Self:
        """Under the control file of the home at `home`, less what the variables of `environ` take away."""
        return cls.of_file(Home(home).control_file, environ)

    @classmethod
    def of_file(cls, path: Path, environ: Mapping[str, str] | None = None) -> Self:
        """Under the control file at `path`, taken from the present directory once."""
        return cls(ControlFile(path.absolute(), EnvironmentNarrowing(environ or {})))

    def get_metadata(self) -> Metadata:
        """The name of the provider, as hooks see it."""
        return Metadata(name="slotgate")

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        """The decision for the job of the context."""
        if flag_key != KEY:
            return _no_such_flag(flag_key, default_value)
        found = resolve(self._controls.current(), _said(evaluation_context))
        match found:
            case Resolution():
                return FlagResolutionDetails(
                    value=found.value,
                    reason=Reason(found.reason.value),
                    variant=found.variant.value,
                    flag_metadata=found.metadata,
                )
            case Unusable():
                return FlagResolutionDetails(
                    value=False,
                    reason=Reason.ERROR,
                    variant="stub",
                    error_message=f"{found.fault}: {found.words}",
                    flag_metadata={"why": found.words},
                )

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        """TYPE_MISMATCH: the flag is boolean."""
        del evaluation_context
        return _not_boolean(flag_key, default_value)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        """TYPE_MISMATCH: the flag is boolean."""
        del evaluation_context
        return _not_boolean(flag_key, default_value)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        """TYPE_MISMATCH: the flag is boolean."""
        del evaluation_context
        return _not_boolean(flag_key, default_value)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        """TYPE_MISMATCH: the flag is boolean."""
        del evaluation_context
        return _not_boolean(flag_key, default_value)


def _said(context: EvaluationContext | None) -> Mapping[str, object]:
    """The context as it would go over the wire; the targeting key wins over an attribute of that name."""
    if context is None:
        return {}
    key = {} if context.targeting_key is None else {TARGETING_KEY: context.targeting_key}
    return {**(context.attributes or {}), **key}


def _not_boolean(flag_key: str, default_value: Value) -> FlagResolutionDetails[Value]:
    if flag_key != KEY:
        return _no_such_flag(flag_key, default_value)
    return FlagResolutionDetails(
        value=default_value,
        error_code=ErrorCode.TYPE_MISMATCH,
        error_message=f"`{KEY}` is boolean; ask for a boolean",
        reason=Reason.ERROR,
    )


def _no_such_flag(flag_key: str, default_value: Value) -> FlagResolutionDetails[Value]:
    return FlagResolutionDetails(
        value=default_value,
        error_code=ErrorCode.FLAG_NOT_FOUND,
        error_message=f"there is no flag `{flag_key[:100]}`; ask for `{KEY}`",
        reason=Reason.ERROR,
    )
