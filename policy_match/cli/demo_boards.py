"""The end of `policy-match demo`: the boards of supervision, how well the service does, and where everything lies.

Guarantees that boards and figures are those of the commands, drawn by the same functions, as of the simulated day.
"""

from pathlib import Path

from policy_match.cli.report import print_notices, print_report
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.cli.supervision import print_board
from policy_match.cli.supervision_promises import print_promises
from policy_match.policy.model import RuleBook
from policy_match.reports.model import Cut
from policy_match.services.promises import promises
from policy_match.services.publish_report import PAGE_NAME, publish_report, titles_of, year_span
from policy_match.services.rehearsal.stage import Stage
from policy_match.services.report import make_report
from policy_match.services.supervise_cases import supervision_board


def print_boards(screen: Screen, rules: RuleBook, rules_folder: Path, stage: Stage) -> None:
    """Print what is late, what was promised and how well it does, and publish the report of the simulated year.

    What is printed hides nothing, as every firm is invented; what is published hides figures of few firms.
    """
    screen.print("\n══ 蓝黄红榜、承诺与兑现、成效 ══", "\n══ what is late, what was promised, how well it does ══")
    print_board(screen, supervision_board(stage.database, stage.calendar, stage.clock), by_policy=False)
    print_promises(screen, promises(stage.database, stage.clock))
    application = current_session().application
    titles = titles_of(rules)
    with screen.progress("年度报告", "report of the year"):
        internal, published = (
            make_report(
                stage.database,
                stage.clock,
                span=year_span(None, stage.clock),
                facts=application.firm_facts(rules_folder),
                internal=is_internal,
                cuts=cuts,
                promising=[channel.name for channel in stage.post.channels if channel.promises_once],
            )
            for is_internal, cuts in ((True, (Cut.POLICY,)), (False, tuple(Cut)))
        )
        publish_report(
            published,
            titles,
            plots=application.report_plots,
            page=application.report_page,
            write=application.write_file,
            out=application.rehearsal_report_folder,
        )
    print_report(screen, internal, Cut.POLICY, titles)
    print_notices(screen, internal)
    post, page = application.rehearsal_post_folder, application.rehearsal_report_folder / PAGE_NAME
    screen.print(f"邮件、短信和信函：{post}", f"mails, text messages and letters: {post}")
    screen.print(
        f"年度报告（可公开，已隐去小数）：{page}", f"the report of the year, to publish, small figures hidden: {page}"
    )
