"""The invented firms as listeners: what came to which of them, through a provider or by word of mouth.

Guarantees that a firm knows only of what arrived at one of its own addresses, or of what somebody told it. What it
does about that is left to the steps.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from policy_match.policy.model import Policy
from policy_match.services.sample_region.contacts import contacts_of
from policy_match.values import PolicyId, Uscc


class OfFirm(Protocol):
    """What is a firm's: a line of a list of cases, a payment that came back."""

    @property
    def case_id(self) -> int:
        """The case."""

    @property
    def policy_id(self) -> PolicyId:
        """Its policy."""

    @property
    def uscc(self) -> Uscc:
        """The firm."""


class Firms:
    """Listens to providers that are played."""

    def __init__(self, arrived: Callable[[], Sequence[tuple[str, str]]], policies: Sequence[Policy]) -> None:
        """`arrived` gives address and text of every message since the last call."""
        self._arrived = arrived
        self._titles = {policy.id: {policy.title, policy.title_en or policy.title} for policy in policies}
        self._messages: defaultdict[str, list[tuple[date, str]]] = defaultdict(list)
        self._told: defaultdict[int, list[date]] = defaultdict(list)

    def listen(self, today: date) -> None:
        """Take in what arrived."""
        for address, text in self._arrived():
            self._messages[address].append((today, text))

    def tell(self, case_id: int, today: date) -> None:
        """Tell a firm of its case."""
        self._told[case_id].append(today)

    def times_heard(self, case: OfFirm, since: date = date.min) -> int:
        """Return how often the firm of a case heard of its policy, by a text that names it or from somebody."""
        titles = self._titles[case.policy_id]
        texts = (each for _, address in contacts_of(case.uscc) for each in self._messages.get(address, ()))
        by_text = sum(day >= since and any(title in text for title in titles) for day, text in texts)
        return by_text + sum(day >= since for day in self._told.get(case.case_id, ()))
