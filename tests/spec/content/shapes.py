"""The twenty shapes that policies take: one example each, or the stage that does it."""

from datetime import date
from decimal import Decimal

from tests.spec.model import NOT_PAID, Award, Chapter, Shape, Table, Words, unknown

D = Decimal

FIRST = (
    Shape(
        number=1,
        title=Words("各行业门槛不同；几项指标取最低的一档", "Thresholds by industry; the lowest of several indicators"),
        text=Words(
            "门槛按行业前缀查表；每项指标各判一档，取最小的一档（1 微型、2 小型、3 中型、4 大型）。",
            "The threshold is looked up by industry prefix; each indicator gives a class, and the smallest counts.",
        ),
        parts=(
            Table(
                title=Words("示例：按人数和收入划型", "Example: a size class by staff and revenue"),
                columns=("industry", "employees", "revenue"),
                expressions=(
                    "employees >= lookup(large_employees, industry)",
                    "min(band_value(employees, [0, 10, 100, 300], [1, 2, 3, 4]), "
                    "band_value(revenue, [0, 500000, 10000000, 100000000], [1, 2, 3, 4]))",
                ),
                lines=(
                    (("6513", 100, 100_000_000), (True, 3)),
                    (("6513", 99, 100_000_000), (False, 2)),
                    (("5131", 300, D("499999.99")), (True, 1)),
                    (("8010", 300, 100_000_000), (unknown("industry"), 4)),
                    (("6513", None, 100_000_000), (unknown("employees"), unknown("employees"))),
                ),
            ),
        ),
    ),
    Shape(
        number=2,
        title=Words("门槛取决于另一项事实", "A threshold that depends on another fact"),
        text=Words(
            "参保 30 人及以下的企业裁员率不高于 20%，其余不高于控制目标。",
            "A layoff rate of at most 20 % for firms with up to 30 insured, else at most the target.",
        ),
        parts=(
            Table(
                title=Words("示例：裁员率", "Example: layoff rate"),
                columns=("insured_headcount", "layoff_rate"),
                expressions=("layoff_rate <= (insured_headcount <= 30 ? 0.20 : control_target)",),
                lines=(
                    ((30, D("0.2")), (True,)),
                    ((30, D("0.200001")), (False,)),
                    ((31, D("0.2")), (False,)),
                    ((31, D("0.055")), (True,)),
                    ((None, D("0.01")), (unknown("insured_headcount"),)),
                    ((30, None), (unknown("layoff_rate"),)),
                ),
            ),
        ),
    ),
    Shape(
        number=3,
        title=Words("满足其一即可；成对的门槛", "Any of several; thresholds in pairs"),
        text=Words(
            "政策的各条件之间是“并且”；一条之内可以用 or 连接。成对门槛用括号括起。",
            "The conditions of a policy are joined by “and”; within one of them write `or`. Pairs stand in brackets.",
        ),
        parts=(
            Table(
                title=Words("示例：小规模纳税人、小微企业或个体户", "Example: one of three kinds of taxpayer"),
                columns=("small_scale", "low_profit", "sole_trader"),
                expressions=("small_scale or low_profit or sole_trader",),
                lines=(
                    ((False, False, True), (True,)),
                    ((None, True, None), (True,)),
                    ((False, False, False), (False,)),
                    ((False, None, False), (unknown("low_profit"),)),
                ),
            ),
            Table(
                title=Words("示例：规模越大，增速要求越低", "Example: the larger, the less growth is asked"),
                columns=("revenue", "revenue_y1"),
                expressions=(
                    "(revenue > 100000000 and revenue_growth >= 0.30) or "
                    "(revenue > 500000000 and revenue_growth >= 0.20)",
                ),
                lines=(
                    ((130_000_001, 100_000_000), (True,)),
                    ((600_000_000, 500_000_000), (True,)),
                    ((400_000_000, D("333333333.33")), (False,)),
                    ((100_000_000, 0), (False,)),
                    ((200_000_000, 0), (unknown("revenue", "revenue_y1"),)),
                    ((200_000_000, None), (unknown("revenue_y1"),)),
                ),
            ),
        ),
    ),
    Shape(
        number=4,
        title=Words(
            "两期增长，基期可能为零、为负或缺失", "Growth of two periods; the base may be zero, negative, missing"
        ),
        text=Words(
            "零基数的企业另有标准时，把它写在前面；缺失的基期仍是未知，不会被当成零。",
            "Where firms with a zero base have a rate of their own, it is written first. A missing base stays unknown; "
            "it is not taken for zero.",
        ),
        parts=(
            Award(
                title=Words("示例：增产用电奖励，零基数按较低标准", "Example: an award for more power used"),
                columns=("power_q", "power_q_prev"),
                conditions=("power_q_prev <= 0 ? power_q > 0 : growth(power_q, power_q_prev) >= 0.06",),
                amount="power_q_prev <= 0 ? power_q * 0.02 : (power_q - power_q_prev) * 0.10",
                lines=(
                    ((106_000, 100_000), D("600.00")),
                    ((D("105999.99"), 100_000), NOT_PAID),
                    ((100_000, 0), D("2000.00")),
                    ((0, 0), NOT_PAID),
                    ((100_000, None), unknown("power_q_prev")),
                    ((None, 100_000), unknown("power_q")),
                ),
            ),
        ),
    ),
    Shape(
        number=5,
        title=Words("全额比例与分段比例", "Rates on the whole amount and marginal rates"),
        text=Words(
            "两个不同的函数，见“分档与按步计奖”。这里是分段比例加封顶。",
            "Two different functions: see the chapter on bands. Here, marginal rates with a cap.",
        ),
        parts=(
            Award(
                title=Words("示例：技术合同奖补，分段计算，封顶 5 万元", "Example: an award on contracts"),
                columns=("contract_amount",),
                amount="marginal_bands(contract_amount, [0, 100000, 1000000], [0.01, 0.005, 0.001])",
                cap="50000",
                lines=(
                    ((100_000,), D("1000.00")),
                    ((1_000_000,), D("5500.00")),
                    ((45_500_000,), D("50000.00")),
                    ((99_000_000,), D("50000.00")),
                    ((None,), unknown("contract_amount")),
                ),
            ),
        ),
    ),
    Shape(
        number=6,
        title=Words("每满一步奖多少", "So much for each step"),
        text=Words(
            "必须写明不足一步怎么算；原文没有说明的，先向主管部门核实，不要猜。",
            "The rounding must be stated. Where the source is silent, ask the department; do not guess.",
        ),
        parts=(
            Award(
                title=Words("示例：每增加 1000 万元奖 5 万元", "Example: 50,000 for each further 10 million"),
                columns=("revenue", "revenue_y1"),
                amount="per_step(max(0, revenue - revenue_y1), 10000000, 50000, 'floor')",
                lines=(
                    ((30_000_000, 10_000_000), D("100000.00")),
                    ((D("29999999.99"), 10_000_000), D("50000.00")),
                    ((5_000_000, 10_000_000), D("0.00")),
                    ((30_000_000, None), unknown("revenue_y1")),
                ),
            ),
        ),
    ),
    Shape(
        number=7,
        title=Words("按人、按人月计奖", "So much per person or person-month"),
        text=Words(
            "语言只按企业（或记录）计算，个人数据不进入系统：由来源部门按个人条件核完，只交出每家企业的人数。",
            "The language counts per firm or record. Personal data never enter: the source applies the person-level "
            "conditions and hands over the number of persons per firm.",
        ),
        stage=Words(
            "个人是否合格、是否在别处领过、12 或 36 个月窗口：由人社等来源部门核定后交人数。",
            "Whether a person qualifies, was counted elsewhere, or is within 12 or 36 months: decided by the source.",
        ),
        parts=(
            Award(
                title=Words("示例：每新招一人 1500 元", "Example: 1,500 per new hire"),
                columns=("hires_3m",),
                conditions=("hires_3m > 0",),
                amount="1500 * hires_3m",
                lines=(((4,), D("6000.00")), ((0,), NOT_PAID), ((None,), unknown("hires_3m"))),
            ),
        ),
    ),
    Shape(
        number=8,
        title=Words("按称号加倍，各有上限", "A multiplier by title, each with a cap of its own"),
        text=Words("倍数和上限都可以按称号取值。", "Both the factor and the cap may depend on the title."),
        parts=(
            Award(
                title=Words("示例：研发奖励，省级 1.5 倍，小巨人 2 倍", "Example: an R&D award"),
                columns=("rd_spend", "provincial_title", "little_giant"),
                amount="band_value(rd_spend, [0, 10000000, 30000000], [100000, 300000, 2500000]) * "
                "(little_giant ? 2 : provincial_title ? 1.5 : 1)",
                cap="little_giant ? 4000000 : provincial_title ? 3000000 : 2000000",
                lines=(
                    ((9_999_999, False, False), D("100000.00")),
                    ((10_000_000, True, False), D("450000.00")),
                    ((30_000_000, True, True), D("4000000.00")),
                    ((30_000_000, True, False), D("3000000.00")),
                    ((30_000_000, False, False), D("2000000.00")),
                    ((30_000_000, None, True), D("4000000.00")),
                    ((30_000_000, None, False), unknown("provincial_title")),
                ),
            ),
        ),
    ),
    Shape(
        number=9,
        title=Words("起付线；“最高”与定额", "A minimum payout; “up to” and a fixed sum"),
        text=Words(
            "低于起付线的不付，写在 `minimum`。“最高 10 万元”是上限，写在 `cap`；“奖励 10 万元”是定额，直接写金额。",
            "Below the minimum nothing is paid: write `minimum`. “Up to 100,000” is a cap; “an award of 100,000” is "
            "the amount itself.",
        ),
        parts=(
            Award(
                title=Words("示例：不足 3 万元不发，最高 80 万元", "Example: nothing below 30,000, at most 800,000"),
                columns=("power_q", "power_q_prev"),
                amount="(power_q - power_q_prev) * 0.10",
                minimum=D("30000"),
                cap="800000",
                lines=(
                    ((1_299_999, 1_000_000), D("0.00")),
                    ((1_300_000, 1_000_000), D("30000.00")),
                    ((9_000_000, 1_000_000), D("800000.00")),
                    ((10_000_000, 1_000_000), D("800000.00")),
                ),
            ),
        ),
    ),
    Shape(
        number=10,
        title=Words("各种上限", "Caps of every kind"),
        text=Words(
            "单项、单笔、按本企业地方税收比例的上限写在 `cap`。跨政策、跨年度、跨层级的上限要看别的发放，"
            "不在语言之内。",
            "Caps per item, per loan, or as a share of the firm's own tax are written in `cap`. Caps across policies, "
            "years or levels look at other payments and lie outside the language.",
        ),
        stage=Words(
            "跨政策、累计、跨层级的上限：权益合并（entitlements）阶段。",
            "Caps across policies, over a lifetime or across levels: the entitlements stage.",
        ),
        parts=(
            Award(
                title=Words("示例：设备补助 12%，不超过地方留成税收", "Example: 12 %, at most the local tax"),
                columns=("contract_amount", "tax_paid_local"),
                amount="contract_amount * 0.12",
                cap="min(6000000, tax_paid_local)",
                lines=(
                    ((1_000_000, 500_000), D("120000.00")),
                    ((10_000_000, 500_000), D("500000.00")),
                    ((100_000_000, 90_000_000), D("6000000.00")),
                    ((1_000_000, None), unknown("tax_paid_local")),
                ),
            ),
        ),
    ),
)

