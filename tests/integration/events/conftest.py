"""A small world with cases, and a receiver that a webhook of it tells of everything."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from policy_match.storage.unit_of_work import Database
from tests.support.cases import World, make_world, notify_world, open_world
from tests.support.webhook_receiver import WebhookReceiver


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Six cases of two policies, none of them told yet."""
    made = make_world(database, tmp_path)
    open_world(made)
    return made


@pytest.fixture
def told_world(world: World) -> World:
    """The same world; the firms were told."""
    notify_world(world)
    return world


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """A receiver that takes everything, unless a test says otherwise."""
    with WebhookReceiver() as running:
        yield running
