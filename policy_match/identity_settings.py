"""The settings of signing in: the table `[identity]` of the web's file, with its `[[identity.provider]]`.

Guarantees that a wrong table is one clear line before anything starts, and that no value is repeated in it: one may be
a secret that somebody put where the name of a variable belongs. Whether a provider answers shows when it is asked.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from policy_match.errors import InputError
from policy_match.identity.accounts import AccountKind
from policy_match.identity.providers import ClaimNames, ProviderTerms
from policy_match.identity.rules import IdentityRules
from policy_match.identity.sessions import SessionRules
from policy_match.identity.throttle import ThrottleRule

KEYS = ("local_accounts", "staff_second_factor", "sessions", "throttle", "provider")
SESSION_KEYS = ("idle", "absolute", "provider_check")
THROTTLE_KEYS = ("free", "first", "longest", "window", "free_per_address")
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


class IdentitySettingsUnfit(InputError):
    """The table cannot be used."""

    code = "config-identity"
    english = "[identity] {problem}; see docs/identity.md"
    chinese = "[identity] {problem_zh}；请参阅 docs/identity.md"

    def __init__(self, problem: str, problem_zh: str) -> None:
        super().__init__(problem=problem, problem_zh=problem_zh)


def read_identity(table: Mapping[str, Any], *, address: str = "") -> IdentityRules:
    """Return the rules in a table; what it does not say is as by default.

    `address` is that of the service, which providers need. Raises `IdentitySettingsUnfit`.
    """
    _check_keys("", table, KEYS)
    providers = _providers(table.get("provider", []))
    local = _yes_or_no("local_accounts", table, default=True)
    if not local and not any(each.kind is AccountKind.STAFF for each in providers):
        raise IdentitySettingsUnfit(
            "`local_accounts` is false and no provider is for staff: nobody could sign in",
            "“local_accounts”为 false 且没有工作人员使用的认证服务，将无人能够登录",
        )
    if providers and not address:
        raise IdentitySettingsUnfit(
            "providers send people back to `public_url`, which [server] does not say",
            "使用认证服务须在 [server] 中设置“public_url”",
        )
    rules = IdentityRules()
    throttle = _table("throttle", table, THROTTLE_KEYS)
    return IdentityRules(
        sessions=_sessions(_table("sessions", table, SESSION_KEYS)),
        per_account=_throttle(throttle, rules.per_account, "free"),
        per_address=_throttle(throttle, rules.per_address, "free_per_address"),
        local_accounts=local,
        staff_second_factor=_yes_or_no("staff_second_factor", table, default=True),
        address=address.rstrip("/"),
        providers=providers,
    )


def _sessions(table: Mapping[str, Any]) -> SessionRules:
    default = SessionRules()
    found = SessionRules(
        idle=_duration("idle", table, default.idle),
        absolute=_duration("absolute", table, default.absolute),
        provider_check=_duration("provider_check", table, default.provider_check),
    )
    if found.idle > found.absolute:
        raise IdentitySettingsUnfit(
            "[identity.sessions] `idle` is longer than `absolute`", "[identity.sessions] 的“idle”长于“absolute”"
        )
    return found


def _throttle(table: Mapping[str, Any], default: ThrottleRule, free: str) -> ThrottleRule:
    found = ThrottleRule(
        free=_whole(free, table, default.free, most=MOST_FREE),
        first=_duration("first", table, default.first),
        longest=_duration("longest", table, default.longest),
        window=_duration("window", table, default.window),
    )
    if not found.first <= found.longest <= found.window:
        raise IdentitySettingsUnfit(
            "[identity.throttle] needs `first` <= `longest` <= `window`",
            "[identity.throttle] 须满足 first <= longest <= window",
        )
    return found


def _providers(given: object) -> Sequence[ProviderTerms]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise IdentitySettingsUnfit(
            "providers are written as [[identity.provider]]", "认证服务应写作 [[identity.provider]]"
        )
    if len(given) > MOST_PROVIDERS:
        raise IdentitySettingsUnfit(f"more than {MOST_PROVIDERS} providers", f"认证服务超过 {MOST_PROVIDERS} 个")
    providers = [_provider(number, each) for number, each in enumerate(given, 1)]
    if len({each.name for each in providers}) < len(providers):
        raise IdentitySettingsUnfit("two providers have the same name", "有两个认证服务重名")
    if len({(each.issuer, each.client_id) for each in providers}) < len(providers):
        raise IdentitySettingsUnfit(
            "two providers have the same issuer and client", "有两个认证服务的 issuer 与 client_id 相同"
        )
    return tuple(providers)


def _provider(number: int, given: Mapping[str, Any]) -> ProviderTerms:
    where = f"provider {number}: "
    _check_keys(where, given, PROVIDER_KEYS)
    name = _text("name", given, where, _NAME, "small letters, digits, - and _", "小写字母、数字、- 和 _")
    variable = _text("client_secret_env", given, where, _VARIABLE, "the name of an environment variable", "环境变量名")
    kind = given.get("kind")
    if kind not in tuple(AccountKind):
        raise IdentitySettingsUnfit(f"{where}`kind` is staff or firm", f"{where}“kind”应为 staff 或 firm")
    issuer = _text("issuer", given, where, _WORD, "an address", "网址")
    url = urlsplit(issuer)
    if url.query or url.fragment or not (url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)):
        raise IdentitySettingsUnfit(f"{where}`issuer` is no https address", f"{where}“issuer”应为 https 地址")
    scopes = given.get("scopes", ["openid", "profile", "email"])
    good = isinstance(scopes, list) and 0 < len(scopes) <= MOST_SCOPES
    if (
        not good
        or not all(isinstance(each, str) and _WORD.fullmatch(each) for each in scopes)
        or "openid" not in scopes
    ):
        raise IdentitySettingsUnfit(
            f"{where}`scopes` is a list of words, one of them openid", f"{where}“scopes”应为包含 openid 的列表"
        )
    return ProviderTerms(
        name=name,
        kind=AccountKind(kind),
        issuer=issuer,
        client_id=_text("client_id", given, where, _WORD, "visible signs without spaces", "不含空格的可见字符"),
        client_secret_env=variable,
        label=given["label"] if isinstance(given.get("label"), str) and given["label"] else name,
        claims=_claims(where, given, AccountKind(kind)),
        makes_accounts=_yes_or_no("makes_accounts", given, default=False, where=where),
        links_accounts=_yes_or_no("links_accounts", given, default=False, where=where),
        second_factor=_yes_or_no("second_factor", given, default=True, where=where),
        scopes=tuple(scopes),
    )


def _claims(where: str, given: Mapping[str, Any], kind: AccountKind) -> ClaimNames:
    default = ClaimNames()
    table = given.get("claims", {})
    if not isinstance(table, dict):
        raise IdentitySettingsUnfit(f"{where}`claims` is a table", f"{where}“claims”应为表")
    _check_keys(f"{where}claims ", table, CLAIM_KEYS)
    if not all(isinstance(each, str) for each in table.values()):
        raise IdentitySettingsUnfit(f"{where}`claims` holds names of claims", f"{where}“claims”应为声明名称")
    found = ClaimNames(
        name=table.get("name", default.name), label=table.get("label", default.label), firm=table.get("firm", "")
    )
    if found.firm and kind is AccountKind.STAFF:
        raise IdentitySettingsUnfit(
            f"{where}staff have no claim `firm`", f"{where}工作人员的认证服务不应设置“firm”声明"
        )
    return found


def _check_keys(where: str, table: Mapping[str, Any], keys: Sequence[str]) -> None:
    unknown = sorted(str(key) for key in table.keys() - set(keys))
    if unknown:
        known = ", ".join(keys)
        raise IdentitySettingsUnfit(f"{where}has an unknown key; write {known}", f"{where}有未知项；可用：{known}")


def _table(key: str, content: Mapping[str, Any], keys: Sequence[str]) -> Mapping[str, Any]:
    found = content.get(key, {})
    if not isinstance(found, dict):
        raise IdentitySettingsUnfit(f"`{key}` is written as [identity.{key}]", f"“{key}”应写作 [identity.{key}]")
    _check_keys(f"{key}: ", found, keys)
    return found


def _text(key: str, table: Mapping[str, Any], where: str, pattern: re.Pattern[str], wanted: str, wanted_zh: str) -> str:
    found = table.get(key)
    if not isinstance(found, str) or pattern.fullmatch(found) is None:
        raise IdentitySettingsUnfit(f"{where}`{key}` is not {wanted}", f"{where}“{key}”应为{wanted_zh}")
    return found


def _yes_or_no(key: str, table: Mapping[str, Any], *, default: bool, where: str = "") -> bool:
    found = table.get(key, default)
    if not isinstance(found, bool):
        raise IdentitySettingsUnfit(f"{where}`{key}` is true or false", f"{where}“{key}”应为 true 或 false")
    return found


def _whole(key: str, table: Mapping[str, Any], default: int, *, most: int) -> int:
    found = table.get(key, default)
    if type(found) is not int or not 1 <= found <= most:
        raise IdentitySettingsUnfit(f"`{key}` is a whole number from 1 to {most}", f"“{key}”应为 1 至 {most} 的整数")
    return found


def _duration(key: str, table: Mapping[str, Any], default: timedelta) -> timedelta:
    if key not in table:
        return default
    match = _DURATION.fullmatch(table[key]) if isinstance(table[key], str) else None
    length = None if match is None else timedelta(**{_UNITS[match[2]]: int(match[1])})
    if length is None or length > LONGEST:
        raise IdentitySettingsUnfit(
            f"`{key}` is a time such as 90s, 5m or 2h, at most {LONGEST.days}d",
            f"“{key}”应为 90s、5m、2h 形式的时长，最长 {LONGEST.days}d",
        )
    return length
