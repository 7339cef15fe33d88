"""WeChat Work: the robot of a group, by its webhook (企业微信群机器人).

Guarantees that the robot's key, which is all that is needed to write to the group, is in no log and no result. The
robot cannot tell a repeat, and takes 20 messages a minute. Seen: copies of the platform's manual on other sites, and
public code that calls robots. Not seen: the manual itself (developer.work.weixin.qq.com, path 91770).
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from connectors.notification_channels.http_replies import Meaning
from connectors.notification_channels.robot import Platform, Robot, RobotCall, is_token, json_body
from connectors.notification_channels.settings import ChannelSettings
from policy_match.notices.messages import Outcome
from policy_match.notices.model import Channel
from policy_match.notices.result_codes import ResultCode

URL = "https://qyapi.weixin.qq.com"
MAX_BYTES = 2048
"""Bytes of UTF-8 in the content of a message of type text."""

MEANINGS: Mapping[int | str, Meaning] = {
    -1: Meaning(outcome=Outcome.RETRY, code=ResultCode.BUSY, provider_at_fault=True),
    45009: Meaning(outcome=Outcome.RETRY, code=ResultCode.RATE_LIMITED),
    45033: Meaning(outcome=Outcome.RETRY, code=ResultCode.RATE_LIMITED),
    93000: Meaning(outcome=Outcome.REFUSED, code=ResultCode.NO_SUCH_ADDRESS),
    40058: Meaning(outcome=Outcome.REFUSED, code=ResultCode.TOO_LONG),
    45002: Meaning(outcome=Outcome.REFUSED, code=ResultCode.TOO_LONG),
    40008: Meaning(outcome=Outcome.REFUSED, code=ResultCode.CONTENT_REFUSED),
    44004: Meaning(outcome=Outcome.REFUSED, code=ResultCode.CONTENT_REFUSED),
}
"""Codes of the platform's table, as its copies give them, that a robot answers with."""


def _fits(content: str) -> bool:
    return len(content.encode()) <= MAX_BYTES


def _call(address: str, content: str, at: datetime) -> RobotCall | None:
    if not is_token(address):
        return None
    return RobotCall(
        path=f"/cgi-bin/webhook/send?key={quote(address, safe='')}",
        body=json_body({"msgtype": "text", "text": {"content": content}}),
    )


PLATFORM = Platform(channel=Channel.WECHAT_WORK, url=URL, meanings=MEANINGS, fits=_fits, call=_call)


class WechatWork(Robot):
    """The robots of WeChat Work. The address of a group is its robot's key: what follows `key=` in its webhook."""

    def __init__(self, settings: ChannelSettings) -> None:
        """Read the settings. Raises `SettingUnfit`."""
        super().__init__(settings, PLATFORM)
