"""Posts messages to webhooks: only to addresses that are allowed at that moment, every wait limited, no redirects.

Guarantees that the address that was checked is the one that is connected to, so that a name that changes in between
leads nowhere else; that whatever happens is a result; and that nothing of an answer but its status leaves this module.
`http.client`, as in the other connectors: it logs nothing, follows nothing, reads no proxy from the environment.
"""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from connectors.notification_channels.https_client import is_quiet
from connectors.notification_channels.watchdog import Watchdog
from policy_match.events.address import AllowedPlaces, WebhookAddress
from policy_match.events.cloud_event import EVENT_MEDIA_TYPE
from policy_match.events.delivery import PostCode, PostResult, code_of

MOST_ANSWER_BYTES = 16 * 1024
"""What is longer is not read; the connection is closed instead."""

MOST_ADDRESSES = 4
"""So many addresses of one host are tried."""

Resolver = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host as text. Raises `OSError` when it has none."""


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host by the system's resolver, whose own limits of time hold."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, kw_only=True, slots=True)
class Courier:
    """Posts to webhooks. A request ends within `timeout_seconds`, looking up the name aside."""

    allowed: AllowedPlaces
    tls: ssl.SSLContext
    timeout_seconds: int
    resolve: Resolver = system_addresses

    @contextmanager
    def open(self, address: WebhookAddress) -> Iterator["Way"]:
        """Give a way to one receiver; it connects with the first message and keeps the connection."""
        with Watchdog() as watchdog:
            way = Way(self, address, watchdog)
            try:
                yield way
            finally:
                way.close()


def make_courier(allowed: AllowedPlaces, *, ca_file: Path | None, timeout_seconds: int) -> Courier:
    """Return a courier that trusts the system's authorities, or those in a file. Raises `OSError` for a wrong file."""
    return Courier(
        allowed=allowed,
        tls=ssl.create_default_context(cafile=None if ca_file is None else str(ca_file)),
        timeout_seconds=timeout_seconds,
    )


class _Failed(Exception):
    """There is no connection; nothing was sent."""

    def __init__(self, code: PostCode) -> None:
        self.code = code
        super().__init__(code)


class Way:
    """One connection at a time to one receiver."""

    def __init__(self, courier: Courier, address: WebhookAddress, watchdog: Watchdog) -> None:
        self._courier = courier
        self._address = address
        self._watchdog = watchdog
        timeout = courier.timeout_seconds
        if address.tls:
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                address.host, address.port, timeout=timeout, context=courier.tls
            )
        else:
            self._connection = http.client.HTTPConnection(address.host, address.port, timeout=timeout)

    def close(self) -> None:
        """Close the connection, if there is one."""
        self._connection.close()

    def post(self, headers: Mapping[str, str], body: bytes) -> PostResult:
        """Send one message; whatever happens is a result."""
        try:
            connected = self._connected()
        except _Failed as error:
            return PostResult(code=error.code)
        sent = {"Content-Type": EVENT_MEDIA_TYPE, "User-Agent": "policy-match", **headers}
        try:
            with self._watchdog.watch(connected, self._courier.timeout_seconds):
                self._connection.request("POST", self._address.path, body, sent)
                response = self._connection.getresponse()
                status = response.status
                self._read_rest(response)
        except (http.client.HTTPException, OSError):
            self._connection.close()
            return PostResult(code=PostCode.NO_ANSWER)
        return PostResult(code=code_of(status), status=status)

    def _read_rest(self, response: http.client.HTTPResponse) -> None:
        """Read the answer so that the connection can be used again; the status counts, whatever becomes of the rest."""
        try:
            content = response.read(MOST_ANSWER_BYTES + 1)
        except (http.client.HTTPException, OSError):
            self._connection.close()
            return
        if len(content) > MOST_ANSWER_BYTES or response.length:
            self._connection.close()

    def _connected(self) -> socket.socket:
        current: socket.socket | None = self._connection.sock
        if current is not None and is_quiet(current):
            return current
        self._connection.close()
        self._connection.sock = self._connect()
        connected: socket.socket = self._connection.sock
        return connected

    def _connect(self) -> socket.socket:
        """Return a new connection to an address that was checked, with TLS where it belongs. Raises `_Failed`."""
        raw: socket.socket | None = None
        for address in self._checked_addresses()[:MOST_ADDRESSES]:
            try:
                raw = socket.create_connection((str(address), self._address.port), self._courier.timeout_seconds)
                break
            except OSError:
                continue
        if raw is None:
            raise _Failed(PostCode.NO_CONNECTION)
        # As `http.client` does where it connects by itself: headers and body go at once, not after an acknowledgement.
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._address.tls:
            return raw
        try:
            with self._watchdog.watch(raw, self._courier.timeout_seconds):
                return self._courier.tls.wrap_socket(raw, server_hostname=self._address.host)
        except ssl.SSLCertVerificationError:
            raw.close()
            raise _Failed(PostCode.UNTRUSTED) from None
        except OSError:
            raw.close()
            raise _Failed(PostCode.NO_CONNECTION) from None

    def _checked_addresses(self) -> Sequence[IPv4Address | IPv6Address]:
        """Return the host's addresses, none of which may be one that is not allowed. Raises `_Failed`."""
        try:
            found = [
                ip_address(each.partition("%")[0])
                for each in self._courier.resolve(self._address.host, self._address.port)
            ]
        except (OSError, UnicodeError, ValueError):
            raise _Failed(PostCode.NAME_UNKNOWN) from None
        if not found:
            raise _Failed(PostCode.NAME_UNKNOWN)
        if not all(self._courier.allowed.has(each) for each in found):
            raise _Failed(PostCode.ADDRESS_REFUSED)
        return found
