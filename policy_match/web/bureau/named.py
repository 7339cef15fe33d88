"""What policies, units and values are called on pages, in the language of the page.

Guarantees that a policy that the rules no longer have is called by its id, and a department by its own name.
"""

from dataclasses import dataclass

from policy_match.supervision.stages import UNIT_WORDS
from policy_match.values import FactName, PolicyId
from policy_match.web.call import Call
from policy_match.web.portal.saying import Saying
from policy_match.web.portal.telling import value_in_words


@dataclass(frozen=True, slots=True)
class Named:
    """Says names. Templates use it as `named`."""

    call: Call

    def policy(self, policy_id: str) -> str:
        """Return the title of a policy."""
        known = self.call.desk.rules.policies.get(PolicyId(policy_id))
        if known is None:
            return policy_id
        return known.title if self.call.language == "zh" else known.title_en or known.title

    def unit(self, unit: str) -> str:
        """Return the name of a department, or of who else may answer for a stage."""
        words = next((each for each in UNIT_WORDS.values() if each.zh == unit), None)
        return unit if words is None or self.call.language == "zh" else words.en

    def value(self, name: str, value: object) -> str:
        """Return the value of a fact; one that the rules no longer have is told as it is."""
        return value_in_words(value, self.call.desk.rules.catalogue.get(FactName(name)), Saying(self.call.language))

    def policies(self) -> list[tuple[str, str]]:
        """Return the id and title of every policy within reach, by title."""
        within = self.call.policies
        found = [each for each in self.call.desk.rules.policies if within is None or each in within]
        return sorted(((str(each), self.policy(each)) for each in found), key=lambda each: each[1])

    def departments(self) -> list[str]:
        """Return the departments of the policies within reach, and who else may answer for a stage."""
        within = self.call.departments
        of_policies = {each.department for each in self.call.desk.rules.policies.values()}
        every = of_policies | {each.zh for each in UNIT_WORDS.values()}
        return sorted(each for each in every if within is None or each in within)
