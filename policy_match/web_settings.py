"""The settings of the web, from one TOML file: addresses, processes, proxies, limits, its share of the database.

Guarantees that every mistake of the file is one clear line, all of them at once, before anything starts, and that no
value of `[identity]` is repeated. Without a file the web serves this machine alone, for trying out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from policy_match.identity.rules import IdentityRules
from policy_match.identity_settings import IdentitySettingsUnfit, read_identity
from policy_match.settings_file import FileUnfit, SettingsFile
from policy_match.webhook_settings import WebhookSettings, read_webhook_settings

UNIX = "unix"
"""Whoever reaches a Unix socket, as a proxy that is trusted."""

TABLES = ("server", "limits", "database", "metrics", "webhooks", "identity")

MOST_PROCESSES = 64
MOST_THREADS = 128
MOST_CONNECTIONS = 64
MOST_PROXIES = 50
MOST_BYTES = 1024 * 1024 * 1024
MOST_REQUESTS = 10_000_000
LONGEST_SECONDS = 600

_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[0-9A-Za-z.-]+):([0-9]{1,5})")

Network = IPv4Network | IPv6Network


class WebSettingsUnfit(FileUnfit):
    """The file of web settings cannot be used."""

    code = "config-web"
    english = "{file}: {problem}; see docs/operations.md"
    chinese = "{file}：{problem_zh}；请参阅 docs/operations.md"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerSettings:
    """Where and how the web serves. `bind` is host:port or unix:/path.

    A request must be read within `request_seconds`, and its transaction ends within them. `stop_seconds` is how long
    requests under way may go on when the server is told to end.
    """

    bind: str = "127.0.0.1:8000"
    public_url: str = ""
    processes: int = 2
    threads: int = 8
    proxies: Sequence[Network] = ()
    trusts_unix: bool = False
    request_seconds: int = 30
    stop_seconds: int = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitSettings:
    """What one request, and one who asks, may take up. Requests are counted for each minute."""

    body_bytes: int = 1024 * 1024
    upload_bytes: int = 64 * 1024 * 1024
    requests_per_principal: int = 1_200
    requests_per_address: int = 6_000


@dataclass(frozen=True, kw_only=True, slots=True)
class PoolSettings:
    """The share of each process in the database. Jobs and commands have limits of their own."""

    connections: int = 6
    wait_seconds: int = 2
    statement_seconds: int = 10
    lock_seconds: int = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricsSettings:
    """Where figures are told to a Prometheus; nowhere while `bind` is empty."""

    bind: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class WebSettings:
    """How the web works. `given` names what the file sets, as `server.bind`."""

    server: ServerSettings = field(default_factory=ServerSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    database: PoolSettings = field(default_factory=PoolSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)
    identity: IdentityRules = field(default_factory=IdentityRules)
    given: frozenset[str] = frozenset()


def read_web_settings(path: Path) -> WebSettings:
    """Return the settings in a file.

    Raises `WebSettingsUnfit` or `IdentitySettingsUnfit` for one mistake, `SeveralMistakes` for more.
    """
    file = SettingsFile(path, WebSettingsUnfit)
    content = file.content()
    file.check_keys("", content, TABLES)
    server = _server(_table(file, "server", content, ServerSettings))
    of_identity = file.noting(IdentitySettingsUnfit)
    settings = WebSettings(
        server=server,
        limits=_limits(_table(file, "limits", content, LimitSettings)),
        database=_database(_table(file, "database", content, PoolSettings)),
        metrics=_metrics(_table(file, "metrics", content, MetricsSettings)),
        webhooks=read_webhook_settings(file.table("webhooks", content), path.parent, file.note),
        identity=read_identity(file.table("identity", content), of_identity, address=server.public_url),
        given=frozenset(f"{name}.{key}" for name, table in content.items() if isinstance(table, dict) for key in table),
    )
    if file.is_good:
        _check_together(file, settings)
        if settings.identity.providers and not server.public_url:
            of_identity(
                "providers send people back to `public_url`, which [server] does not say",
                "使用认证服务须在 [server] 中设置“public_url”",
            )
    file.tell()
    return settings


def _table(file: SettingsFile, name: str, content: Mapping[str, Any], kind: type[Any]) -> "_Table":
    found = file.table(name, content)
    file.check_keys(f"[{name}] ", found, [each.name for each in fields(kind) if each.name != "trusts_unix"])
    return _Table(file, name, found)


def _server(table: "_Table") -> ServerSettings:
    default = ServerSettings()
    networks, trusts_unix = table.proxies("proxies")
    return ServerSettings(
        bind=table.address("bind", default.bind, unix=True),
        public_url=table.url("public_url"),
        processes=table.whole("processes", default.processes, most=MOST_PROCESSES),
        threads=table.whole("threads", default.threads, most=MOST_THREADS),
        proxies=networks,
        trusts_unix=trusts_unix,
        request_seconds=table.whole("request_seconds", default.request_seconds, most=LONGEST_SECONDS),
        stop_seconds=table.whole("stop_seconds", default.stop_seconds, most=LONGEST_SECONDS),
    )


def _limits(table: "_Table") -> LimitSettings:
    default = LimitSettings()
    return LimitSettings(
        body_bytes=table.whole("body_bytes", default.body_bytes, most=MOST_BYTES),
        upload_bytes=table.whole("upload_bytes", default.upload_bytes, most=MOST_BYTES),
        requests_per_principal=table.whole(
            "requests_per_principal", default.requests_per_principal, most=MOST_REQUESTS
        ),
        requests_per_address=table.whole("requests_per_address", default.requests_per_address, most=MOST_REQUESTS),
    )


def _database(table: "_Table") -> PoolSettings:
    default = PoolSettings()
    return PoolSettings(
        connections=table.whole("connections", default.connections, most=MOST_CONNECTIONS),
        wait_seconds=table.whole("wait_seconds", default.wait_seconds, most=LONGEST_SECONDS),
        statement_seconds=table.whole("statement_seconds", default.statement_seconds, most=LONGEST_SECONDS),
        lock_seconds=table.whole("lock_seconds", default.lock_seconds, most=LONGEST_SECONDS),
    )


def _metrics(table: "_Table") -> MetricsSettings:
    return MetricsSettings(bind=table.address("bind", "", unix=False))


def _check_together(file: SettingsFile, settings: WebSettings) -> None:
    """Note what does not fit together."""
    server, database = settings.server, settings.database
    if settings.metrics.bind and settings.metrics.bind.rpartition(":")[2] == server.bind.rpartition(":")[2]:
        file.note("[metrics] `bind` has the port of [server]", "[metrics] 的“bind”与 [server] 端口相同")
    if database.lock_seconds > database.statement_seconds:
        file.note(
            "[database] `lock_seconds` is more than `statement_seconds`",
            "[database] 的“lock_seconds”大于“statement_seconds”",
        )
    if database.statement_seconds > server.request_seconds:
        file.note(
            "[database] `statement_seconds` is more than `request_seconds` of [server]",
            "[database] 的“statement_seconds”大于 [server] 的“request_seconds”",
        )


class _Table:
    """Reads values of one table; a wrong one is noted, and the default taken so that reading goes on."""

    def __init__(self, file: SettingsFile, name: str, content: Mapping[str, Any]) -> None:
        self._file = file
        self._where = f"[{name}] "
        self._content = content

    def _note(self, key: str, problem: str, problem_zh: str) -> None:
        self._file.note(f"{self._where}`{key}` {problem}", f"{self._where}的“{key}”{problem_zh}")

    def whole(self, key: str, default: int, *, most: int) -> int:
        found = self._content.get(key, default)
        if type(found) is int and 1 <= found <= most:
            return found
        self._note(key, f"is no whole number from 1 to {most}", f"应为 1 至 {most} 的整数")
        return default

    def address(self, key: str, default: str, *, unix: bool) -> str:
        found = self._content.get(key, default)
        if found == default:
            return default
        if isinstance(found, str):
            if unix and found.startswith("unix:/"):
                return found
            match = _ADDRESS.fullmatch(found)
            if match is not None and 1 <= int(match[2]) <= 65535:
                return found
        other, other_zh = (" or unix:/path", " 或 unix:/path") if unix else ("", "")
        self._note(key, f"is no address as 127.0.0.1:8000{other}", f"应形如 127.0.0.1:8000{other_zh}")
        return default

    def url(self, key: str) -> str:
        found = self._content.get(key, "")
        if found == "":
            return ""
        if isinstance(found, str) and _serves_people(found):
            return found.rstrip("/")
        self._note(
            key,
            "is not the address of the service as https://host; http is for this machine alone",
            "应为服务的对外地址，形如 https://host;http 仅限本机",
        )
        return ""

    def proxies(self, key: str) -> tuple[Sequence[Network], bool]:
        found = self._content.get(key, [])
        if not isinstance(found, list) or len(found) > MOST_PROXIES:
            self._note(key, f"is no list of at most {MOST_PROXIES} networks", f"应为不超过 {MOST_PROXIES} 项的网段列表")
            return (), False
        networks = []
        for number, each in enumerate(found, 1):
            if each == UNIX:
                continue
            try:
                networks.append(ip_network(each if isinstance(each, str) else ""))
            except ValueError:
                self._note(
                    key,
                    f'{number} is no address, network or "{UNIX}"',
                    f"第 {number} 项不是地址、网段或“{UNIX}”",
                )
        return tuple(networks), UNIX in found


def _serves_people(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    bare = parts.path in ("", "/") and not parts.query and not parts.fragment and parts.username is None
    if not host or not bare or re.fullmatch(r"[0-9a-zA-Z.:-]+", host) is None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
