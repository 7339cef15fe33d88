"""The text of a message to a group: subject, body, and the key in the last line.

Guarantees that a text fits the robot's limit or is refused, never cut: half a notice misleads. A group has no other
place for the key; by it readers see that a message which came twice is one.
"""

import re
from collections.abc import Callable

from connectors.notification_channels.plain_text import one_line, plain
from policy_match.notices.messages import OutgoingMessage

KEY_LINE = re.compile(r"(?:消息编号：|Message no\. )([A-Za-z0-9]+)\Z")
"""The last line, in either language."""


def robot_text(message: OutgoingMessage, fits: Callable[[str], bool]) -> str | None:
    """Return the text with the body, else with the short text, whichever fits first; `None` when neither does."""
    words = "消息编号：" if message.language == "zh" else "Message no. "
    for content in (message.body, message.short):
        text = f"{one_line(message.subject)}\n\n{plain(content).strip()}\n\n{words}{message.key}"
        if fits(text):
            return text
    return None
