"""Who may call which operation: the one table. An operation that is not in it does not exist.

Guarantees that the application refuses to start when the table and the operations differ.
"""

from collections.abc import Mapping

from policy_match.identity.access import Access
from policy_match.identity.principal import Scope, ServiceRole

CLERK, AUDITOR = ServiceRole.CLERK, ServiceRole.AUDITOR
SUPERVISOR, BUDGET, PAYER = ServiceRole.SUPERVISOR, ServiceRole.BUDGET, ServiceRole.PAYER

READERS = frozenset({CLERK, AUDITOR, SUPERVISOR, BUDGET, PAYER})
"""Those whose work is cases and their money."""

ACCESS: Mapping[str, Access] = {
    "list_cases": Access(staff=READERS, machine=Scope.CASES_READ),
    "show_case": Access(staff=READERS, machine=Scope.CASES_READ),
}
