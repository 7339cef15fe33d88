"""How the web learns who asks."""

from typing import Protocol

from flask import Request

from policy_match.identity.principal import Principal
from policy_match.web.desk import RequestWork


class Authenticator(Protocol):
    """Finds out who asks, by what the request brings."""

    def principal(self, request: Request, work: RequestWork) -> Principal | None:
        """Return who asks, `None` when nobody signed in. Raises a `RequestError` for what is brought and wrong.

        A session by cookie that asks to change something must also bring its token against forged requests.
        """
