"""Whether what a v2 line claims can be true of the rest of it. Pure."""

from gates.decision.outcome import ERROR_CODE, Gate
from schemas.codes import Path, Status


def claims_contradiction(
    *,
    path: str,
    status: str,
    error_code: str | None,
    gate: str | None,
    attempt: int,
    tells_model: bool,
    tells_usage: bool,
) -> str | None:
    """Say why gate and calls cannot fit path, status and errorCode, or None where they can.

    A stub names the gate that denied, with that gate's errorCode, and made no call. What went to the
    model names no gate, and completed by a call at least. A model and tokens belong to calls.
    """
    if path == Path.STUB:
        if gate is None:
            return "path stub, but no gate denied"
        expected = ERROR_CODE[Gate(gate)]
        if error_code != expected:
            return f"gate {gate} with errorCode {error_code or 'null'}, not {expected or 'null'}"
        if attempt:
            return f"path stub, but calls to the model: {attempt}"
    elif gate is not None:
        return f"path openai, but gate {gate} denied"
    elif status == Status.COMPLETED and attempt == 0:
        return "status COMPLETED without a call to the model"
    if attempt == 0 and tells_usage:
        return "tokens without a call to the model"
    if tells_model != (attempt > 0):
        return "a model without a call" if tells_model else "calls without a model"
    return None
