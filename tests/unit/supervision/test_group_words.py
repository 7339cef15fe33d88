"""The words of a group of promises name all that is counted in it."""

from policy_match.supervision.promises import GROUP_WORDS, Group


def test_what_was_given_up_names_who_declined_and_who_was_silent() -> None:
    words = GROUP_WORDS[Group.GIVEN_UP]
    assert words.zh.startswith("放弃")
    assert {"视同放弃", "退票后放弃"} <= set(words.zh.removesuffix("\uff09").replace("\uff08含", "、").split("、"))
    assert {"declined", "waived"} <= set(words.en.split(", "))
