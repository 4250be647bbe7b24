"""A stand-in for OpenAI's server: real HTTP on loopback, answering by scenario.

For tests and the demo, inside the process (`StubServer` is a context manager) or as one of its own
(`python -m dashboard.demo.openai_stub`).
"""

from dashboard.demo.openai_stub.behaviour import Behaviour
from dashboard.demo.openai_stub.received import Received
from dashboard.demo.openai_stub.scenarios import SCENARIOS
from dashboard.demo.openai_stub.server import StubServer

__all__ = ["SCENARIOS", "Behaviour", "Received", "StubServer"]
