"""A person says that a policy rightly matches all, or none, of a registry.

Guarantees that the word holds for one version of the policy, as it is written now: a changed policy is asked about
again. Who may say it is left to the entry points.
"""

from datetime import date

from policy_match.errors import InputError
from policy_match.policy.model import PolicyVersion, RuleBook
from policy_match.ports import Database
from policy_match.services.explain import policy_in_force
from policy_match.sweep.match import Match
from policy_match.values import PolicyId


class NobodyNamed(InputError):
    """A confirmation without a person is none."""

    code = "confirm-nobody"
    english = "a person must confirm this: name them with --by NAME"
    chinese = "须由责任人确认：请用 --by 姓名 注明"


def confirm_match(
    rules: RuleBook, database: Database, *, policy_id: PolicyId, as_of: date, match: Match, confirmed_by: str
) -> PolicyVersion:
    """Keep the confirmation of the version in force on `as_of` and return that version; the first word stays.

    Raises `NobodyNamed`, `NoSuchPolicy` or `PolicyNotInForce`.
    """
    if not confirmed_by.strip():
        raise NobodyNamed
    policy, version = policy_in_force(rules, policy_id, as_of)
    with database.unit_of_work() as work:
        work.rules.keep_version(policy, version)
        work.confirmations.add(version.fingerprint, match, confirmed_by.strip())
        work.commit()
    return version
