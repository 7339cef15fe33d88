"""What can be wrong with a receipt: forged, stale, not understood; and a provider that does not hand receipts out.

Guarantees one line in English and in Chinese that repeats nothing of the receipt, as it may hold a number. What is
kept of a refused receipt is up to the service that took it.
"""

from policy_match.errors import InputError, PolicyMatchError


class ReceiptRefused(InputError):
    """A receipt that cannot be used. It changes nothing."""

    code = "notices.receipt"


class ReceiptForged(ReceiptRefused):
    """The signature is missing or not the provider's, or the time is not one at which it may come."""

    code = "notices.receipt-forged"
    english = "receipt of {provider}: {problem}; it changes nothing: ask the provider whether it is theirs"
    chinese = "{provider} 的回执：{problem_zh}；未采用：请向服务商核实是否由其发出"


class ReceiptNotUnderstood(ReceiptRefused):
    """It is not in the form that the provider and we agreed on."""

    code = "notices.receipt-not-understood"
    english = "receipt of {provider}: {problem}; it changes nothing: read it, and enter by hand what it says"
    chinese = "{provider} 的回执：{problem_zh}；未采用：请人工查看并登记"


class ReceiptsNotFetched(PolicyMatchError):
    """The provider did not hand its receipts out. None is lost: it keeps them until they are confirmed."""

    code = "notices.receipts-not-fetched"
    exit_code = 3
    http_status = 503
    retry_helps = True
    english = "receipts of {provider} could not be fetched: {problem}; they are fetched next time"
    chinese = "未能取回 {provider} 的回执：{problem_zh}；下次将再取"
