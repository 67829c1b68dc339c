"""Which addresses a source may be at: those that the whole internet can reach, and no others.

A feed names its source, and its source may name others (redirects, links, links in XML). Inside a
city's network stand things that trust whoever can connect: databases, printers, the metadata service
of a cloud. So a feed reaches them only where an administrator said so.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

#: Where IPv6 carries an IPv4 address in its last 32 bits: NAT64 (RFC 6052, RFC 8215) and the
#: IPv4-compatible form (RFC 4291, 2.5.5.1). `ipaddress` knows of mapped, 6to4 and Teredo itself.
_CARRIERS = tuple(IPv6Network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96"))

#: Global by the registry or to some versions of `ipaddress`, and yet nobody's server: protocol
#: assignments (RFC 6890; a cloud's metadata service stands there), 6to4 relays (RFC 7526),
#: benchmarking (RFC 2544), and Azure's metadata service.
_NOBODYS = tuple(
    ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "168.63.129.16/32")
)


def is_public(text: str) -> bool:
    """Whether `text`, an IP address as `getaddrinfo` gives it, is one of the public internet."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return _is_public(address.ipv4_mapped)  # it is that address, written otherwise
    return all(_is_public(one) for one in (address, *_carried(address)))


def _is_public(address: Address) -> bool:
    special = (
        address.is_multicast or address.is_reserved or address.is_unspecified
        or address.is_loopback or address.is_link_local or address.is_private
        or getattr(address, "is_site_local", False)
    )  # fmt: skip
    known = any(address in net for net in _NOBODYS if net.version == address.version)
    return address.is_global and not special and not known


def _carried(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 one stands for or leads to."""
    if isinstance(address, IPv4Address):
        return []
    found: list[Address | None] = [address.sixtofour]
    found += list(address.teredo or ())
    if any(address in net for net in _CARRIERS):
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in found if one is not None]
