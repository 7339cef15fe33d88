"""Runs canaille, a real provider of OpenID Connect, in memory: `python -m tests.support.canaille_server`.

Reads its settings as JSON from standard input and says `ready` when it listens. All people are invented.
"""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.backends.memory.backend import MemoryBackend
from werkzeug.serving import make_server

find_any = MemoryBackend.do_query


def find_all(backend: MemoryBackend, model: Any, *args: Any, **wanted: Any) -> list[Any]:
    """Return what has all of the asked values.

    canaille 0.3 in memory finds what has any of them, unlike its databases: a code that nobody used would be taken for
    another one of the same client.
    """
    found: list[Any] = find_any(backend, model, *args, **wanted)
    for name, value in wanted.items():
        having = find_any(backend, model, **{name: value})
        found = [each for each in found if each in having]
    return found


def main() -> None:
    """Serve until the process is ended."""
    given: dict[str, Any] = json.load(sys.stdin)
    MemoryBackend.do_query = find_all
    app = create_app(
        {
            "SECRET_KEY": "only for tests " * 3,
            "SERVER_NAME": given["public"],
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {"DATABASE": "memory"},
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [given["key"]]},
        }
    )
    with app.app_context():
        for person in given["people"]:
            Backend.instance.save(models.User(**person))
        client = models.Client(client_id_issued_at=datetime.now(UTC), **given["client"])
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)
    server = make_server("127.0.0.1", given["port"], app, threaded=True)
    sys.stdout.write(f"ready {server.port}\n")
    sys.stdout.flush()
    server.serve_forever()


main()
