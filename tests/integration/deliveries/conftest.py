"""A text gateway, a mail server and a print shop on this machine, and the services of deliveries at one desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from policy_match.storage.unit_of_work import Database
from tests.support.cases import MovableClock
from tests.support.delivery_desk import DeliveryDesk, letter_channel
from tests.support.delivery_flow import MORNING
from tests.support.mail_server import MailServer
from tests.support.message_gateway import MessageGateway


@pytest.fixture
def clock() -> MovableClock:
    """Nine o'clock in Beijing."""
    return MovableClock(MORNING)


@pytest.fixture
def gateway(clock: MovableClock) -> Iterator[MessageGateway]:
    """A gateway for text messages."""
    with MessageGateway(clock) as running:
        yield running


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server."""
    with MailServer() as running:
        yield running


@pytest.fixture
def post(tmp_path: Path) -> Path:
    """The folder of the print shop."""
    return tmp_path / "letters"


@pytest.fixture
def desk(
    database: Database,
    database_url: str,
    clock: MovableClock,
    gateway: MessageGateway,
    mail: MailServer,
    post: Path,
) -> DeliveryDesk:
    """The services with providers `gate`, `mail` and `post`."""
    channels = [gateway.channel("sms_gateway", "gate"), mail.channel(clock, "mail"), letter_channel(post, clock)]
    return DeliveryDesk(database, database_url, channels, clock)
