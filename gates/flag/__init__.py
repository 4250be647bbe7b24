"""The flag `slotgen_ai`, as OpenFeature asks for it. Pure: controls and an evaluation context in, answer out.

`context` makes a job of what the caller says, `resolution` puts the decision into OpenFeature's words. The
OFREP endpoint and the Python provider both answer with this, so that they cannot differ.
"""

from gates.flag.context import Asked, ContextFault, Unusable, asked_by
from gates.flag.resolution import KEY, Reason, Resolution, resolve

__all__ = ["KEY", "Asked", "ContextFault", "Reason", "Resolution", "Unusable", "asked_by", "resolve"]
