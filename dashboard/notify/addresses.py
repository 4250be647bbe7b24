"""Which addresses may be connected to: none that a name of somebody else's should lead us to. Pure.

Refused unless allowed: this machine, its links, private networks (also IPv6's and those of carriers),
multicast, and whatever else the registries of IANA call not global. An IPv6 address that stands for an
IPv4 address is judged as that one too.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_LOW_32 = 0xFFFF_FFFF


def refusal(addresses: tuple[str, ...], *, allow_private: bool) -> str | None:
    """Why a name with these addresses is not connected to; null where it may be. One bad one is enough."""
    if not addresses:
        return "the name has no address"
    for text in addresses:
        try:
            found = ip_address(text.partition("%")[0])
        except ValueError:
            return f"`{text}` is no address"
        if any(one.is_unspecified or one.is_multicast for one in _meanings(found)):
            return f"`{text}` is no address of one machine"
        if not allow_private and not all(_is_public(one) for one in _meanings(found)):
            return f"`{text}` is private or local; `--allow-private` allows that"
    return None


def _is_public(address: Address) -> bool:
    is_of_a_site = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not address.is_reserved and not is_of_a_site


def _meanings(address: Address) -> Iterator[Address]:
    """The address, and the IPv4 addresses that it may lead to."""
    if isinstance(address, IPv4Address):
        yield address
    elif address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address in _NAT64:
        yield IPv4Address(int(address) & _LOW_32)
    else:
        yield address
        if address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield from address.teredo
