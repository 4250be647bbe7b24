"""Paths among the words of a command."""

from argparse import ArgumentTypeError
from pathlib import Path


def place(text: str) -> Path:
    """What `text` names; of a variable that is not set it is empty, and would be the working directory.

    Raises `ArgumentTypeError`.
    """
    if not text:
        raise ArgumentTypeError("`` names nothing; is a variable not set? `.` is the folder you are in")
    return Path(text)


def spelled(text: str) -> str:
    """The same, as it was written: `follow` takes patterns, too."""
    place(text)
    return text
