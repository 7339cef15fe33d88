"""Requests that another site makes a browser send.

Guarantees that no browser changes anything here in the name of another site's page, also where no session is needed or
sent, such as signing in and out. Programs say nothing of a site and are not concerned. Sources: Fetch Metadata Request
Headers (W3C), 2.3; RFC 6454, 7; the session's own token is `web.identity.authenticator`.
"""

from urllib.parse import urlsplit

from flask import Request

from policy_match.web.problems import RequestError

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OF_OURS = ("same-origin", "none")
"""From our own pages, or from the person himself."""


class ForeignSite(RequestError):
    """A write that another site's page began."""

    code = "access.foreign-site"
    http_status = 403
    english = "another site sent you here; open the page here and try again"
    chinese = "此操作由其他网站发起，已拒绝；请在本网站打开页面后重试"


def check_site(request: Request) -> None:
    """Refuse a write that a browser sends for another site. Raises `ForeignSite`.

    Browsers from before 2023 may say the origin alone; its port is not compared, as proxies may hide ours.
    """
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        if site not in OF_OURS:
            raise ForeignSite
    elif origin is not None and _host(origin) != _host(f"//{request.host}"):
        raise ForeignSite


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
