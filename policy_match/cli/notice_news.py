"""`policy-match notices tell`: departments hear what they are asked, firms what they were answered."""

from pathlib import Path

import click

from policy_match.cli.options import rules_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.policy.loader import load_rules
from policy_match.services.tell_news import tell_news


@click.command("tell")
@rules_option
@screen_options
def tell(rules_folder: Path, screen: Screen) -> None:
    """告知部门更正申请和差评，告知企业答复与处理结果 / tell departments and firms of requests, ratings, suggestions.

    \b
    Each is told once. What nobody of a department could be told waits until somebody has its duty or is its clerk.

    \b
      policy-match notices tell
      policy-match notices tell --rules rules --json
    """
    application = current_session().application
    with screen.progress("登记通知", "looking for news"):
        told = tell_news(application.database, lambda: load_rules(rules_folder), clock=application.clock)
    if screen.json:
        screen.result({"notices": told.notices, "waiting": told.waiting})
        return
    screen.print(
        f"登记通知 {told.notices:,} 项，部门无人可告知 {told.waiting:,} 项",
        f"{told.notices:,} notices are to be written; of {told.waiting:,} nobody in the department could be told",
    )
