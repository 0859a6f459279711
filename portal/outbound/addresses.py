"""Which addresses may be reached: only those that anybody on the internet could reach."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

URL_CHARACTERS = 2000
NEVER = tuple(
    ip_network(net)
    for net in (
        "192.0.0.0/24", "192.88.99.0/24", "3fff::/20",  # special, global to older Pythons
        "fec0::/10",  # once the private addresses of IPv6
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96",  # they carry IPv4
    )
)  # fmt: skip


def is_public(address: str) -> bool:
    """Whether an address, as the resolver gave it, belongs to the public internet. False for
    loopback, private, link-local (169.254.169.254), shared, multicast, reserved and unspecified
    ones, for IPv6 forms that carry an IPv4 address, and for what is no address."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return is_public(str(ip.ipv4_mapped))
    if any(ip in net for net in NEVER if net.version == ip.version):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own: where a demo's shop and the tests' servers are."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return ip.is_loopback


def parts_of(url: str) -> SplitResult:
    """A URL taken apart. Raises ValueError when it is none that could be called: odd signs, a user
    part, another scheme than http and https, no host."""
    if len(url) > URL_CHARACTERS or not url.isascii() or not url.isprintable():
        raise ValueError(url)
    if any(sign in url for sign in ' \\"<>^`{|}'):
        raise ValueError(url)
    parts = urlsplit(url)
    _ = parts.port
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError(url)
    return parts
