"""What every command is handed: the screen and the application."""

from dataclasses import dataclass

import click

from policy_match.bootstrap import Application
from policy_match.cli.screen import Screen


@dataclass(frozen=True, slots=True)
class Session:
    """One run of the command."""

    screen: Screen
    application: Application


def current_session() -> Session:
    """Return the session of the command that is running."""
    session = click.get_current_context().find_object(Session)
    assert session is not None, "main() makes the session"
    return session
