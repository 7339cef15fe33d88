"""Where somebody is told: an address of each channel, checked, in one written form, and masked for people to see.

Guarantees that an address that cannot be one is refused before it is kept, and that neither an error nor a `repr` holds
one. E-mail addresses are checked by `email-validator` (RFC 5321 and 6531), phone numbers by `phonenumbers` (the tables
of Google's libphonenumber): both change faster than we could follow. Sealing is `sealing`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from policy_match.errors import InputError
from policy_match.notices.model import Channel
from policy_match.notices.wording import one_line

HOME = "CN"
"""The country of a phone number without `+`."""

MOST_LETTERS = 300
"""No address is longer."""

SHOWN = 4
"""So many last signs of a number or key are shown, and so many first signs of a postal address."""

MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})

_KEY = re.compile(r"[A-Za-z0-9_-]{16,128}")
_KEY_AND_SECRET = re.compile(rf"({_KEY.pattern})(?::{_KEY.pattern})?")
_LETTERS = re.compile(r"[^\W\d_]")
_SHORTEST_POSTAL = 6


class WrongAddress(InputError):
    """What was given as an address is none. It is not repeated."""

    code = "contact.address"
    english = "the address of channel {channel} {problem}; correct it"
    chinese = "{channel} 地址{problem_zh}；请更正"


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """An address in the form in which it is used. `same` is equal for two ways to write the same address."""

    channel: Channel
    text: str = field(repr=False)
    masked: str
    same: str = field(repr=False)


def parse_address(channel: Channel, text: str) -> Address:
    """Return the address in a text. Raises `WrongAddress`; the inbox has no addresses.

    Phone numbers come as people write them and leave as E.164.
    """
    given = unicodedata.normalize("NFKC", text).strip()
    if not given:
        raise _wrong(channel, "is empty", "为空")
    if len(given) > MOST_LETTERS:
        raise _wrong(channel, f"has more than {MOST_LETTERS} signs", f"超过 {MOST_LETTERS} 个字符")
    if channel not in _PARSERS:
        raise _wrong(channel, "does not exist: it has none", "不存在：该渠道没有地址")
    return _PARSERS[channel](channel, given)


def _email(channel: Channel, given: str) -> Address:
    try:
        # Whether the domain takes mail shows when it is used; looking it up here would tell others whom we know.
        found = validate_email(given, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise _wrong(channel, "is no e-mail address", "不是有效的电子邮箱") from None
    local, domain = found.local_part, found.ascii_domain or found.domain
    return Address(
        channel=channel,
        text=f"{local}@{domain}",
        masked=f"{local[0]}***@{domain}",
        same=f"{local}@{domain}".lower(),
    )


def _phone(channel: Channel, given: str) -> Address:
    try:
        number = phonenumbers.parse(given, HOME)
    except NumberParseException:
        raise _wrong(channel, "is no phone number", "不是电话号码") from None
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise _wrong(channel, "is no valid phone number", "不是有效的电话号码")
    if phonenumbers.number_type(number) not in MOBILE:
        raise _wrong(channel, "is no mobile number, and gets no text messages", "不是手机号码，无法接收短信")
    text = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return Address(channel=channel, text=text, masked=_tail(text), same=text)


def _robot_key(channel: Channel, given: str) -> Address:
    if _KEY.fullmatch(given) is None:
        raise _wrong(
            channel,
            "is no key of a group robot: give what stands after key=, not the whole address",
            "不是群机器人密钥：请填写 key= 之后的部分，不要填写整个网址",
        )
    return Address(channel=channel, text=given, masked=_tail(given), same=given)


def _robot_key_and_secret(channel: Channel, given: str) -> Address:
    """Return the robot whose calls are signed with a secret of its own, written after a colon, or are not signed."""
    found = _KEY_AND_SECRET.fullmatch(given)
    if found is None:
        raise _wrong(
            channel,
            "is no key of a group robot: give what stands after access_token=, then a colon and the secret SEC… if any",
            "不是群机器人密钥：请填写 access_token= 之后的部分；设有加签的，加冒号和 SEC 开头的密钥",
        )
    return Address(channel=channel, text=given, masked=_tail(found[1]), same=given)


def _postal(channel: Channel, given: str) -> Address:
    text = one_line(given)
    if len(text) < _SHORTEST_POSTAL or _LETTERS.search(text) is None:
        raise _wrong(channel, "is no postal address", "不是通信地址")
    return Address(channel=channel, text=text, masked=f"{text[:SHOWN]}***", same="".join(text.split()).casefold())


_PARSERS: Mapping[Channel, Callable[[Channel, str], Address]] = MappingProxyType(
    {
        Channel.EMAIL: _email,
        Channel.SMS: _phone,
        Channel.WECHAT_WORK: _robot_key,
        Channel.DINGTALK: _robot_key_and_secret,
        Channel.LETTER: _postal,
    }
)

CHANNELS_WITH_ADDRESS = tuple(_PARSERS)
"""The channels that need an address: all but the inbox."""


def _tail(text: str) -> str:
    return f"***{text[-SHOWN:]}"


def _wrong(channel: Channel, problem: str, problem_zh: str) -> WrongAddress:
    return WrongAddress(channel=channel.value, problem=problem, problem_zh=problem_zh)
