"""What a page says after something was done, by the code in its address; nothing else from an address is shown."""

from collections.abc import Mapping

from policy_match.cases.words import Words

DONE: Mapping[str, Words] = {
    "signed-out": Words("您已安全退出。", "You have signed out."),
}
"""The sentence of each code."""
