"""`policy-match rules`: check the rules repository and run its cases."""

from pathlib import Path

import click

from policy_match.cli.options import rules_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.services.rule_checks import check_rules, run_cases


@click.group()
def rules() -> None:
    """检查规则库 / check the rules repository."""


@rules.command()
@rules_option
@screen_options
def check(rules_folder: Path, screen: Screen) -> None:
    """检查每个规则文件，并要求各项政策有完整用例 / check every rules file, and that each policy has its cases.

    \b
    Each defect is one line on standard error, FILE:LINE: message; exit code 1.
    每个问题在标准错误输出一行：文件：行: 说明；退出码 1。

    \b
      policy-match rules check
      policy-match rules check --rules my-rules --lang en
    """
    book = check_rules(rules_folder)
    versions = sum(len(policy.versions) for policy in book.policies.values())
    if screen.json:
        screen.result(
            {
                "policies": len(book.policies),
                "versions": versions,
                "facts": len(book.catalogue),
                "fingerprint": book.fingerprint,
            }
        )
        return
    screen.print(
        f"规则库无误：{len(book.policies)} 项政策，{versions} 个版本，{len(book.catalogue)} 个事实；"
        f"指纹 {book.fingerprint[:12]}",
        f"rules are sound: {len(book.policies)} policies, {versions} versions, {len(book.catalogue)} facts; "
        f"fingerprint {book.fingerprint[:12]}",
    )


@rules.command()
@rules_option
@screen_options
def test(rules_folder: Path, screen: Screen) -> None:
    """运行全部用例 / run every case.

    \b
    A case that fails is one line on standard error, FILE:LINE: message; exit code 1.

    \b
      policy-match rules test
    """
    run = run_cases(rules_folder)
    if screen.json:
        screen.result({"policies": run.policies, "cases": run.cases})
        return
    screen.print(
        f"{run.policies} 项政策的 {run.cases} 个用例全部通过", f"all {run.cases} cases of {run.policies} policies pass"
    )
