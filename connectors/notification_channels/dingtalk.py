"""DingTalk: the custom robot of a group, by its webhook with a signature (钉钉自定义机器人，加签).

Guarantees that neither the robot's token nor its secret is in a log or a result. The robot cannot tell a repeat, and
takes 20 messages a minute. Seen: copies of the platform's manual on other sites, and public code that calls robots. Not
seen: the manual itself (open.dingtalk.com, custom robots: sending messages, security settings).
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from connectors.notification_channels.http_replies import Meaning
from connectors.notification_channels.robot import Platform, Robot, RobotCall, is_token, json_body
from connectors.notification_channels.settings import ChannelSettings
from connectors.notification_channels.signing import dingtalk_signature
from policy_match.notices.messages import Outcome
from policy_match.notices.model import Channel
from policy_match.notices.result_codes import ResultCode

URL = "https://oapi.dingtalk.com"
MAX_BYTES = 20_000
"""Bytes of the body of a request, JSON and all."""

MEANINGS: Mapping[int | str, Meaning] = {
    -1: Meaning(outcome=Outcome.RETRY, code=ResultCode.BUSY, provider_at_fault=True),
    130101: Meaning(outcome=Outcome.RETRY, code=ResultCode.RATE_LIMITED),
    410100: Meaning(outcome=Outcome.RETRY, code=ResultCode.RATE_LIMITED),
    300005: Meaning(outcome=Outcome.REFUSED, code=ResultCode.NO_SUCH_ADDRESS),
    400013: Meaning(outcome=Outcome.REFUSED, code=ResultCode.NO_SUCH_ADDRESS),
    400101: Meaning(outcome=Outcome.REFUSED, code=ResultCode.NO_SUCH_ADDRESS),
    400106: Meaning(outcome=Outcome.REFUSED, code=ResultCode.NO_SUCH_ADDRESS),
    400102: Meaning(outcome=Outcome.REFUSED, code=ResultCode.RECIPIENT_REFUSED),
    310000: Meaning(outcome=Outcome.REFUSED, code=ResultCode.NOT_AUTHORISED),
    101002: Meaning(outcome=Outcome.REFUSED, code=ResultCode.TOO_LONG),
    460101: Meaning(outcome=Outcome.REFUSED, code=ResultCode.TOO_LONG),
    430101: Meaning(outcome=Outcome.REFUSED, code=ResultCode.CONTENT_REFUSED),
    430102: Meaning(outcome=Outcome.REFUSED, code=ResultCode.CONTENT_REFUSED),
    430103: Meaning(outcome=Outcome.REFUSED, code=ResultCode.CONTENT_REFUSED),
    430104: Meaning(outcome=Outcome.REFUSED, code=ResultCode.CONTENT_REFUSED),
}
"""Codes of the platform's table, as its copies give them; 310000 is a wrong signature, keyword or sender."""


def _body(content: str) -> bytes:
    """Return the message of type text; it calls nobody by name."""
    return json_body({"msgtype": "text", "text": {"content": content}, "at": {"isAtAll": False}})


def _fits(content: str) -> bool:
    return len(_body(content)) <= MAX_BYTES


def _call(address: str, content: str, at: datetime) -> RobotCall | None:
    token, colon, secret = address.partition(":")
    if not is_token(token) or (colon and not is_token(secret)):
        return None
    query = {"access_token": token}
    if colon:
        timestamp = str(int(at.timestamp() * 1000))
        query |= {"timestamp": timestamp, "sign": dingtalk_signature(secret, timestamp)}
    return RobotCall(path=f"/robot/send?{urlencode(query)}", body=_body(content))


PLATFORM = Platform(channel=Channel.DINGTALK, url=URL, meanings=MEANINGS, fits=_fits, call=_call)


class DingTalk(Robot):
    """The robots of DingTalk. The address of a group is what follows `access_token=`.

    A robot whose security is a signature has the secret `SEC…` after it, and a colon between; one whose security is the
    address of the sender, or a word, has none.
    """

    def __init__(self, settings: ChannelSettings) -> None:
        """Read the settings. Raises `SettingUnfit`."""
        super().__init__(settings, PLATFORM)
