"""The API over a database with payments: an invented payer's channel, the sealer of the tests, and their cut-off."""

from datetime import date
from pathlib import Path

from policy_match.identity.principal import Principal
from tests.support.api import ApiClient, TestDesk, client_of
from tests.support.cases import POLICIES as TEXTS
from tests.support.cases import write_policies
from tests.support.payment_desk import Desk
from tests.support.payment_flow import CUT_OFF, POLICIES, SEALER

HERE = "人社局"
"""The department of the policies that are paid."""

ELSEWHERE = "科技局"


class PayingDesk(TestDesk):
    """The application with payments, as the payment services' own desk has them."""

    has_payments = True

    def __init__(self, desk: Desk, folder: Path) -> None:
        rules = write_policies(folder / "rules", dict.fromkeys(POLICIES, TEXTS["direct"]))
        super().__init__(desk.database, rules, desk.clock, folder)
        self.payment_channel = desk.channel
        self.account_sealer = SEALER

    def payment_cut_off(self, year: int) -> date:
        """Return the last day on which orders are made."""
        return CUT_OFF.replace(year=year)


def paying_client(desk: Desk, principal: Principal | None, folder: Path) -> ApiClient:
    """Return a client of the API at a payment desk; rules are written below `folder`."""
    return client_of(PayingDesk(desk, folder), principal)
