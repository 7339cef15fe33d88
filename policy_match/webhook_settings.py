"""The settings of webhooks, the table `[webhooks]` of the web's file: to which hosts and networks messages may go.

Guarantees that every mistake is noted for the one who reads the file, and that without the table no message goes
anywhere. The rules of addresses are `events.address`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from policy_match.events.address import AllowedPlaces, Network
from policy_match.settings_file import Note

KEYS = ("hosts", "networks", "ca_file", "timeout_seconds")

MOST_HOSTS = 100
MOST_NETWORKS = 50
TIMEOUT_SECONDS = 15
"""What Standard Webhooks 1.0.0 advises at least."""

LONGEST_TIMEOUT = 60

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[1-9][0-9]{0,4})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookSettings:
    """Where messages may go, whom to trust, and how long one request may take."""

    hosts: Sequence[str] = ()
    networks: Sequence[Network] = ()
    ca_file: Path | None = None
    timeout_seconds: int = TIMEOUT_SECONDS

    @property
    def allowed(self) -> AllowedPlaces:
        """Where messages may go."""
        return AllowedPlaces(hosts=frozenset(self.hosts), networks=self.networks)


def read_webhook_settings(table: Mapping[str, Any], folder: Path, note: Note) -> WebhookSettings:
    """Return the settings in a table; a relative file is below `folder`. A mistake is noted and left out."""
    for key in sorted(table.keys() - set(KEYS)):
        known = ", ".join(KEYS)
        note(f"[webhooks] `{key}` is unknown; write {known}", f"[webhooks] 未知项“{key}”；可用：{known}")
    return WebhookSettings(
        hosts=_hosts(table, note),
        networks=_networks(table, note),
        ca_file=_ca_file(table, folder, note),
        timeout_seconds=_timeout(table, note),
    )


def _hosts(table: Mapping[str, Any], note: Note) -> Sequence[str]:
    found = _list("hosts", table, MOST_HOSTS, note)
    for number, each in enumerate(found, 1):
        if not isinstance(each, str) or _HOST.fullmatch(each) is None:
            note(
                f"[webhooks] `hosts` {number} is no host as hooks.example.cn or hooks.example.cn:8443",
                f"[webhooks] 的“hosts”第 {number} 项应形如 hooks.example.cn 或 hooks.example.cn:8443（小写）",
            )
    return tuple(each for each in found if isinstance(each, str) and _HOST.fullmatch(each))


def _networks(table: Mapping[str, Any], note: Note) -> Sequence[Network]:
    networks: list[Network] = []
    for number, each in enumerate(_list("networks", table, MOST_NETWORKS, note), 1):
        try:
            networks.append(ip_network(each if isinstance(each, str) else ""))
        except ValueError:
            note(
                f"[webhooks] `networks` {number} is no network as 10.20.0.0/16",
                f"[webhooks] 的“networks”第 {number} 项应形如 10.20.0.0/16",
            )
    return tuple(networks)


def _list(key: str, table: Mapping[str, Any], most: int, note: Note) -> Sequence[object]:
    found = table.get(key, [])
    if isinstance(found, list) and len(found) <= most:
        return found
    note(f"[webhooks] `{key}` is no list of at most {most}", f"[webhooks] 的“{key}”应为不超过 {most} 项的列表")
    return []


def _ca_file(table: Mapping[str, Any], folder: Path, note: Note) -> Path | None:
    found = table.get("ca_file")
    if found is None:
        return None
    if isinstance(found, str) and (folder / found).is_file():
        return folder / found
    note("[webhooks] `ca_file` is no file of certificates", "[webhooks] 的“ca_file”不是证书文件")
    return None


def _timeout(table: Mapping[str, Any], note: Note) -> int:
    found = table.get("timeout_seconds", TIMEOUT_SECONDS)
    if type(found) is int and 1 <= found <= LONGEST_TIMEOUT:
        return found
    note(
        f"[webhooks] `timeout_seconds` is no whole number from 1 to {LONGEST_TIMEOUT}",
        f"[webhooks] 的“timeout_seconds”应为 1 至 {LONGEST_TIMEOUT} 的整数",
    )
    return TIMEOUT_SECONDS
