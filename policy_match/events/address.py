"""The address of a webhook: which ones there may be, and to which hosts and networks messages may go.

Guarantees that nobody who may make webhooks can make this service ask any server that its settings do not name. That
the host's address of the moment is allowed too, `connectors.webhooks` checks when it connects.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from policy_match.errors import InputError

LONGEST_URL = 500
LOOPBACK_HOSTS = ("127.0.0.1", "localhost")
PORTS = {"https": 443, "http": 80}

_URL = re.compile(
    r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([1-9][0-9]{0,4}))?(/[A-Za-z0-9._~!$&'()*+,;=:%/-]*)?"
)

Network = IPv4Network | IPv6Network

NOT_PUBLIC = tuple(map(ip_network, ("100.64.0.0/10", "64:ff9b::/96", "2002::/16", "2001::/32")))
"""Not private by name: shared addresses (RFC 6598), and what leads to any IPv4 address (NAT64, 6to4, Teredo)."""


class AddressUnfit(InputError):
    """Not an address that a webhook may have. It is not repeated: somebody may have put a key into it."""

    code = "webhooks.address"
    english = (
        "the address must look like https://host/path, in small letters, without user, query or fragment"
        " (http is for this machine alone, where the settings allow it); a key has no place in it, messages are signed"
    )
    chinese = (
        "地址应形如 https://host/path，主机名小写，不含用户、查询参数或片段（http 仅限设置所允许的本机）；"
        "地址中不应含密钥，消息均有签名"
    )


class HostNotAllowed(InputError):
    """The settings do not name the host."""

    code = "webhooks.host"
    english = "{host} is not a host to which webhooks may go: add it to `hosts` in [webhooks] of the web settings"
    chinese = "{host} 不在允许的主机之列：请在 Web 设置 [webhooks] 的 hosts 中添加"


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookAddress:
    """An address in its parts."""

    host: str
    port: int
    path: str
    tls: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class AllowedPlaces:
    """Where messages may go: `hosts` as host or host:port, and networks that are not public, yet may be reached."""

    hosts: frozenset[str] = frozenset()
    networks: Sequence[Network] = field(default=())

    def has_host(self, address: WebhookAddress) -> bool:
        """Return whether the settings name the host; without a port, its usual one."""
        usual = address.port == PORTS["https" if address.tls else "http"]
        return f"{address.host}:{address.port}" in self.hosts or (usual and address.host in self.hosts)

    def has(self, address: IPv4Address | IPv6Address) -> bool:
        """Return whether an address may be reached: a public one, or one of the networks that the settings name."""
        inner = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
        if _within(inner, self.networks):
            return True
        return inner.is_global and not inner.is_multicast and not _within(inner, NOT_PUBLIC)


def _within(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def read_address(url: str, allowed: AllowedPlaces) -> WebhookAddress:
    """Return the parts of an address. Raises `AddressUnfit` or `HostNotAllowed`."""
    found = _URL.fullmatch(url) if len(url) <= LONGEST_URL else None
    if found is None or ".." in found[2]:
        raise AddressUnfit
    scheme, host = found[1], found[2]
    port = int(found[3] or PORTS[scheme])
    if port > 65535 or (scheme == "http" and host not in LOOPBACK_HOSTS):
        raise AddressUnfit
    address = WebhookAddress(host=host, port=port, path=found[4] or "/", tls=scheme == "https")
    if not allowed.has_host(address):
        raise HostNotAllowed(host=host if port == PORTS[scheme] else f"{host}:{port}")
    return address
