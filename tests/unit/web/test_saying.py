"""Signs between words, in the punctuation of each language."""

from policy_match.web.portal.saying import Saying


def test_signs_are_those_of_the_language() -> None:
    chinese, english = Saying("zh"), Saying("en")
    assert (
        f"原因{chinese.colon}逾期{chinese.bracketed(3)}"
        == "原因\N{FULLWIDTH COLON}逾期\N{FULLWIDTH LEFT PARENTHESIS}3\N{FULLWIDTH RIGHT PARENTHESIS}"
    )
    assert f"Reason{english.colon}late{english.bracketed(3)}" == "Reason: late (3)"
