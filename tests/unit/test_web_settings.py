"""Settings of the web: what a good file says, and every mistake of a bad one at once."""

import pickle
from ipaddress import ip_network
from pathlib import Path

import pytest

from policy_match.errors import InputError, SeveralMistakes
from policy_match.identity.rules import IdentityRules
from policy_match.web_settings import WebSettings, WebSettingsUnfit, read_web_settings

GOOD = """
[server]
bind = "unix:/run/policy-match/web.sock"
public_url = "https://msjx.example.gov.cn/"
processes = 4
proxies = ["unix", "10.1.0.0/16", "::1"]
[limits]
requests_per_principal = 60
[database]
connections = 3
[metrics]
bind = "127.0.0.1:9100"
[identity]
local_accounts = true
"""


def read(tmp_path: Path, text: str) -> WebSettings:
    file = tmp_path / "web.toml"
    file.write_text(text, encoding="utf-8")
    return read_web_settings(file)


def mistakes(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as refused:
        read(tmp_path, text)
    error = refused.value
    assert error.message("zh") != error.message("en")
    return error.message("en").splitlines()


def test_a_good_file_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert found.server.bind == "unix:/run/policy-match/web.sock"
    assert found.server.public_url == "https://msjx.example.gov.cn"
    assert found.server.proxies == (ip_network("10.1.0.0/16"), ip_network("::1"))
    assert found.server.trusts_unix
    assert found.limits.requests_per_principal == 60
    assert found.identity == IdentityRules(address="https://msjx.example.gov.cn")
    assert "server.processes" in found.given
    assert "server.threads" not in found.given


def test_an_empty_file_serves_this_machine_alone(tmp_path: Path) -> None:
    assert read(tmp_path, "") == WebSettings()
    assert WebSettings().server.bind == "127.0.0.1:8000"


def test_all_mistakes_are_told_at_once_a_line_each(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        '[server]\nbind = "everywhere"\nprocesses = 0\npublic_url = "http://msjx.example"\nproxies = ["unix", "x"]\n'
        "[limits]\nbody_byte = 1\n[databse]\nconnections = 2\n",
    )
    assert len(found) == 6
    assert any("`body_byte` is unknown; write body_bytes" in line for line in found)
    assert any("`databse` is unknown; write database" in line for line in found)
    assert any("`proxies` 2 is no address" in line for line in found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[server]\nbind = "127.0.0.1:0"', "`bind` is no address"),
        ('[server]\nbind = "127.0.0.1:70000"', "`bind` is no address"),
        ("[server]\nbind = 8000", "`bind` is no address"),
        ('[server]\npublic_url = "https://u:p@host"', "`public_url` is not the address"),
        ('[server]\npublic_url = "https://host/path"', "`public_url` is not the address"),
        ('[server]\nproxies = "10.0.0.0/8"', "`proxies` is no list"),
        ('[server]\nproxies = ["10.0.0.1/8"]', "`proxies` 1 is no address"),
        ("[server]\nthreads = true", "`threads` is no whole number from 1 to 128"),
        ("[limits]\nupload_bytes = 99999999999", "`upload_bytes` is no whole number"),
        ('[metrics]\nbind = "unix:/run/x"', "[metrics] `bind` is no address"),
        ('[metrics]\nbind = "127.0.0.1:8000"', "has the port of [server]"),
        ("[database]\nlock_seconds = 20", "`lock_seconds` is more than `statement_seconds`"),
        ("[database]\nstatement_seconds = 60", "`statement_seconds` is more than `request_seconds`"),
        ("server = 1", "`server` is written as [server]"),
        ("identity = 1", "`identity` is written as [identity]"),
        ("[server", "cannot be read: TOMLDecodeError"),
    ],
)
def test_each_mistake_is_one_clear_line(tmp_path: Path, text: str, told: str) -> None:
    (line,) = mistakes(tmp_path, text)
    assert told in line
    assert line.startswith("web.toml: ")
    assert line.endswith("see docs/operations.md")


def test_http_is_for_this_machine_alone(tmp_path: Path) -> None:
    assert read(tmp_path, '[server]\npublic_url = "http://localhost:8000"').server.public_url == "http://localhost:8000"
    with pytest.raises(WebSettingsUnfit):
        read(tmp_path, '[server]\npublic_url = "http://10.0.0.1"')


def test_no_value_of_identity_is_shown(tmp_path: Path) -> None:
    assert "9f3kq" not in "".join(mistakes(tmp_path, '[identity]\nsecret = "9f3kq"\nlocal_accounts = "9f3kq"'))


def test_mistakes_of_identity_are_told_with_those_of_the_server(tmp_path: Path) -> None:
    server, first, second = mistakes(
        tmp_path, "[server]\nthreads = 0\n[identity]\nlocal_accounts = 1\nstaff_second_factor = 1\n"
    )
    assert "see docs/operations.md" in server
    assert first.startswith("web.toml: [identity] ") and first.endswith("see docs/identity.md")
    assert second.startswith("web.toml: [identity] ")


def test_several_mistakes_are_the_same_in_another_process(tmp_path: Path) -> None:
    with pytest.raises(SeveralMistakes) as refused:
        read(tmp_path, "[server]\nprocesses = 0\nthreads = 0")
    found = pickle.loads(pickle.dumps(refused.value))
    assert found.message("zh") == refused.value.message("zh")
    assert len(found.mistakes) == 2
