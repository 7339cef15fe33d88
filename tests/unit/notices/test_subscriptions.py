"""What a firm may choose not to hear is news of its own requests and licence reminders, and nothing else."""

import pytest

from policy_match.cases.model import NoticeKind
from policy_match.notices.fields import NEWS_FOR_FIRMS, is_of_staff
from policy_match.notices.rules import told_steps
from policy_match.notices.subscriptions import SUBSCRIPTION_WORDS, Subscription, subscription_of
from policy_match.policy.model import Benefit


@pytest.mark.parametrize("kind", sorted({kind for _, _, kind in told_steps()} | {NoticeKind.REMINDER}))
@pytest.mark.parametrize("benefit", sorted(set(Benefit) - {Benefit.REMINDER}))
def test_what_a_step_of_a_case_owes_always_comes(kind: NoticeKind, benefit: Benefit) -> None:
    assert subscription_of(kind, benefit) is None


def test_of_cases_only_the_information_about_a_licence_can_be_left_out() -> None:
    found = {kind for _, _, kind in told_steps() if subscription_of(kind, Benefit.REMINDER) is not None}
    assert found == {NoticeKind.INFORMATION}


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_choice_is_never_about_what_staff_are_told(kind: NoticeKind) -> None:
    if is_of_staff(kind):
        assert subscription_of(kind, None) is None


def test_all_news_for_firms_can_be_left_out_each_by_a_choice_of_its_own() -> None:
    chosen = {subscription_of(kind, None) for kind in NEWS_FOR_FIRMS}
    assert chosen == set(Subscription) - {Subscription.LICENCES}
    assert SUBSCRIPTION_WORDS.keys() == set(Subscription)
