"""Quote documents on stderr without letting them speak there."""


def quotable(error: Exception) -> str:
    """The message of `error` with its control characters and double quotes replaced.

    Messages about an invalid document repeat parts of it. Stderr is where telemetry is read from, in
    any part of any line, and without double quotes nothing in a message can pass for a record.
    """
    text = str(error).replace('"', "'")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
