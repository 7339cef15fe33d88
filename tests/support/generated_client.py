"""A client package made by openapi-python-client from the document of the API, as another system would make one.

Guarantees that nothing in it is corrected by hand: it is imported as it was written. openapi-python-client was chosen
because what it makes is typed and small; it is only for tests.
"""

import importlib
import pkgutil
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from openapi_python_client import MetaType, generate
from openapi_python_client.config import Config, ConfigFile

NAME = "generated_policy_match"
SESSION = "__Host-session"

KNOWN = "Unsupported content type"
"""What the generator says of an upload that may also be sent as text/csv and the like: it sends plain bytes alone."""


def make_package(document: str, folder: Path) -> tuple[ModuleType, list[str]]:
    """Make the package below a folder, import all of it, and return it with what else the generator complained of."""
    source = folder / "openapi.json"
    source.write_text(document, encoding="utf-8")
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        document_source=source,
        file_encoding="utf-8",
        overwrite=False,
        output_path=folder / NAME,
    )
    complaints = [str(each.detail) for each in generate(config=config)]
    sys.path.insert(0, str(folder))
    try:
        package = importlib.import_module(NAME)
        for each in pkgutil.walk_packages(package.__path__, f"{NAME}."):
            importlib.import_module(each.name)
    finally:
        sys.path.remove(str(folder))
    return package, [each for each in complaints if not each.startswith(KNOWN)]


@dataclass(kw_only=True)
class Caller:
    """Somebody who works with the package; each write has a key of its own."""

    package: ModuleType
    base_url: str
    client: Any = None

    def sign_in(self, name: str, password: str) -> "Caller":
        """Sign in with a password and go on with the session."""
        anybody = self.package.Client(base_url=self.base_url)
        body = self.model("sign_in_input").SignInInput(name=name, password=password)
        with anybody:
            answer = self._module("sign_in", "sign_in").sync_detailed(client=anybody, body=body)
        assert answer.status_code == 200, answer.content
        cookie = answer.headers["set-cookie"].partition(";")[0]
        assert cookie.startswith(SESSION)
        self.client = self.package.AuthenticatedClient(
            base_url=self.base_url,
            token=cookie,
            prefix="",
            auth_header_name="Cookie",
            headers={"X-CSRF-Token": answer.parsed.csrf_token},
        )
        return self

    def with_token(self, token: str) -> "Caller":
        """Ask with the token of a machine."""
        self.client = self.package.AuthenticatedClient(base_url=self.base_url, token=token)
        return self

    def close(self) -> None:
        """Close the connections."""
        self.client.get_httpx_client().close()

    def model(self, module: str) -> Any:
        """Return a module of the package's models."""
        return importlib.import_module(f"{self.package.__name__}.models.{module}")

    def make(self, module: str, **fields: Any) -> Any:
        """Return a body: the model whose module is named, read from plain values as JSON has them."""
        name = "".join(part.capitalize() for part in module.split("_"))
        return getattr(self.model(module), name).from_dict(fields)

    def read(self, chapter: str, operation: str, **given: Any) -> Any:
        """Ask, and return the answer as the package's model."""
        answer = self._module(chapter, operation).sync_detailed(client=self.client, **given)
        assert answer.status_code == 200, (operation, answer.status_code, answer.content.decode())
        return answer.parsed

    def write(self, chapter: str, operation: str, **given: Any) -> Any:
        """Change something, and return the answer as the package's model."""
        key = str(uuid.uuid4())
        answer = self._module(chapter, operation).sync_detailed(client=self.client, idempotency_key=key, **given)
        assert answer.status_code < 300, (operation, answer.status_code, answer.content.decode())
        return answer.parsed

    def all(self, chapter: str, operation: str, **given: Any) -> list[Any]:
        """Return the items of every page of a list, at most a hundred pages."""
        items: list[Any] = []
        cursor = None
        for _ in range(100):
            page = self.read(chapter, operation, cursor=cursor, **given)
            items += page.items
            cursor = page.next_
            if cursor is None:
                return items
        raise AssertionError("the list does not end")

    def _module(self, chapter: str, operation: str) -> Any:
        return importlib.import_module(f"{self.package.__name__}.api.{chapter}.{operation}")
