"""A real provider of OpenID Connect on loopback, canaille in a process of its own, behind a relay that can misbehave.

Guarantees that what a test does not meddle with is as the provider made it. The key with which it signs is the test's,
so that what it signs wrongly is signed by the right key. canaille keeps to the standards by Authlib, needs no network
and keeps everything in memory.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urljoin

import lxml.html
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "policy-match", "only for tests " * 3
PASSWORD = "only for tests, at the provider"
HOME = "https://policy-match.test"
CALLBACK = f"{HOME}/api/v1/sign-in/callback"
PEOPLE = ("li.ming", "zhao.min", "stranger")
MOST_PAGES = 10
"""So many pages a person sees at the provider at most."""

TOKEN_PATH = "/oauth/token"
Meddle = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(slots=True)
class Relay:
    """Stands in front of the provider; tests say what it does to answers of the token endpoint."""

    meddle: Meddle | None = None
    is_down: bool = False
    hold: threading.Event | None = None
    asked: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TestProvider:
    """The provider as tests see it."""

    __test__ = False

    issuer: str
    key: RSAKey
    relay: Relay

    def claims(self, token: str) -> dict[str, Any]:
        """Return what a token says."""
        return dict(jwt.decode(token, self.key).claims)

    def signed(self, claims: Mapping[str, Any], **header: str) -> str:
        """Return a token that the provider signed."""
        return jwt.encode({"alg": "RS256", "kid": "test", **header}, dict(claims), self.key)

    def browser(self) -> requests.Session:
        """Return a browser in which nobody signed in at the provider."""
        session = requests.Session()
        session.trust_env = False
        return session


def walk(browser: requests.Session, address: str, person: str, leads_to: str = HOME) -> str:
    """Go through the provider's pages as a person does, and return the address that leads away from there."""
    answer = browser.get(address, allow_redirects=False)
    for _ in range(MOST_PAGES):
        if answer.is_redirect:
            address = urljoin(answer.url, answer.headers["Location"])
            if address.startswith(leads_to):
                return address
            answer = browser.get(address, allow_redirects=False)
            continue
        assert answer.status_code == 200, f"{answer.status_code} {answer.text[:500]}"
        form = lxml.html.fromstring(answer.text).forms[-1]
        filled = {name: value for name, value in form.fields.items() if value is not None}
        if "login" in form.fields:
            filled["login"] = person
        if "password" in form.fields:
            filled["password"] = PASSWORD
        if "answer" in {each.get("name") for each in form.xpath(".//button")}:
            filled["answer"] = "logout"
        answer = browser.post(urljoin(answer.url, form.action or answer.url), data=filled, allow_redirects=False)
    raise AssertionError("the provider has no end of pages")


@contextmanager
def running_provider() -> Iterator[TestProvider]:
    """Run the provider until the test is over."""
    key = RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})
    relay = Relay()
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    public = f"127.0.0.1:{server.server_port}"
    given = {
        "public": public,
        "port": 0,
        "key": key.as_dict(private=True),
        "people": [
            {
                "user_name": name,
                "formatted_name": f"示例 {name}",
                "family_name": "示例",
                "display_name": name,
                "emails": [f"{name}@example.test"],
                "password": PASSWORD,
            }
            for name in PEOPLE
        ],
        "client": {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "client_name": "policy-match",
            "client_uri": "http://127.0.0.1/",
            "redirect_uris": [CALLBACK],
            "post_logout_redirect_uris": [f"{HOME}/"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": ["openid", "profile", "email"],
            "token_endpoint_auth_method": "client_secret_basic",
        },
    }
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.support.canaille_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps(given))
            process.stdin.close()
            word, _, port = process.stdout.readline().strip().partition(" ")
            assert word == "ready", "canaille did not start"
            server.RequestHandlerClass = _handler(relay, int(port), public)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield TestProvider(issuer=f"http://{public}", key=key, relay=relay)
            finally:
                if relay.hold is not None:
                    relay.hold.set()
                server.shutdown()
                thread.join()
        finally:
            server.server_close()
            process.terminate()


def _handler(relay: Relay, port: int, public: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _pass_on(self) -> None:
            relay.asked.append(self.path.partition("?")[0])
            if relay.is_down:
                self.close_connection = True
                return
            if relay.hold is not None:
                relay.hold.wait(30)
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            headers = {**dict(self.headers), "Host": public, "Accept-Encoding": "identity", "Connection": "close"}
            connection.request(self.command, self.path, content, headers)
            answer = connection.getresponse()
            found, sent = answer.read(), answer.getheaders()
            connection.close()
            if relay.meddle is not None and self.path == TOKEN_PATH and answer.status == 200:
                found = json.dumps(relay.meddle(json.loads(found))).encode()
            self.send_response_only(answer.status)
            for name, value in sent:
                if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

    return Handler
