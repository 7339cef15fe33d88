"""Words for the values that rules and registers write as codes of their own, and for the units of facts.

Guarantees Chinese and English for every listed value and every unit of `rules/facts.toml`; letters that are a grade or
an industry by law stand for themselves. They stand beside the facts, not in them: a fact's text has a digest that
sweeps name.
"""

from collections.abc import Mapping
from typing import NamedTuple

from policy_match.cases.words import Words

YEAR = "年"
"""The unit of a calendar year, which is no quantity."""

SHARE = "比例"
"""The unit of a share of one, which people read in percent."""


class UnitWords(NamedTuple):
    """A unit in English, of one and of many."""

    one: str
    many: str


UNITS: Mapping[str, UnitWords] = {
    "元": UnitWords("yuan", "yuan"),
    "人": UnitWords("person", "people"),
    "月": UnitWords("month", "months"),
    "次": UnitWords("time", "times"),
    "千瓦时": UnitWords("kWh", "kWh"),
}

SIZES = {
    "large": Words("大型", "large"),
    "medium": Words("中型", "medium"),
    "small": Words("小型", "small"),
    "micro": Words("微型", "micro"),
}

SIZE_GROUPS = {
    "agriculture": Words("农、林、牧、渔业", "agriculture, forestry and fishing"),
    "industry": Words("工业", "industry"),
    "construction": Words("建筑业", "construction"),
    "wholesale": Words("批发业", "wholesale"),
    "retail": Words("零售业", "retail"),
    "transport": Words("交通运输业", "transport"),
    "storage": Words("仓储业", "storage"),
    "post": Words("邮政业", "post"),
    "lodging": Words("住宿业", "lodging"),
    "catering": Words("餐饮业", "catering"),
    "telecom_internet": Words("信息传输业", "telecommunication and internet"),
    "software": Words("软件和信息技术服务业", "software and information technology"),
    "real_estate": Words("房地产开发经营", "real estate development"),
    "property_management": Words("物业管理", "property management"),
    "leasing_business": Words("租赁和商务服务业", "leasing and business services"),
    "other_services": Words("其他未列明行业", "other services"),
}

VALUES: Mapping[str, Mapping[str, Words]] = {
    "entity_type": {
        "company": Words("公司", "company"),
        "non_company_legal_person": Words("非公司企业法人", "legal person that is no company"),
        "partnership": Words("合伙企业", "partnership"),
        "sole_proprietorship": Words("个人独资企业", "sole proprietorship"),
        "branch": Words("分支机构", "branch"),
        "coop": Words("农民专业合作社", "farmers' cooperative"),
        "sole_trader": Words("个体工商户", "sole trader"),
        "rep_office": Words("代表机构", "representative office"),
        "social_org": Words("社会团体", "association"),
        "foundation": Words("基金会", "foundation"),
        "nonprofit_service": Words("社会服务机构", "non-profit service provider"),
        "law_firm": Words("律师事务所", "law firm"),
        "accounting_firm": Words("会计师事务所", "accounting firm"),
        "public_institution": Words("机关事业单位", "public institution"),
        "other": Words("其他", "other"),
    },
    "ownership_type": {
        "private": Words("民营", "private"),
        "state": Words("国有", "state-owned"),
        "state_controlled": Words("国有控股", "state-controlled"),
        "foreign": Words("外资", "foreign"),
        "collective": Words("集体", "collective"),
    },
    "operating_status": {
        "存续": Words("存续", "in existence"),
        "在营": Words("在营", "in business"),
        "吊销": Words("吊销", "licence revoked"),
        "注销": Words("注销", "deregistered"),
        "迁出": Words("迁出", "moved away"),
    },
    "head_office_size_class": SIZES,
    "size_class": SIZES,
    "size_group": SIZE_GROUPS,
    "size_groups": SIZE_GROUPS,
    "vat_taxpayer_type": {
        "small_scale": Words("小规模纳税人", "small-scale payer"),
        "general": Words("一般纳税人", "general payer"),
    },
    "hnte_first_year": {"0": Words("从未认定", "never certified")},
    "hnte_first_authority": {
        "山东省": Words("山东省", "Shandong Province"),
        "青岛市": Words("青岛市", "Qingdao City"),
        "其他": Words("其他", "other"),
    },
    "env_credit_colour": {
        "绿": Words("绿", "green"),
        "蓝": Words("蓝", "blue"),
        "黄": Words("黄", "yellow"),
        "黑": Words("黑", "black"),
        "未参评": Words("未参评", "not rated"),
    },
    "power_award_group": {
        "growth": Words("同比增长", "growth over the year before"),
        "zero_base": Words("上年同季无用电", "no use in the year before"),
    },
    "loan_purpose": {
        "fixed_asset": Words("固定资产", "fixed assets"),
        "policy_instrument": Words("新型政策性金融工具资金配套", "beside a policy-based financial instrument"),
        "working_capital": Words("流动资金", "working capital"),
        "other": Words("其他", "other"),
    },
    "loan_field": {
        "key_chain": Words("重点产业链", "key industrial chain"),
        "producer_service": Words("生产性服务业", "producer services"),
        "agriculture_food": Words("农林牧渔和农副食品加工", "agriculture and food processing"),
        "emerging": Words("人工智能等新兴领域", "emerging fields such as artificial intelligence"),
        "none": Words("不属于支持领域", "none of the supported fields"),
    },
    "other_interest_subsidy_on_loan": {
        "central": Words("中央", "central"),
        "local": Words("地方", "local"),
    },
    "licence_kind": {
        "food_trade": Words("食品经营", "food trade"),
        "medicine_trade": Words("药品经营", "medicine trade"),
        "medical_device_trade": Words("医疗器械经营", "medical device trade"),
        "public_place_hygiene": Words("公共场所卫生", "hygiene of public places"),
        "hazardous_chemicals_trade": Words("危险化学品经营", "hazardous chemicals trade"),
        "fireworks_retail": Words("烟花爆竹经营（零售）", "fireworks retail"),
        "work_safety": Words("安全生产", "work safety"),
        "road_transport": Words("道路运输经营", "road transport"),
        "labour_dispatch": Words("劳务派遣经营", "labour dispatch"),
        "special_equipment": Words("特种设备使用（定期检验）", "special equipment (periodic inspection)"),
        "pollutant_discharge": Words("排污", "pollutant discharge"),
        "water_abstraction": Words("取水", "water abstraction"),
        "construction_qualification": Words("建筑业企业资质", "construction qualification"),
        "publication_trade": Words("出版物经营", "publication trade"),
    },
}
"""The words of values, by the name of the fact, definition or parameter that has them."""