SECOND = (
    Shape(
        number=11,
        title=Words("“首次”：看全部历史", "“For the first time”: the whole history"),
        text=Words(
            "首次认定要看称号清单的全部条目，不能只看“是否首次”的标记：此前没有条目，本年度有一条。",
            "First-time titles are judged on the whole list of entries, not on a flag: none before, one this year.",
        ),
        parts=(
            Table(
                title=Words("示例：2025 年首次获得称号", "Example: titled in 2025 for the first time"),
                columns=("title_dates",),
                expressions=(
                    "list_count(title_dates, d'0001-01-01', d'2024-12-31', '高企') == 0 "
                    "and list_count(title_dates, d'2025-01-01', d'2025-12-31', '高企') > 0",
                ),
                lines=(
                    ((("高企 2025-03-01/2028-02-29",),), (True,)),
                    ((("高企 2018-03-01/2021-02-28", "高企 2025-03-01/2028-02-29"),), (False,)),
                    (((),), (False,)),
                    ((("瞪羚 2018-03-01/..", "高企 2025-03-01/.."),), (True,)),
                    ((None,), (unknown("title_dates"),)),
                ),
            ),
        ),
    ),
    Shape(
        number=12,
        title=Words("某日在白名单上；近期不在黑名单上", "On a white list on a day; not on a black list lately"),
        text=Words(
            "白名单用 `on_list`，负面清单用带回看窗口的 `list_count`。没有答复的名单是未知，不是“清白”。",
            "White lists by `on_list`, black lists by `list_count` with a window. A list without an answer is unknown, "
            "not clean.",
        ),
        parts=(
            Table(
                title=Words("示例：现有称号，且三年内无失信", "Example: titled now, and clean for three years"),
                columns=("title_dates", "dishonesty"),
                expressions=(
                    "on_list(title_dates, as_of) and list_count(dishonesty, add_months(as_of, -36), as_of) == 0",
                ),
                lines=(
                    ((("2024-01-01/..",), ()), (True,)),
                    ((("2024-01-01/..",), ("2022-01-01/2022-06-30",)), (False,)),
                    ((("2024-01-01/..",), ("2022-01-01/2022-06-29",)), (True,)),
                    ((("2024-01-01/..",), None), (unknown("dishonesty"),)),
                    (((), None), (False,)),
                ),
            ),
        ),
    ),
    Shape(
        number=13,
        title=Words("成立年限、证书有效期、按事件日期的标准", "Firm age, validity, standards by event date"),
        text=Words(
            "期限用日期函数；标准按合同或事件的日期取值（`parameter_at`）。政策本身换版时，另写一个版本。",
            "Periods by the functions of dates; standards by the date of a contract or event (`parameter_at`). When "
            "the policy itself changes, write another version.",
        ),
        parts=(
            Table(
                title=Words(
                    "示例：成立满三年不满五年，证书有效", "Example: three to five years old, certificate valid"
                ),
                columns=("founded", "certificate_to"),
                expressions=("firm_age_months >= 36 and firm_age_months < 60", "certificate_to >= as_of"),
                lines=(
                    ((date(2022, 6, 30), date(2025, 6, 30)), (True, True)),
                    ((date(2022, 7, 1), date(2025, 6, 29)), (False, False)),
                    ((date(2020, 6, 30), date(2028, 1, 1)), (False, True)),
                    ((date(2020, 7, 1), None), (True, unknown("certificate_to"))),
                    ((None, None), (unknown("founded"), unknown("certificate_to"))),
                ),
            ),
        ),
    ),
    Shape(
        number=14,
        title=Words(
            "贷款贴息：当月利率、本金上限、质押比例", "Loan interest: rate of the month, cap on principal, share"
        ),
        text=Words(
            '按笔判定（`per = "loan"`），利率按签订前一个月取值。',
            'Decided per loan (`per = "loan"`), at the rate of the month before signing.',
        ),
        parts=(
            Award(
                title=Words("示例：贴息 60%，本金最多算 1000 万元", "Example: 60 % of the rate on at most 10 million"),
                columns=("loan_principal", "loan_days", "loan_signed"),
                grain="loan",
                amount="min(loan_principal, 10000000) * 0.60 * parameter_at(lpr_1y, add_months(loan_signed, -1)) * "
                "loan_days / 360",
                cap="500000",
                lines=(
                    ((5_000_000, 360, date(2025, 6, 19)), D("93000.00")),
                    ((5_000_000, 360, date(2025, 6, 20)), D("90000.00")),
                    ((50_000_000, 360, date(2025, 6, 20)), D("180000.00")),
                    ((50_000_000, 1200, date(2025, 6, 20)), D("500000.00")),
                    ((5_000_000, 360, date(2025, 1, 15)), unknown("loan_signed")),
                    ((None, 360, date(2025, 6, 20)), unknown("loan_principal")),
                ),
            ),
        ),
    ),
    Shape(
        number=15,
        title=Words("按顺序抵减税款、余额结转", "Tax offset in order, balance carried forward"),
        text=Words(
            "一次抵减多少，语言可以算：可抵减额度与应缴税款取小。多个税种的先后、每次抵减后的余额与结转要记账。",
            "How much is offset once can be written: the smaller of quota and tax due. The order of taxes, the balance "
            "after each use and what is carried forward are bookkeeping.",
        ),
        stage=Words(
            "多税种先后与余额结转：由税务申报系统记账；可抵减额度作为一项事实交来。",
            "The order of taxes and the balance: kept by the tax filing system, which hands over the quota as a fact.",
        ),
        parts=(
            Award(
                title=Words("示例：本期可抵减的增值税", "Example: the VAT offset of one period"),
                columns=("offset_quota", "vat_due"),
                amount="max(0, min(offset_quota, vat_due))",
                lines=(
                    ((7800, 5000), D("5000.00")),
                    ((7800, 9000), D("7800.00")),
                    ((7800, -100), D("0.00")),
                    ((7800, None), unknown("vat_due")),
                ),
            ),
        ),
    ),
    Shape(
        number=16,
        title=Words("季度平均、年均增长、三年合计之比", "Quarterly means, yearly growth, ratios of sums"),
        text=Words(
            "年均增长不开方：“两年年均增长不低于 20%”写成 `本年 >= 前年 * 1.2 ** 2`，结果精确。",
            "No root is taken: “at least 20 % a year over two years” is `x >= y * 1.2 ** 2`, and exact.",
        ),
        parts=(
            Table(
                title=Words("示例：两年年均增长 20%，研发占比 3%", "Example: 20 % a year over two years; 3 % on R&D"),
                columns=("revenue", "revenue_y1", "revenue_y2", "rd_spend"),
                expressions=(
                    "revenue >= revenue_y2 * 1.2 ** 2",
                    "rd_spend / (revenue + revenue_y1 + revenue_y2) >= 0.03",
                ),
                lines=(
                    ((144, 120, 100, D("10.92")), (True, True)),
                    ((D("143.99"), 120, 100, D("10.91")), (False, False)),
                    ((144, None, 100, 10), (True, unknown("revenue_y1"))),
                    ((144, 120, None, 10), (unknown("revenue_y2"), unknown("revenue_y2"))),
                    ((0, 0, 0, 10), (True, unknown("rd_spend", "revenue", "revenue_y1", "revenue_y2"))),
                ),
            ),
        ),
    ),
    Shape(
        number=17,
        title=Words("排名、前 N 名、按预算同比例调整", "Ranking, top N, pro rata within a budget"),
        text=Words(
            "名次取决于所有企业，单看一家算不出来。语言给出每家的资格和应得金额，其余由后一阶段完成。",
            "A rank depends on all firms and cannot be seen on one. The language gives each firm's eligibility and "
            "amount; the rest is done afterwards.",
        ),
        stage=Words(
            '排名与同比例调整：预算分配（allocation）阶段，政策写 `[budget] allocation = "rank"` 或 `"pro_rata"`。',
            'Ranking and pro rata: the allocation stage; the policy says `[budget] allocation = "rank"` or '
            '`"pro_rata"`.',
        ),
    ),
    Shape(
        number=18,
        title=Words(
            "非现金：缓缴、减免、实物、股权、贷款机会", "Not cash: deferral, waiver, in kind, equity, access to loans"
        ),
        text=Words(
            '资格条件照样写；政策用 `benefit` 说明得到什么。没有金额写 `amount = "0"`，'
            "能估值的写估值。股权不自动付款。",
            'Conditions are written as always; `benefit` says what the firm gets. Without money write `amount = "0"`, '
            "or an estimate of the value. Equity is never paid automatically.",
        ),
        parts=(
            Award(
                title=Words("示例：缓缴资格，不发钱", "Example: leave to defer, no money"),
                columns=("full_months", "industry"),
                conditions=("full_months >= 12", "has_prefix(industry, ['61', '62'])"),
                amount="0",
                lines=(
                    ((12, "6110"), D("0.00")),
                    ((11, "6110"), NOT_PAID),
                    ((12, None), unknown("industry")),
                ),
            ),
        ),
    ),
    Shape(
        number=19,
        title=Words("市区分担", "Cost shared between levels"),
        text=Words(
            "企业应得多少与由哪一级负担是两回事。规则只算企业应得的总额。",
            "What the firm is owed and which level bears it are two matters. The rule gives the sum owed.",
        ),
        stage=Words(
            "50:50、90:10、1:1 等分担比例：权益（entitlements）阶段按资金科目拆分。",
            "Shares such as 50:50, 90:10 or 1:1: the entitlements stage splits the sum over the funds.",
        ),
    ),
    Shape(
        number=20,
        title=Words("数据缺失不能当真也不能当假", "Missing data is neither yes nor no"),
        text=Words(
            "缺哪项列哪项。专家评分一类的条件作为事实：没有评分就是未知，转人工审核。",
            "What is missing is named. Expert scores are facts: without a score the firm is undetermined, and goes to "
            "a person.",
        ),
        parts=(
            Award(
                title=Words("示例：评分 60 以上，保费返还 60%", "Example: a score of 60, and 60 % of the premium"),
                columns=("expert_score", "dishonesty", "premium"),
                conditions=("expert_score >= 60", "not on_list(dishonesty, as_of)"),
                amount="premium * 0.60",
                lines=(
                    ((60, (), 1000), D("600.00")),
                    ((None, (), 1000), unknown("expert_score")),
                    ((60, None, 1000), unknown("dishonesty")),
                    ((None, ("2025-01-01/..",), None), NOT_PAID),
                    ((59, None, None), NOT_PAID),
                ),
            ),
        ),
    ),
)

CHAPTER = Chapter(
    title=Words("二十种政策写法", "Twenty shapes of policies"),
    text=Words(
        "常见政策归为二十种写法。每种给一个示例（均为虚构），或说明由语言之外的哪个阶段完成。",
        "Policies come in twenty shapes. Each has an example (all invented), or names the stage outside the language "
        "that does it.",
    ),
    parts=(*FIRST, *SECOND),
)
