"""The headers that make a browser careful with every answer.

Guarantees that no answer runs script or takes style that is not a file of ours, is shown in a frame, or sniffed for
another type; and that browsers stay with TLS once they came by it. Sources: CSP Level 3, RFC 6797, Fetch, HTML.
"""

from urllib.parse import urlsplit

from flask import Request, Response

BAREST = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For what is no page: nothing of it is ever carried out."""

OWN_FILES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""For pages: our own files alone, nothing written into the page itself; icons within style sheets are data."""

TWO_YEARS = 2 * 365 * 24 * 60 * 60
HSTS = f"max-age={TWO_YEARS}; includeSubDomains"

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

PAGE = "text/html"


def leading_to(address: str) -> str:
    """Return the policy of a page whose form is posted to the service at an address, besides ours."""
    found = urlsplit(address)
    return OWN_FILES.replace("form-action 'self'", f"form-action 'self' {found.scheme}://{found.netloc}")


def make_careful(request: Request, response: Response) -> None:
    """Add the headers to a response; a page that leads out has its own policy."""
    response.headers.update(ALWAYS)
    response.headers.setdefault("Content-Security-Policy", OWN_FILES if response.mimetype == PAGE else BAREST)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = HSTS
