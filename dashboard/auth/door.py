"""Where we are reached: what a request of our own pages looks like, and what its cookie is called. Pure."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers


@dataclass(frozen=True, slots=True)
class Door:
    """`scheme` and `port` are those we listen with; `public_url` is what a proxy before us is called."""

    scheme: str
    port: int
    loopback: bool
    public_url: str | None = None

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by TLS."""
        return self.scheme == "https" or (self.public_url or "").startswith("https:")

    @property
    def cookie(self) -> str:
        """Cookies are shared by all ports of a host: two servers on one machine need two names."""
        return "__Host-slotgate" if self.secure else f"slotgate_{self.port}"

    @property
    def public_host(self) -> str | None:
        """The host name of the public address."""
        return None if self.public_url is None else urlsplit(self.public_url).hostname

    def is_own_page(self, headers: Headers) -> bool:
        """Whether the browser says that the request comes from a page of ours: its exact origin.

        The names we answer to were checked before, so `Host` is one of ours.
        """
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if site not in (None, "same-origin"):
            return False
        if origin is None or len(headers.getlist("origin")) != 1:
            return False
        own = f"{self.scheme}://{headers.get('host', '').lower()}"
        return origin.lower() == own or (self.public_url is not None and origin == _origin(self.public_url))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
