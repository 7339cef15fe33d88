"""What a proxy says counts only from a proxy that is trusted."""

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

import pytest

from policy_match.web.proxies import REQUEST_ID, TrustedProxies

ID = "0b9e5a3c-8d2f-4a5e-9a7d-3f2b1c0d9e8f"


def seen(peer: str, *, trusts_unix: bool = False, **headers: str) -> dict[str, Any]:
    """Return the environment that the application sees."""
    found: dict[str, Any] = {}

    def application(environ: dict[str, Any], _: object) -> Iterable[bytes]:
        found.update(environ)
        return []

    networks = (ip_network("10.0.0.0/8"), ip_network("::1"))
    given = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    TrustedProxies(application, networks, trusts_unix=trusts_unix)(
        {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", **given}, lambda *_: lambda _: None
    )
    return found


def test_a_trusted_proxy_says_who_asks_by_tls_under_which_id() -> None:
    found = seen("10.0.0.1", x_forwarded_for="203.0.113.7", x_forwarded_proto="https", x_request_id=ID)
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"], found[REQUEST_ID]) == ("203.0.113.7", "https", ID)


def test_nobody_else_is_believed_and_nothing_of_it_is_left() -> None:
    found = seen(
        "203.0.113.9", x_forwarded_for="203.0.113.7", x_forwarded_proto="https", x_request_id=ID, forwarded="for=x"
    )
    assert found == {"REMOTE_ADDR": "203.0.113.9", "wsgi.url_scheme": "http"}


def test_the_nearest_address_that_is_no_proxy_of_ours_asks() -> None:
    found = seen("10.0.0.1", x_forwarded_for="198.51.100.1, 203.0.113.7, 10.0.0.2")
    assert found["REMOTE_ADDR"] == "203.0.113.7"


@pytest.mark.parametrize("chain", ["", "unknown", "203.0.113.7, evil", "10.0.0.3"])
def test_a_chain_that_names_nobody_leaves_a_proxy(chain: str) -> None:
    assert seen("10.0.0.1", x_forwarded_for=chain)["REMOTE_ADDR"].startswith("10.")


@pytest.mark.parametrize("text", ["", "x" * 36, "0b9e5a3c", f"{ID}\nSet-Cookie: x", f"{{{ID}}}"])
def test_an_id_that_is_no_uuid_is_not_taken(text: str) -> None:
    assert REQUEST_ID not in seen("10.0.0.1", x_request_id=text)


def test_an_id_as_nginx_writes_it_is_taken() -> None:
    assert seen("10.0.0.1", x_request_id=ID.replace("-", ""))[REQUEST_ID] == ID


def test_a_unix_socket_is_trusted_only_when_it_is_named() -> None:
    assert seen("", x_forwarded_for="203.0.113.7")["REMOTE_ADDR"] == ""
    assert seen("", trusts_unix=True, x_forwarded_for="203.0.113.7")["REMOTE_ADDR"] == "203.0.113.7"
