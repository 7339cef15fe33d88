"""`policy-match payments` on a small invented region: the whole way to the money, returns, recovery, and each error."""

import json
from pathlib import Path

import openpyxl
import pytest
from rich.cells import cell_len

from connectors.payment_channels.rehearsal_files import treasury_results
from policy_match.bootstrap import Application
from policy_match.config import Config
from policy_match.payments.accounts import AccountSource
from policy_match.services.account_files import take_sent_accounts
from policy_match.values import Money
from tests.functional.region import BANK_CODE, Command, Region, account_number, holder
from tests.support.cases import uscc

ALL_READS = (
    ("payments", "status"),
    ("payments", "files"),
    ("payments", "unmatched"),
    ("payments", "returned"),
    ("payments", "recoveries"),
    ("payments", "reconcile"),
    ("ledger", "show"),
    ("ledger", "transfers"),
    ("budget", "show"),
    ("cases", "list"),
    ("approvals", "list"),
)


def numbers_in(text: str) -> list[str]:
    """Return the invented account numbers that a text shows."""
    return [
        account_number(number, version)
        for number in range(1, 6)
        for version in (1, 2)
        if account_number(number, version) in text
    ]


def test_cases_are_paid_reconciled_and_closed(region: Region) -> None:
    region.approved(1, 2)
    ordered = region.json("payments", "order", "--by", "clerk")
    assert (ordered["orders"], ordered["amount"], ordered["blocked"]) == (2, "2000.50", {})
    assert region.json("payments", "order", "--by", "clerk")["orders"] == 0
    (sent,) = region.json("payments", "send", "--by", "clerk")
    assert (sent["payments"], sent["amount"], sent["problem"]) == (2, "2000.50", "")
    assert region.json("payments", "send", "--by", "clerk") == []
    (batch,) = region.received()
    report = region.status_report(batch, "ACSP", *batch.payments)
    (taken,) = region.json("payments", "take", report)
    assert taken["verdicts"] == {"applied": 2}
    paid = region.statement(*(region.booking(each) for each in batch.payments))
    assert region.json("payments", "take", paid, report)[1]["repeated"]
    done = region.json("payments", "reconcile", "--close", "--by", "li.ming")
    assert (done["agrees"], done["closed"], done["net_out"]) == (True, 2, "2000.50")
    assert region.statuses() == {"closed": 2}
    assert region.json("payments", "status")["attempts"] == {"settled": {"count": 2, "amount": "2000.50"}}
    (line,) = region.json("ledger", "show")["lines"]
    assert (line["balances"]["paid"], line["balances"]["available"]) == ("2000.50", "97999.50")


def test_every_list_is_shown_in_both_languages_without_an_account_number(region: Region) -> None:
    batch = region.sent(1, 2)
    stray = region.incoming(1, "STRAY")
    region("payments", "take", region.statement(region.booking(batch.payments[0]), stray))
    written = ""
    for words in ALL_READS:
        shown = {language: region(*words, "--lang", language) for language in ("zh", "en")}
        assert shown["zh"] != shown["en"], words
        json.loads(region(*words, "--json"))
        written += "".join(shown.values())
    case = min(each["case"] for each in region.cases().values())
    for options in ((), ("--lang", "zh"), ("--json",)):
        told = region("cases", "show", case, *options)
        assert f"****{account_number(1)[-4:]}" in told
        written += told
    assert numbers_in(written) == []
    assert "Budget lines (yuan)" in written
    assert "预算科目（元）" in written


def test_columns_of_a_table_with_chinese_text_are_aligned(region: Region) -> None:
    region.approved(1, 2)
    lines = region("cases", "list", "--lang", "zh").splitlines()
    rows = [line for line in lines if "示例" in line]
    assert len(rows) == 2
    assert len({cell_len(row[: row.index("已批准")]) for row in rows}) == 1


