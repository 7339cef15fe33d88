"""What should be possible, written as ways through each route: status event status event … status.

Guarantees to be independent of `policy_match.cases.transitions`: nothing here is made from the table.
"""

from collections.abc import Iterator

PATHS: dict[str, str] = {
    "direct": """
        matched review reviewed approve approved publish published order ordered settle paid close closed
        approved order ordered bounce returned correct ordered
        paid bounce returned close closed
        closed bounce returned requeue matched
        approved requeue matched
        published requeue matched
        paid claim_back recovering recover recovered
        closed claim_back recovering
        reviewed reject rejected
        reviewed amend matched
        published object objected dismiss published
        objected uphold withdrawn
        objected amend matched
        matched withdraw withdrawn
        reviewed withdraw withdrawn
        approved withdraw withdrawn
        published withdraw withdrawn
        objected withdraw withdrawn
    """,
    "confirm": """
        matched notify notified confirm confirmed review reviewed approve approved publish published order ordered
        ordered settle paid close closed
        notified accept_silence confirmed
        notified decline declined reconsider notified
        notified lapse waived
        notified extend notified
        approved order ordered bounce returned correct ordered
        paid bounce returned close closed
        closed bounce returned requeue confirmed
        approved requeue confirmed
        published requeue confirmed
        paid claim_back recovering recover recovered
        closed claim_back recovering
        reviewed reject rejected
        reviewed amend confirmed
        published object objected dismiss published
        objected uphold withdrawn
        objected amend confirmed
        matched withdraw withdrawn
        notified withdraw withdrawn
        confirmed withdraw withdrawn
        reviewed withdraw withdrawn
        approved withdraw withdrawn
        published withdraw withdrawn
        objected withdraw withdrawn
    """,
    "list_then_collect": """
        matched review reviewed approve approved publish published notify notified confirm confirmed order ordered
        ordered settle paid close closed
        approved notify notified
        notified decline declined reconsider notified
        notified lapse waived
        notified extend notified
        ordered bounce returned correct ordered
        paid bounce returned close closed
        closed bounce returned requeue matched
        confirmed requeue matched
        paid claim_back recovering recover recovered
        closed claim_back recovering
        reviewed reject rejected
        reviewed amend matched
        published object objected dismiss published
        objected uphold withdrawn
        objected amend matched
        matched withdraw withdrawn
        notified withdraw withdrawn
        confirmed withdraw withdrawn
        reviewed withdraw withdrawn
        approved withdraw withdrawn
        published withdraw withdrawn
        objected withdraw withdrawn
    """,
    "contract": """
        matched notify notified confirm confirmed review reviewed approve approved publish published
        published contract contracted close closed
        approved contract contracted
        notified decline declined reconsider notified
        notified lapse waived
        notified extend notified
        reviewed reject rejected
        reviewed amend confirmed
        published object objected dismiss published
        objected uphold withdrawn
        objected amend confirmed
        matched withdraw withdrawn
        notified withdraw withdrawn
        confirmed withdraw withdrawn
        reviewed withdraw withdrawn
        approved withdraw withdrawn
        published withdraw withdrawn
        objected withdraw withdrawn
    """,
    "inform": """
        matched notify notified close closed
        matched withdraw withdrawn
        notified withdraw withdrawn
    """,
}


def expected_steps(route: str) -> Iterator[tuple[str, str, str]]:
    """Yield (status, event, status) for every step of the ways of a route."""
    for path in PATHS[route].strip().splitlines():
        words = path.split()
        assert len(words) % 2 == 1
        for place in range(0, len(words) - 2, 2):
            yield words[place], words[place + 1], words[place + 2]


EXPECTED: dict[tuple[str, str, str], str] = {
    (route, before, event): after for route in PATHS for before, event, after in expected_steps(route)
}
"""(route, status, event) -> status; all other combinations are refused."""
