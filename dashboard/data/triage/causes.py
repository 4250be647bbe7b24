"""Why a record is in quarantine, in words. Pure."""

from ingest.contract.outcomes import Cause

IN_WORDS: dict[Cause, str] = {
    Cause.TRUNCATED: "it quotes both key fields and has no end, or no beginning: the line was cut",
    Cause.LINE_TOO_LONG: "the text is too long to be read at once",
    Cause.MALFORMED_JSON: "its brackets close, and it is no JSON",
    Cause.INVALID_UTF8: "it has bytes that are no UTF-8",
    Cause.LONE_SURROGATE: "it has half of a character, which no text can hold",
    Cause.DUPLICATE_KEY: "a key stands in it twice: readers would disagree",
    Cause.NOT_FINITE: "a number in it is NaN or infinite",
    Cause.NUMBER_OUT_OF_RANGE: "a number in it is too large",
    Cause.NESTED_TOO_DEEPLY: "it is nested too deeply to be telemetry",
    Cause.INSIDE_OTHER_JSON: "it stands inside another JSON object: ship the line itself",
    Cause.UNKNOWN_KEY: "it has a key that the contract does not know",
    Cause.MISSING_KEY: "a key of the contract is missing",
    Cause.WRONG_TYPE: "a value has another type than the contract asks for",
    Cause.BOOL_AS_NUMBER: "a number is said as true or false",
    Cause.EMPTY_STRING: "a text that names something is empty",
    Cause.UNKNOWN_VERSION: "its version is not v1",
    Cause.UNKNOWN_PATH: "its path is neither stub nor openai",
    Cause.UNKNOWN_STATUS: "its status is none of the contract",
    Cause.NEGATIVE_LATENCY: "its latency is below 0",
    Cause.UNKNOWN_GATE: "it names a gate that there is not",
    Cause.NOT_A_TIME: "its emittedAt is no RFC 3339 time",
}
