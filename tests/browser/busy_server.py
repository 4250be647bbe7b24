"""`slotgate serve` with one more page: a query that keeps its session busy.

python -m tests.browser.busy_server HOME PORT
"""

import sys
from pathlib import Path

from dashboard.auth.access import open_access
from dashboard.auth.config import SignIn
from dashboard.server.address import loopback_address
from dashboard.server.opening import open_seat
from dashboard.server.serve import serve
from gates.home import Home

BUSY_PAGE = Path(__file__).with_name("busy_page.py")


def main() -> None:
    home, address = Home(Path(sys.argv[1])), loopback_address("127.0.0.1", int(sys.argv[2]))
    access = open_access(home, home.store, address.door, SignIn())
    serve(address, open_seat(home), lambda: None, access, BUSY_PAGE)


if __name__ == "__main__":
    main()
