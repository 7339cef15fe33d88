"""The page on which people read the API: Swagger UI, which draws OpenAPI 3.1, from our own server.

Guarantees that it works without any connection to the outside and under the strict policy of `headers`. The files are
those of flask-swagger-ui, of which nothing else is used: swagger-ui-bundle carries Swagger UI 4, which knows no 3.1.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import flask_swagger_ui
from flask import Flask, Response, send_file

from policy_match.web.problems import NotFound

PAGE = "/docs"
DAY_SECONDS = 24 * 60 * 60

_PAGES = Path(str(files("policy_match.web") / "pages"))
_SWAGGER = Path(flask_swagger_ui.__file__).parent / "dist"

ASSETS: Mapping[str, Path] = {
    "api.js": _PAGES / "api.js",
    "swagger-ui.css": _SWAGGER / "swagger-ui.css",
    "swagger-ui-bundle.js": _SWAGGER / "swagger-ui-bundle.js",
}
"""Every file that the page takes."""


def add_api_page(app: Flask, root: str) -> None:
    """Let the application show the page at `/docs` below `root`."""

    def page() -> Response:
        return send_file(_PAGES / "api.html", max_age=0)

    def asset(name: str) -> Response:
        if name not in ASSETS:
            raise NotFound
        return send_file(ASSETS[name], max_age=DAY_SECONDS)

    app.add_url_rule(root + PAGE, "api_page", page, methods=["GET"])
    app.add_url_rule(f"{root}{PAGE}/assets/<name>", "api_page_asset", asset, methods=["GET"])
