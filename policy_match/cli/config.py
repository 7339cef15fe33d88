"""`policy-match config`: what is set, from where, and every mistake in it."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import click

from policy_match.cli.cells import headings
from policy_match.cli.options import screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.config import ACCOUNT_KEYS, DATABASE_URL, SETTINGS, Config
from policy_match.web_settings import WebSettings

SECRET = (ACCOUNT_KEYS, DATABASE_URL)
"""Variables whose values are not shown: they hold keys, and perhaps a password."""


@click.group()
def config() -> None:
    """配置：检查与查看 / settings: checking and looking."""


@config.command()
@screen_options
def check(screen: Screen) -> None:
    """检查全部配置，并显示每项取值与来源 / check everything that is set, and show each value with its source.

    \b
    Every mistake is one line, all of them at once; nothing is started and no database is asked. Secrets are not shown.
    The exit code is 2 when something is wrong.

    \b
      policy-match config check
      POLICY_MATCH_WEB=web.toml policy-match config check --json
    """
    application = current_session().application
    application.check_settings()
    rows = [*_variables(application.config), *_web(application.config)]
    if screen.json:
        screen.result([{"setting": name, "value": value, "from": source} for name, value, source in rows])
        return
    columns = headings(screen, ("配置项", "setting", "left"), ("取值", "value", "left"), ("来源", "from", "left"))
    screen.table("", columns, rows)
    screen.print("配置无误", "nothing is wrong")


def _variables(config: Config) -> Iterator[tuple[str, str, str]]:
    for name in SETTINGS:
        given = config.variables.get(name)
        if given is None:
            yield name, "", "default"
        else:
            yield name, "***" if name in SECRET else given, "environment"


def _web(config: Config) -> Iterator[tuple[str, str, str]]:
    settings: WebSettings = config.web
    file = "" if config.web_file is None else config.web_file.name
    for table in ("server", "limits", "database", "metrics", "webhooks"):
        for each in fields(getattr(settings, table)):
            name = f"{table}.{each.name}"
            source = file if name in settings.given else "default"
            yield f"web {name}", _text(getattr(getattr(settings, table), each.name)), source
    for name in sorted(each for each in settings.given if each.startswith("identity.")):
        yield f"web {name}", "***", file


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