def test_a_clerks_untidy_table_of_accounts_is_taken_row_by_row(region: Region) -> None:
    region.write_rules("direct")
    rows = [
        ["统一社会信用代码 ", "户名", "银行账号", "联行号", "来源"],
        [f" {uscc(1).lower()} ", "示例1有限公司 ", "7001 0000 0000 0001", BANK_CODE, "税务"],
        [uscc(2), "示例2有限公司", '="7001000000000002"', f"'{BANK_CODE}", "social_insurance"],
        [uscc(3), "示例3有限公司", "7.00100000E+15", BANK_CODE, "税务局"],
        [uscc(4), "示例4有限公司", "7001000000000004", "1024520", "企业"],
        ["91370000", "示例5有限公司", "7001000000000005", BANK_CODE, "企业"],
        [uscc(6), "", "7001000000000006", BANK_CODE, "企业"],
        [uscc(7), "示例7有限公司", "7001000000000007", BANK_CODE, "朋友"],
        ["", "", "", "", ""],
        [uscc(8), "示例8有限公司", "7001000000000008", BANK_CODE],
    ]
    table = region.folder / "账户.csv"
    text = "\r\n".join(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows)
    table.write_bytes(text.encode("gb18030"))
    taken = region.json("payments", "accounts", table, "--by", "clerk")
    assert (taken["kept"], taken["refused"]) == (2, 6)
    assert [each["row"] for each in taken["refusals"]] == [4, 5, 6, 7, 8, 10]
    shown = region("payments", "accounts", table, "--by", "clerk", "--lang", "zh")
    assert "联行号应为 12 位数字" in shown
    assert "该行有 4 列，表头有 5 列" in shown
    assert "700100" not in shown + json.dumps(taken)


def test_a_workbook_of_accounts_is_taken_too(region: Region) -> None:
    region.write_rules("direct")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["信用代码", "账户名称", "收款账号", "行号", "来源", "收款人类型"])
    sheet.append([uscc(1), "示例1有限公司", account_number(1), BANK_CODE, "企业", "企业"])
    sheet.append([uscc(2), "示例银行", account_number(2), BANK_CODE, "企业", "银行"])
    book.save(region.folder / "账户.xlsx")
    taken = region.json("payments", "accounts", region.folder / "账户.xlsx", "--by", "clerk")
    assert (taken["kept"], [each["row"] for each in taken["refusals"]]) == (1, [3])
    assert "only a department states" in taken["refusals"][0]["reason"]


def test_a_table_without_a_good_row_ends_with_exit_code_2(region: Region) -> None:
    table = region.write_table("bad.csv", [{"uscc": "x", "holder": "x", "number": "1", "bank_code": "1"}])
    assert region.command("payments", "accounts", table, "--source", "tax", "--by", "clerk").code == 2


def test_a_table_without_its_columns_is_one_line(region: Region) -> None:
    table = region.write_table("bad.csv", [{"uscc": uscc(1), "holder": "x", "bank_code": "1"}])
    assert region.refused("payments", "accounts", table, "--by", "clerk") == "accounts.column"
    whole = region.write_table("no-source.csv", [{"uscc": "x", "holder": "x", "number": "1", "bank_code": "1"}])
    assert region.refused("payments", "accounts", whole, "--by", "clerk") == "accounts.column"


def test_cases_that_wait_for_an_account_name_what_is_wrong_with_it(region: Region) -> None:
    region.approved(1, 2)
    wrong = {"uscc": uscc(2), "holder": "别家有限公司", "number": account_number(2, 2), "bank_code": BANK_CODE}
    region("payments", "accounts", region.write_table("wrong.csv", [wrong]), "--source", "firm", "--by", "clerk")
    made = region.json("payments", "order")
    assert (made["orders"], made["blocked"]) == (1, {"account": 1})
    assert made["waiting"][0]["detail"] == "holder_differs"
    assert "账户户名与收款人登记名称不一致" in region("payments", "order", "--lang", "zh")


def test_a_case_that_was_not_rechecked_is_not_ordered(region: Region) -> None:
    region.approved(1)
    region.sweep([1], {1: {"缴费": 5000}})
    assert region.json("payments", "order")["blocked"] == {"not_rechecked": 1}
    region("cases", "recheck", "payment")
    assert region.json("payments", "order")["orders"] == 1


def test_after_the_cut_off_of_the_year_nothing_is_ordered(region: Region) -> None:
    region.approved(1)
    region.clock.move(180)
    assert region.refused("payments", "order", code=4) == "payments.year-closed"


def test_a_batch_whose_hand_over_fails_is_unknown_until_the_bank_speaks(region: Region) -> None:
    region.approved(1)
    region("payments", "order")
    (region.folder / "outbox").write_text("this is no folder", encoding="utf-8")
    (sent,) = region.json("payments", "send")
    assert sent["receipt"] is None
    assert "outbox" in sent["problem"]
    assert region.json("payments", "send") == []
    assert region.json("payments", "lost")["unknown"] == 0
    region.clock.move(1)
    assert region.json("payments", "lost")["unknown"] == 1
    assert region.json("payments", "status")["attempts"]["unknown"]["count"] == 1
    assert region.json("payments", "retry")["attempts"] == 0


