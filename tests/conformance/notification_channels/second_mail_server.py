"""A second mail server, `aiosmtpd`, that shares no line with ours: it judges what our sender says.

Guarantees that closing leaves neither a thread nor a socket behind.
"""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

LOGIN = ("portal", "invented password")


@dataclass(kw_only=True)
class SecondMailServer:
    """What arrived, and what is said instead of the usual: a reply for a verb, or `None` to hang up."""

    port: int = 0
    received: list[Envelope] = field(default_factory=list)
    replies: dict[str, str | None] = field(default_factory=dict)
    logins: list[object] = field(default_factory=list)

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        said = self._said(server, "EHLO", "")
        return [said] if said else responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._said(server, "MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self._said(server, "RCPT", "250 OK")
        if said.startswith("25"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self._said(server, "RSET", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = self._said(server, "DATA", "250 OK")
        if said.startswith("250"):
            self.received.append(envelope)
        return said

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Say whether a login is the right one."""
        self.logins.append(data)
        good = (data.login, data.password) == tuple(word.encode() for word in LOGIN)
        return AuthResult(success=good, handled=False)

    def _said(self, server: SMTP, verb: str, usual: str) -> str:
        said = self.replies.get(verb, usual)
        if said is None:
            assert server.transport is not None
            server.transport.abort()
            return "421 gone"
        return said


@contextmanager
def second_mail_server(
    *, implicit_tls: ssl.SSLContext | None = None, asks_login: bool = False, **options: Any
) -> Iterator[SecondMailServer]:
    """Give a running server. `options` are those of `aiosmtpd.smtp.SMTP`."""
    answers = SecondMailServer()
    loop = asyncio.new_event_loop()
    usual: dict[str, Any] = {"enable_SMTPUTF8": True, "hostname": "invented.example", "loop": loop}
    if asks_login:
        usual |= {"auth_required": True, "authenticator": answers.authenticate}

    async def listen() -> asyncio.Server:
        def connection() -> SMTP:
            return SMTP(answers, **(usual | options))

        return await loop.create_server(connection, "127.0.0.1", 0, ssl=implicit_tls)

    async def end(server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the next round

    server = loop.run_until_complete(listen())
    answers.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield answers
    finally:
        asyncio.run_coroutine_threadsafe(end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
