"""The channel of banks that read ISO 20022: pain.001 out, pain.002, camt.053 and camt.054 in.

Guarantees what `batch_checks`, `pain001` and `safe_xml` guarantee. Which message a file is, its root element says.
Settings: `payer_name`, `payer_account`, `payer_bank`; optional `max_bytes`.
"""

import re
from collections.abc import Mapping

from connectors.payment_channels.batch_checks import ACCOUNT, PAYEE_NAME, check_batch, is_bank_code
from connectors.payment_channels.camt import read_camt
from connectors.payment_channels.pain001 import pain001
from connectors.payment_channels.pain002 import read_pain002
from connectors.payment_channels.safe_xml import SafeXml
from connectors.payment_channels.settings import SettingUnfit, check_names, max_bytes_of
from policy_match.payments.file_defects import OtherAccount, UnknownMessage, element_place
from policy_match.payments.messages import BankReport, OutgoingFile, PaymentBatch

NAME = "iso20022"
READ = "pain.002.001.03-14, camt.053.001.02-12, camt.054.001.02-12"
"""The versions whose elements, as far as they are read here, are the same."""

_ROOT = re.compile(r"\{(urn:iso:std:iso:20022:tech:xsd:(pain\.002|camt\.053|camt\.054)\.001\.([0-9]{2}))\}Document")
_VERSIONS = {"pain.002": range(3, 15), "camt.053": range(2, 13), "camt.054": range(2, 13)}


class Iso20022:
    """Writes batches and reads reports as ISO 20022 messages. Raises `SettingUnfit` when made."""

    name = NAME

    def __init__(self, settings: Mapping[str, str]) -> None:
        check_names(NAME, settings, ("payer_name", "payer_account", "payer_bank"), ("max_bytes",))
        self._payer_name = settings["payer_name"]
        self._payer_account = settings["payer_account"]
        self._payer_bank = settings["payer_bank"]
        self._max_bytes = max_bytes_of(NAME, settings)
        if len(self._payer_name) > PAYEE_NAME.most:
            raise _unfit("payer_name", f"has more than {PAYEE_NAME.most} characters", f"超过 {PAYEE_NAME.most} 个字符")
        if ACCOUNT.fullmatch(self._payer_account) is None:
            raise _unfit("payer_account", "is not 1 to 34 letters, digits or -", "应为 1 至 34 位字母、数字或 -")
        if not is_bank_code(self._payer_bank):
            raise _unfit("payer_bank", "is neither 12 digits (CNAPS) nor a BIC", "既不是 12 位联行号也不是 BIC")

    def write(self, batch: PaymentBatch) -> OutgoingFile:
        """Return the batch as a pain.001 file. Raises `BatchUnfit`."""
        check_batch(batch)
        content = pain001(batch, self._payer_name, self._payer_account, self._payer_bank)
        return OutgoingFile(
            name=f"{batch.message_id}.xml", content=content, count=batch.count, total_fen=batch.total_fen
        )

    def read(self, name: str, content: bytes) -> BankReport:
        """Return what the file says; `name` is for errors. Raises a `BankFileError`."""
        xml = SafeXml(name, content, self._max_bytes)
        root = _ROOT.fullmatch(xml.root)
        if root is None or int(root[3]) not in _VERSIONS[root[2]]:
            raise UnknownMessage(file=name, known=READ)
        match root[2]:
            case "pain.002":
                return read_pain002(xml, root[1])
            case "camt.053":
                return self._own(name, read_camt(xml, root[1], "Stmt"))
            case _:
                return self._own(name, read_camt(xml, root[1], "Ntfctn"))

    def _own(self, name: str, report: BankReport) -> BankReport:
        for number, statement in enumerate(report.statements, 1):
            if statement.account != self._payer_account:
                raise OtherAccount(file=name, place=element_place("Acct", number))
        return report


def _unfit(setting: str, problem: str, problem_zh: str) -> SettingUnfit:
    return SettingUnfit(
        channel=NAME, setting=setting, problem=f"{problem}; correct it", problem_zh=f"{problem_zh}；请更正"
    )
