"""What the accounts of a budget line and the transfers between them are called in Chinese and English."""

from collections.abc import Mapping

from policy_match.cases.words import Words
from policy_match.ledger.accounts import LineAccount, TransferKind
from policy_match.ledger.balances import ACCOUNT_NAMES_ZH

ACCOUNT_WORDS: Mapping[LineAccount, Words] = {
    account: Words(name, account.value) for account, name in ACCOUNT_NAMES_ZH.items()
}

TRANSFER_WORDS: Mapping[TransferKind, Words] = {
    TransferKind.APPROPRIATE: Words("下达", "appropriate"),
    TransferKind.RESERVE: Words("预留", "reserve"),
    TransferKind.POST: Words("支付", "post"),
    TransferKind.VOID: Words("解除预留", "void"),
    TransferKind.RETURN: Words("退回", "return"),
    TransferKind.RESTORE: Words("恢复额度", "restore"),
    TransferKind.LAPSE: Words("额度收回", "lapse"),
    TransferKind.RECOVER: Words("追回", "recover"),
    TransferKind.REPAY: Words("上缴", "repay"),
}
