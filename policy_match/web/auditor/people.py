"""What one person did, and everything about one firm.

Guarantees that an account shows no more than its last digits.
"""

from policy_match.audit.words import WHAT_WORDS
from policy_match.ports.audit import AuditFilter
from policy_match.services.audit_cases import search_cases
from policy_match.services.exclusions import list_exclusions
from policy_match.services.roles import roles_held
from policy_match.values import Uscc
from policy_match.web.api.v1 import audit_lists as lists
from policy_match.web.api.v1.cases import CaseItem
from policy_match.web.auditor.operations import OPERATION_WORDS
from policy_match.web.auditor.search import titles
from policy_match.web.call import Call
from policy_match.web.models import PageQuery
from policy_match.web.operation import File
from policy_match.web.portal.page import Door, Pages, View

PAGES = Pages(Door.AUDITOR)

MOST_CASES = 200
MOST_EXCLUSIONS = 100
MOST_ROLES = 100


@PAGES.shows("/auditor/people/{person}", "人员", "A person", like="list_person_steps")
def person(call: Call, path: lists.PersonPath, query: PageQuery) -> View:
    """Show what one person did, the latest first, and the roles held now."""
    return View(
        "auditor/person.html",
        {
            "person": path.person,
            "steps": lists.list_person_steps(call, path, query),
            "what_words": {**WHAT_WORDS, **OPERATION_WORDS},
            "roles": roles_held(call.database, person=path.person, most=MOST_ROLES),
        },
    )


@PAGES.shows("/auditor/people/{person}/file", "人员操作文件", "A person's steps as a file", like="export_person_steps")
def person_file(call: Call, path: lists.PersonPath, query: lists.FormatQuery) -> File:
    """Give everything that one person did as a file."""
    file: File = lists.export_person_steps(call, path, query)
    return file


@PAGES.shows("/auditor/firms/{uscc}", "企业", "A firm", like="show_audited_firm")
def firm(call: Call, path: lists.FirmPath, query: PageQuery) -> View:
    """Show a firm: its cases, payments, accounts and exclusions."""
    uscc = Uscc(path.uscc)
    cases = search_cases(call.database, AuditFilter(uscc=uscc, policies=call.policies), most=MOST_CASES + 1)
    return View(
        "auditor/firm.html",
        {
            "firm": lists.show_audited_firm(call, path),
            "cases": [CaseItem.model_validate(each) for each in cases[:MOST_CASES]],
            "more_cases": len(cases) > MOST_CASES,
            "payments": lists.list_payments_of_firm(call, path, query),
            "exclusions": list_exclusions(
                call.database, uscc=uscc, policies=call.policies, after=0, most=MOST_EXCLUSIONS
            ),
            "titles": titles(call),
        },
    )


@PAGES.shows("/auditor/firms/{uscc}/file", "企业支付文件", "A firm's payments", like="export_payments_of_firm")
def firm_file(call: Call, path: lists.FirmPath, query: lists.FormatQuery) -> File:
    """Give the attempts to pay a firm as a file."""
    file: File = lists.export_payments_of_firm(call, path, query)
    return file