def test_a_file_that_cannot_be_trusted_is_kept_and_the_others_are_taken(region: Region) -> None:
    batch = region.sent(1)
    bad = region.bank_file(b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><Document>&a;</Document>", "bad.xml")
    good = region.statement(region.booking(batch.payments[0]))
    ended = region.command("payments", "take", bad, good, "--json")
    assert ended.code == 2
    first, second = json.loads(ended.out)
    assert first["error"]["code"] == "payments.bank-file-refused"
    assert second["verdicts"] == {"applied": 1}
    assert {each["kind"] for each in region.json("payments", "files")} == {"statement", "refused"}
    assert "拒收" in region("payments", "files", "--lang", "zh")


def test_a_file_of_no_size_that_a_bank_sends_is_not_even_read(region: Region) -> None:
    region.write_rules("direct")
    path = region.folder / "huge.xml"
    with path.open("wb") as sink:
        sink.truncate(2**28 + 1)
    ended = region.command("payments", "take", path, "--json")
    assert (ended.code, json.loads(ended.out)[0]["error"]["code"]) == (2, "payments.bank-file-size")
    assert region.json("payments", "files") == []


def test_a_treasury_is_paid_through_by_its_own_files(region: Region) -> None:
    region.write_payment_settings('channel = "treasury_file"\noutbox = "outbox"\n')
    batch = region.sent(1)
    (payment,) = batch.payments
    assert (payment.account_number, payment.payee_name) == (account_number(1), holder(1))
    booked = treasury_results("TR-1", region.clock.now(), batch.message_id, [], [region.booking(payment)])
    (taken,) = region.json("payments", "take", region.bank_file(booked, "result.csv"))
    assert taken["verdicts"] == {"applied": 1}
    assert region.json("payments", "reconcile", "--close")["closed"] == 1


@pytest.mark.parametrize(
    "settings",
    [
        'channel = "pigeon"\noutbox = "outbox"\n',
        'channel = "iso20022"\noutbox = "outbox"\n',
        'channel = "iso20022"\n',
        "channel = ",
    ],
)
def test_payment_settings_that_do_not_fit_are_one_line(region: Region, settings: str) -> None:
    region.write_rules("direct")
    region.write_payment_settings(settings)
    assert region.refused("payments", "send") in {"payments.channel", "payments.channel-setting", "config-payments"}


def test_lines_that_match_nothing_stand_until_a_person_explains_them(region: Region) -> None:
    batch = region.sent(1)
    (payment,) = batch.payments
    fee = region.incoming(100, "FEE-1")
    region("payments", "take", region.statement(region.booking(payment, fen=payment.amount_fen + 1), fee))
    lines = region.json("payments", "unmatched")
    assert {line["verdict"] for line in lines} == {"amount_differs", "no_attempt"}
    assert region.refused("payments", "reconcile", "--close", code=4) == "reconciliation.difference"
    report = json.loads(region.command("payments", "reconcile", "--close", "--json").out)
    assert (report["agrees"], len(report["unmatched"])) == (False, 2)
    for line in lines:
        words = ("payments", "explain", line["digest"][:12], line["line"], "--reason", "银行差错", "--by", "sun.li")
        region(*words)
    assert region.refused(*words) == "payments.no-such-file"
    assert region.json("payments", "unmatched") == []
    assert region.json("payments", "reconcile")["agrees"]


def test_a_returned_payment_goes_into_the_corrected_account(region: Region) -> None:
    batch = region.sent(1)
    (payment,) = batch.payments
    region("payments", "take", region.statement(region.booking(payment), region.returning(payment)))
    found = region.json("payments", "returned")
    (back,) = found["returned"]
    assert (back["reason_code"], back["follow_up"], back["new_account"]) == ("AC04", "firm_corrects_account", False)
    assert found["ageing"][0] == {"first_day": 0, "last_day": 5, "count": 1, "amount": back["amount"]}
    assert region.json("payments", "retry") == {"attempts": 0, "requeued": 0, "waiting": 1}
    region.state_accounts(1, version=2)
    region("cases", "recheck", "payment")
    assert region.json("payments", "retry", "--by", "clerk")["attempts"] == 1
    region("payments", "send")
    second = region.received()[-1].payments[0]
    assert (second.account_number, second.amount_fen) == (account_number(1, 2), payment.amount_fen)
    region("payments", "take", region.statement(region.booking(second)))
    assert region.json("payments", "reconcile", "--close", "--by", "li.ming")["closed"] == 1
    case = region.json("cases", "show", back["case"])
    assert [attempt["status"] for attempt in case["attempts"]] == ["returned", "settled"]


def test_a_returned_payment_can_be_given_up(region: Region) -> None:
    batch = region.sent(1)
    (payment,) = batch.payments
    region("payments", "take", region.statement(region.booking(payment), region.returning(payment)))
    (back,) = region.json("payments", "returned")["returned"]
    words = ("payments", "give-up", back["case"], "--reason", "企业已注销", "--by", "sun.li")
    region(*words)
    assert region.refused(*words) == "payments.not-returned"
    assert region.statuses() == {"closed": 1}


def test_an_overpayment_is_asked_back_and_booked_when_it_comes_in(region: Region) -> None:
    batch = region.sent(1)
    (payment,) = batch.payments
    region("payments", "take", region.statement(region.booking(payment)))
    (case,) = region.cases().values()
    words = ("payments", "recover", case["case"], "overpayment", "--right", "900", "--reason", "重复计算")
    assert region.refused(*words, "--by", "li.ming") == "recovery.same-hands"
    asked = region.json(*words, "--by", "sun.li")
    assert (asked["asked"], asked["excluded_until"]) == (str(Money(payment.amount_fen - 90_000).yuan), None)
    assert region.refused("payments", "receipt", asked["recovery"], "NONE", "--by", "clerk") == "recovery.not-a-receipt"
    region("payments", "take", region.statement(region.incoming(payment.amount_fen - 90_000, "BACK-1")))
    reference = region.json("payments", "unmatched")[0]["line_ref"]
    booked = region.json("payments", "receipt", asked["recovery"], reference, "--by", "clerk")
    assert (booked["received"], booked["status"]) == (asked["asked"], "recovered")
    assert region.json("payments", "unmatched") == []
    assert "多付" in region("payments", "recoveries", "--lang", "zh")
    assert region.json("ledger", "show")["lines"][0]["balances"]["recovered"] == asked["asked"]


def test_fraud_excludes_the_firm(region: Region) -> None:
    batch = region.sent(1)
    region("payments", "take", region.statement(region.booking(batch.payments[0])))
    (case,) = region.cases().values()
    words = ("payments", "recover", case["case"], "fraud", "--reason", "虚报人数", "--by", "sun.li")
    assert "excluded until 2028-07-01" in region(*words)
    (row,) = region.json("cases", "exclusions")
    assert (row["uscc"], row["policy_id"], row["until"]) == (uscc(1), None, "2028-07-01")
    assert region.refused("payments", "recover", 999, "fraud", "--reason", "x", "--by", "sun.li") == "case.unknown"


def test_without_payment_settings_the_error_says_what_to_write(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POLICY_MATCH_PAYMENTS")
    assert region.refused("payments", "order") == "config-no-payments"
    assert region.refused("payments", "send") == "config-no-payments"


@pytest.mark.parametrize(
    "words",
    [
        ("payments", "recover", "1", "fraud", "--reason", "x"),
        ("payments", "explain", "ab", "1", "--by", "li.ming"),
        ("payments", "give-up", "0", "--reason", "x", "--by", "x"),
        ("payments", "recover", "1", "overpayment", "--right", "1.234", "--reason", "x", "--by", "x"),
        ("payments", "give-up", "1", "--reason", "x", "--by", "  "),
        ("payments", "send", "--on", "tomorrow"),
        ("payments", "take"),
    ],
)
def test_what_is_missing_or_wrong_is_a_usage_error(command: Command, words: tuple[str, ...]) -> None:
    assert command(*words).code == 2


def test_a_table_of_accounts_that_came_over_the_web_is_taken_out_as_it_came(region: Region, tmp_path: Path) -> None:
    content = f"uscc,holder,number,bank_code\n{uscc(1)},示例有限公司,9999000011112222333,102452000017\n".encode()
    with Application(Config.from_environment(), region.clock) as application:
        taken = take_sent_accounts(
            application.database,
            application.account_sealer,
            application.clock,
            application.sent_table,
            content=content,
            source=AccountSource.TAX,
            by="wang.fang",
        )
    assert (taken.kept, taken.refused) == (1, 0)
    out = tmp_path / "table.csv"
    assert region.json("payments", "account-file", taken.number, "--out", out)["bytes"] == len(content)
    assert out.read_bytes() == content
    assert region.refused("payments", "account-file", 9, "--out", out) == "accounts.no-file"
