"""A case of which a part was claimed back: what counts as paid leaves it out, and says so."""

from policy_match.reports.figures import FIGURES
from policy_match.reports.model import Cut
from policy_match.reports.tables import figure_tables
from tests.unit.reports.profiles import CLAIMED_BACK, PAID, bundle, counts

WORDS = {figure.name: figure for figure in FIGURES}


def test_what_is_paid_leaves_out_cases_of_which_money_was_claimed_back() -> None:
    cases = (bundle("a", PAID, 3), bundle("a", CLAIMED_BACK, 1, fen=28_975))
    total = figure_tables({Cut.SIZE: counts(*cases)}, internal=True)[Cut.SIZE].total
    assert (total.figures["paid_fen"], total.figures["claimed_back_fen"]) == (3000, 28_975)
    assert WORDS["paid_fen"].meaning.zh.endswith("不含发生追回的事项")
    assert WORDS["paid_fen"].meaning.en.endswith("without cases of which money was claimed back")
    assert "未发生追回" in WORDS["paid"].meaning.zh


def test_what_is_owed_of_them_is_not_called_the_money_claimed_back() -> None:
    figure = WORDS["claimed_back_fen"]
    assert figure.words.zh == "追回事项金额"
    assert "追回部分款项的也计全额" in figure.meaning.zh
