"""`policy-match run web`: serves the API until it is told to end."""

import sys
from pathlib import Path

import click

from policy_match.cli.options import rules_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session


@click.command()
@rules_option
@screen_options
def web(rules_folder: Path, screen: Screen) -> None:
    """网上服务：接口与门户 / the API and the portals.

    \b
    How it serves is set in the file that POLICY_MATCH_WEB names (docs/operations.md); without one it serves this
    machine alone on 127.0.0.1:8000, for trying out. Each request is one line of JSON on standard error. SIGTERM or
    Ctrl-C: requests under way are finished, then the exit code is 0. The page of the API is at /api/v1/docs.

    \b
      policy-match config check
      policy-match run web
      POLICY_MATCH_WEB=/etc/policy-match/web.toml policy-match run web --rules /srv/rules
    """
    # gunicorn and Flask take a third of a second to import, so only who serves pays for it.
    from policy_match.web_processes import serve_web

    application = current_session().application
    application.rules_folder = rules_folder.absolute()
    application.check_settings()
    settings = application.config.web
    screen.note(
        f"接口页面：{settings.server.public_url or _shown(settings.server.bind)}/api/v1/docs",
        f"the page of the API: {settings.server.public_url or _shown(settings.server.bind)}/api/v1/docs",
    )
    serve_web(application, sys.stderr)


def _shown(bind: str) -> str:
    return f"http://{bind}" if not bind.startswith("unix:") else bind
