"""Deliveries over the API: messages in doubt, providers, and receipts that a gateway pushes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from policy_match.identity.principal import Principal, Scope
from policy_match.notices.model import Channel, DeliveryStatus
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, TestDesk, client_of, machine, staff
from tests.support.cases import MovableClock, chosen, write_policies
from tests.support.delivery_desk import DeliveryDesk
from tests.support.delivery_flow import MORNING, give_all, open_notices
from tests.support.message_gateway import MessageGateway, ReceiptHabits
from tests.support.payment_flow import SEALER

CLERK = staff("clerk")


class TellingDesk(TestDesk):
    """The application with the channels of a delivery desk."""

    has_channels = True

    def __init__(self, desk: DeliveryDesk, folder: Path) -> None:
        super().__init__(desk.database, write_policies(folder / "rules", chosen("confirm")), desk.clock, folder)
        self.notification_channels = desk.channels
        self.account_sealer = SEALER


@pytest.fixture
def gateway() -> Iterator[MessageGateway]:
    """A gateway that gives no receipt by itself."""
    with MessageGateway(MovableClock(MORNING), receipts=ReceiptHabits(missing=1.0)) as running:
        yield running


@pytest.fixture
def desk(database: Database, database_url: str, gateway: MessageGateway) -> DeliveryDesk:
    """One text message was handed over."""
    found = DeliveryDesk(database, database_url, [gateway.channel("sms_gateway", "gate")], MovableClock(MORNING))
    open_notices(database_url, 1)
    give_all(database, 1, [Channel.SMS], found.clock)
    found.go()
    return found


def client(desk: DeliveryDesk, folder: Path, principal: Principal | None) -> ApiClient:
    return client_of(TellingDesk(desk, folder), principal)


def receipt(desk: DeliveryDesk, gateway: MessageGateway) -> bytes:
    (row,) = desk.rows("SELECT max(delivery_id) AS id FROM delivery")
    return gateway.file_receipt(gateway.receipt(f"PMN{row['id']}", "G1", "delivered", ""), desk.clock.now())


def test_a_gateway_pushes_a_signed_receipt_and_nobody_signs_in(
    desk: DeliveryDesk, gateway: MessageGateway, tmp_path: Path
) -> None:
    nobody, content = client(desk, tmp_path, None), receipt(desk, gateway)
    answer = nobody.upload("POST", "/receipts/gate", content, "application/json")
    assert (answer.status_code, answer.get_json()) == (200, {"repeated": False, "verdicts": {"applied": 1}})
    assert desk.deliveries() == [("gate", DeliveryStatus.DELIVERED)]
    again = nobody.upload("POST", "/receipts/gate", content, "application/json")
    assert again.get_json()["repeated"]


def test_a_forged_receipt_is_refused_and_kept(desk: DeliveryDesk, gateway: MessageGateway, tmp_path: Path) -> None:
    content = receipt(desk, gateway).replace(b"delivered", b"delivereD")
    answer = client(desk, tmp_path, None).upload("POST", "/receipts/gate", content, "application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "notices.receipt-forged")
    assert desk.deliveries() == [("gate", DeliveryStatus.HANDED_OVER)]
    assert len(desk.rows("SELECT 1 FROM notice_receipt")) == 1


def test_a_receipt_for_nobody_names_no_provider(desk: DeliveryDesk, tmp_path: Path) -> None:
    nobody = client(desk, tmp_path, None)
    answer = nobody.upload("POST", "/receipts/other", b"{}", "application/json")
    assert answer.status_code == 404
    assert "gate" not in answer.get_data(as_text=True)
    assert nobody.upload("POST", "/receipts/gate", b"x" * 300_000, "application/json").status_code == 413
    assert nobody.upload("POST", "/receipts/gate", b"{}", "text/plain").status_code == 415


def test_a_message_in_doubt_is_settled_by_a_person(desk: DeliveryDesk, tmp_path: Path) -> None:
    desk.clock.move(5)
    desk.repair()
    clerk = client(desk, tmp_path, CLERK)
    (found,) = clerk.pages("/deliveries/in-doubt", limit=1)
    assert (found["status"], found["masked"]) == ("unconfirmed", "***")
    where = f"/deliveries/{found['delivery_id']}/settlement"
    assert (
        client(desk, tmp_path, staff("auditor")).post(where, {"settlement": "arrived", "reason": "x"}).status_code
        == 403
    )
    assert clerk.post(where, {"settlement": "maybe", "reason": "x"}).status_code == 422
    assert clerk.post(where, {"settlement": "arrived", "reason": "电话核实"}).status_code == 204
    assert clerk.post(where, {"settlement": "arrived", "reason": "电话核实"}).status_code == 409
    assert clerk.pages("/deliveries/in-doubt") == []


def test_providers_show_how_they_stand(desk: DeliveryDesk, tmp_path: Path) -> None:
    other = client(desk, tmp_path, machine(Scope.NOTICES_READ))
    (found,) = other.get("/notice-providers").get_json()["providers"]
    assert (found["name"], found["channel"], found["deliveries"]) == ("gate", "sms", {"handed_over": 1})
    assert client(desk, tmp_path, staff("payer")).get("/notice-providers").status_code == 403


def test_who_is_limited_to_a_department_settles_nothing(desk: DeliveryDesk, tmp_path: Path) -> None:
    counter = client(desk, tmp_path, staff("clerk", department="科技局"))
    assert counter.get("/deliveries/in-doubt").status_code == 403
