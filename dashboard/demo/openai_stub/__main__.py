"""Serve until interrupted: `python -m dashboard.demo.openai_stub [--port N] [--scenario NAME]`.

Prints the base URL on the first line of stdout.
"""

import signal
from argparse import ArgumentParser

from dashboard.demo.openai_stub import SCENARIOS, Behaviour, StubServer


def main() -> None:
    """Parse, serve, wait for SIGINT or SIGTERM."""
    parser = ArgumentParser(prog="openai_stub", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default="ok")
    parser.add_argument("--median", type=float, default=0.0, help="seconds before a reply")
    parser.add_argument("--sigma", type=float, default=0.0, help="spread of the log-normal latency")
    parser.add_argument("--seed", type=int, default=0)
    words = parser.parse_args()
    behaviour = Behaviour(
        scenarios={words.scenario: 1.0}, median_s=words.median, sigma=words.sigma, seed=words.seed
    )
    ending = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    with StubServer(behaviour, words.port) as server:
        print(server.base_url, flush=True)  # noqa: T201  where it listens, for who started it
        signal.sigwait(ending)


if __name__ == "__main__":
    main()
