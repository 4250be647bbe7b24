"""Guarded changes: the one way in which controls, modes, operators and tokens change.

`kill` needs neither the store nor the rest of this package, and importing it stays cheap.
"""

from gates.changes.killing import Kill, kill

__all__ = ["Kill", "kill"]
