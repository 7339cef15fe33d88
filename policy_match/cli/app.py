"""The command group, its errors and its exit codes."""

import sys
from collections.abc import Sequence

import click
from click.shell_completion import get_completion_class

from policy_match.bootstrap import Application
from policy_match.cli.accounts import accounts
from policy_match.cli.approvals import approvals
from policy_match.cli.budget import budget
from policy_match.cli.cases import cases
from policy_match.cli.config import config as config_group
from policy_match.cli.deadlines import deadlines
from policy_match.cli.demo import demo, sample_region
from policy_match.cli.explain import explain
from policy_match.cli.imports import import_command, snapshots
from policy_match.cli.ledger import ledger
from policy_match.cli.notices import notices
from policy_match.cli.objections import objections
from policy_match.cli.payments import payments
from policy_match.cli.report import report
from policy_match.cli.rules import rules
from policy_match.cli.run_portal import sample_portal
from policy_match.cli.run_scheduler import run as run_group
from policy_match.cli.run_web import web
from policy_match.cli.scheduler import scheduler
from policy_match.cli.screen import Screen
from policy_match.cli.session import Session
from policy_match.cli.supervision import supervision
from policy_match.cli.sweep import sweep
from policy_match.cli.sweeps import sweeps
from policy_match.cli.tokens import tokens
from policy_match.config import Config
from policy_match.errors import PolicyMatchError
from policy_match.ports import Clock

INTERRUPTED = 130
USAGE = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="policy-match", prog_name="policy-match")
def policy_match() -> None:
    """免申即享：从登记数据到每家企业应得的惠企资金 / from registry data to what policy owes every firm.

    \b
    Start here / 从这里开始：
      make run                                          the sample region, end to end
      policy-match rules check                          are the rules sound?
      policy-match sweep --facts firms.csv --as-of 2025-06-30 --out out/
      policy-match explain 91… --facts firms.csv --as-of 2025-06-30
      policy-match cases open                           from a kept sweep to cases; then `cases --help`
      policy-match payments --help                      from approved cases to money in the account
    """


@policy_match.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """打印 shell 补全脚本 / print the completion script of a shell.

    \b
      policy-match completion bash >> ~/.bashrc
    """
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(policy_match, {}, "policy-match", "_POLICY_MATCH_COMPLETE").source())


COMMANDS: Sequence[click.Command] = (
    demo,
    import_command,
    snapshots,
    sweep,
    sweeps,
    explain,
    rules,
    sample_region,
    cases,
    deadlines,
    objections,
    budget,
    approvals,
    payments,
    ledger,
    notices,
    report,
    supervision,
    accounts,
    tokens,
    run_group,
    scheduler,
    config_group,
)
run_group.add_command(web)
run_group.add_command(sample_portal)
for command in COMMANDS:
    policy_match.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Run the command and return its exit code: 0, or that of the error's class in `errors.py`.

    Without a clock the machine's is used.
    """
    screen = Screen(language="en")
    try:
        config, mistakes = Config.read()
        screen.language = config.language
        with Application(config, clock) as application:
            if mistakes:
                application.check_settings(mistakes)
            ended = policy_match.main(
                args=None if arguments is None else list(arguments),
                prog_name="policy-match",
                standalone_mode=False,
                obj=Session(screen=screen, application=application),
            )
    except PolicyMatchError as error:
        screen.error(error)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except (KeyboardInterrupt, click.Abort):
        screen.note("已中断，没有留下半成品", "interrupted; nothing half-done was left")
        return INTERRUPTED
    # A command that found something wrong, and still did its work, leaves with a code of its own.
    return ended if isinstance(ended, int) else 0
