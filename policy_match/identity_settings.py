"""The settings of signing in: the table `[identity]` of the web's file, with its `[[identity.provider]]`.

Guarantees that every mistake of the table is one clear line, all at once, before anything starts, and that no value is
repeated in it: one may be a secret that somebody put where the name of a variable belongs. Whether a provider answers
shows when it is asked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from policy_match.identity.accounts import AccountKind
from policy_match.identity.providers import ClaimNames, ProviderTerms
from policy_match.identity.rules import IdentityRules
from policy_match.identity.sessions import SessionRules
from policy_match.identity.throttle import PER_ACCOUNT, PER_ADDRESS, ThrottleRule
from policy_match.settings_file import FileUnfit, Note

KEYS = ("local_accounts", "staff_second_factor", "sessions", "throttle", "provider")
SESSION_KEYS = ("idle", "absolute", "provider_check")
THROTTLE_TIMES = ("first", "longest", "window")
THROTTLE_KEYS = ("free", *THROTTLE_TIMES, "free_per_address")
PROVIDER_KEYS = (
    *("name", "label", "kind", "issuer", "client_id", "client_secret_env"),
    *("claims", "makes_accounts", "links_accounts", "second_factor", "scopes"),
)
CLAIM_KEYS = ("name", "label", "firm")

MOST_PROVIDERS = 20
MOST_SCOPES = 20
MOST_FREE = 1000
LONGEST = timedelta(days=1)

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,79}")
_WORD = re.compile(r"[!-~]{1,200}")
_DURATION = re.compile(r"([1-9][0-9]{0,4})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class IdentitySettingsUnfit(FileUnfit):
    """The table cannot be used."""

    code = "config-identity"
    english = "{file}: [identity] {problem}; see docs/identity.md"
    chinese = "{file}：[identity] {problem_zh}；请参阅 docs/identity.md"


def read_identity(content: Mapping[str, Any], note: Note, *, address: str = "") -> IdentityRules:
    """Return the rules in a table; what it does not say is as by default. A mistake is noted, and the default taken.

    `address` is that of the service.
    """
    table = _Table("", content, KEYS, note)
    providers = _providers(content.get("provider", []), note)
    local = table.yes_or_no("local_accounts", default=True)
    if not local and providers is not None and not any(each.kind is AccountKind.STAFF for each in providers):
        note(
            "`local_accounts` is false and no provider is for staff: nobody could sign in",
            "“local_accounts”为 false 且没有工作人员使用的认证服务，将无人能够登录",
        )
    per_account, per_address = _throttles(table.table("throttle", THROTTLE_KEYS))
    return IdentityRules(
        sessions=_sessions(table.table("sessions", SESSION_KEYS)),
        per_account=per_account,
        per_address=per_address,
        local_accounts=local,
        staff_second_factor=table.yes_or_no("staff_second_factor", default=True),
        address=address.rstrip("/"),
        providers=providers or (),
    )


def _sessions(table: "_Table") -> SessionRules:
    default = SessionRules()
    found = SessionRules(
        idle=table.duration("idle") or default.idle,
        absolute=table.duration("absolute") or default.absolute,
        provider_check=table.duration("provider_check") or default.provider_check,
    )
    if table.is_good and found.idle > found.absolute:
        table.note("`idle` is longer than `absolute`", "“idle”长于“absolute”")
    return found


def _throttles(table: "_Table") -> tuple[ThrottleRule, ThrottleRule]:
    """Return the rules for an account and for an address."""
    lengths = {key: table.duration(key) for key in THROTTLE_TIMES}
    given = {key: length for key, length in lengths.items() if length is not None}
    free, free_per_address = table.whole("free", PER_ACCOUNT.free), table.whole("free_per_address", PER_ADDRESS.free)
    found = replace(PER_ACCOUNT, free=free, **given), replace(PER_ADDRESS, free=free_per_address, **given)
    if table.is_good and not all(each.first <= each.longest <= each.window for each in found):
        table.note("needs `first` <= `longest` <= `window`", "须满足 first <= longest <= window")
    return found


def _providers(given: object, note: Note) -> Sequence[ProviderTerms] | None:
    """Return the providers; `None` when one is wrong."""
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        note("providers are written as [[identity.provider]]", "认证服务应写作 [[identity.provider]]")
        return None
    if len(given) > MOST_PROVIDERS:
        note(f"more than {MOST_PROVIDERS} providers", f"认证服务超过 {MOST_PROVIDERS} 个")
        return None
    read = [_provider(number, each, note) for number, each in enumerate(given, 1)]
    providers = [each for each in read if each is not None]
    if len({each.name for each in providers}) < len(providers):
        note("two providers have the same name", "有两个认证服务重名")
    if len({(each.issuer, each.client_id) for each in providers}) < len(providers):
        note("two providers have the same issuer and client", "有两个认证服务的 issuer 与 client_id 相同")
    return providers if len(providers) == len(given) else None


def _provider(number: int, given: Mapping[str, Any], note: Note) -> ProviderTerms | None:
    table = _Table(f"provider {number}: ", given, PROVIDER_KEYS, note)
    name = table.text("name", _NAME, "small letters, digits, - and _", "小写字母、数字、- 和 _")
    variable = table.text("client_secret_env", _VARIABLE, "the name of an environment variable", "环境变量名")
    client_id = table.text("client_id", _WORD, "visible signs without spaces", "不含空格的可见字符")
    issuer = table.text("issuer", _WORD, "an address", "网址")
    if issuer and not _is_safe(issuer):
        table.note("`issuer` is no https address", "“issuer”应为 https 地址")
    kind = next((each for each in AccountKind if each == given.get("kind")), None)
    if kind is None:
        table.note("`kind` is staff or firm", "“kind”应为 staff 或 firm")
    claims = _claims(table.table("claims", CLAIM_KEYS), kind)
    scopes = _scopes(table, given.get("scopes", ["openid", "profile", "email"]))
    flags = {
        "makes_accounts": table.yes_or_no("makes_accounts", default=False),
        "links_accounts": table.yes_or_no("links_accounts", default=False),
        "second_factor": table.yes_or_no("second_factor", default=True),
    }
    if not table.is_good or claims is None or kind is None:
        return None
    return ProviderTerms(
        name=name,
        kind=kind,
        issuer=issuer,
        client_id=client_id,
        client_secret_env=variable,
        label=given["label"] if isinstance(given.get("label"), str) and given["label"] else name,
        claims=claims,
        scopes=scopes,
        **flags,
    )


def _is_safe(issuer: str) -> bool:
    try:
        url = urlsplit(issuer)
        on_loopback = url.scheme == "http" and url.hostname in LOOPBACK
    except ValueError:
        return False
    return not url.query and not url.fragment and (url.scheme == "https" or on_loopback)


def _scopes(table: "_Table", found: object) -> tuple[str, ...]:
    good = isinstance(found, list) and 0 < len(found) <= MOST_SCOPES and "openid" in found
    if good and isinstance(found, list) and all(isinstance(each, str) and _WORD.fullmatch(each) for each in found):
        return tuple(found)
    table.note("`scopes` is a list of words, one of them openid", "“scopes”应为包含 openid 的列表")
    return ()


def _claims(table: "_Table", kind: AccountKind | None) -> ClaimNames | None:
    """Return the names; `None` when one is wrong."""
    default, given = ClaimNames(), table.content
    if not all(isinstance(each, str) for each in given.values()):
        table.note("holds names of claims", "应为声明名称")
    if given.get("firm") and kind is AccountKind.STAFF:
        table.note("staff have no claim `firm`", "工作人员的认证服务不应设置“firm”声明")
    if not table.is_good:
        return None
    return ClaimNames(
        name=given.get("name", default.name), label=given.get("label", default.label), firm=given.get("firm", "")
    )


class _Table:
    """Reads values of one table; a wrong one is noted, and the default taken so that reading goes on."""

    def __init__(self, where: str, content: Mapping[str, Any], keys: Sequence[str], note: Note) -> None:
        self.content = content
        self.is_good = True
        self._where, self._note = where, note
        if content.keys() - set(keys):
            known = ", ".join(keys)
            self.note(f"has an unknown key; write {known}", f"有未知项；可用：{known}")

    def note(self, problem: str, problem_zh: str) -> None:
        self.is_good = False
        self._note(f"{self._where}{problem}", f"{self._where}{problem_zh}")

    def table(self, key: str, keys: Sequence[str]) -> "_Table":
        found = self.content.get(key, {})
        if not isinstance(found, dict):
            self.note(f"`{key}` is a table", f"“{key}”应为表")
            found = {}
        return _Table(f"{self._where}{key}: ", found, keys, self._note)

    def text(self, key: str, pattern: re.Pattern[str], wanted: str, wanted_zh: str) -> str:
        found = self.content.get(key)
        if isinstance(found, str) and pattern.fullmatch(found) is not None:
            return found
        self.note(f"`{key}` is not {wanted}", f"“{key}”应为{wanted_zh}")
        return ""

    def yes_or_no(self, key: str, *, default: bool) -> bool:
        found = self.content.get(key, default)
        if isinstance(found, bool):
            return found
        self.note(f"`{key}` is true or false", f"“{key}”应为 true 或 false")
        return default

    def whole(self, key: str, default: int) -> int:
        found = self.content.get(key, default)
        if type(found) is int and 1 <= found <= MOST_FREE:
            return found
        self.note(f"`{key}` is a whole number from 1 to {MOST_FREE}", f"“{key}”应为 1 至 {MOST_FREE} 的整数")
        return default

    def duration(self, key: str) -> timedelta | None:
        """Return a time; `None` when it is not given."""
        found = self.content.get(key)
        if found is None:
            return None
        match = _DURATION.fullmatch(found) if isinstance(found, str) else None
        length = None if match is None else timedelta(**{_UNITS[match[2]]: int(match[1])})
        if length is not None and length <= LONGEST:
            return length
        self.note(
            f"`{key}` is a time such as 90s, 5m or 2h, at most {LONGEST.days}d",
            f"“{key}”应为 90s、5m、2h 形式的时长，最长 {LONGEST.days}d",
        )
        return None
