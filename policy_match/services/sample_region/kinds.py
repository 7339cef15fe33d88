"""The kinds of bodies in the invented district and how the registry writes them.

Guarantees that every kind has its class of credit code (GB 32100-2015) and a name that says that it is invented.
What the registry's words mean as facts is in the mapping file.
"""

from dataclasses import dataclass

MARKER = "样例"
"""Stands in the name of every invented firm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of body.

    `code_class` opens the credit code; `registry_word` is what the registry calls it; `name_end` closes its name.
    `industries` limits it to classes of industry; empty is any.
    """

    entity_type: str
    code_class: str
    registry_word: str
    name_end: str
    share: float
    industries: tuple[str, ...] = ()


KINDS = (
    Kind(
        entity_type="company",
        code_class="91",
        registry_word="有限责任公司（自然人投资或控股）",
        name_end="有限公司",
        share=0.602,
    ),
    Kind(
        entity_type="company",
        code_class="91",
        registry_word="有限责任公司（自然人独资）",
        name_end="有限公司",
        share=0.19,
    ),
    Kind(
        entity_type="company",
        code_class="91",
        registry_word="股份有限公司（非上市、自然人投资或控股）",
        name_end="股份有限公司",
        share=0.02,
    ),
    Kind(
        entity_type="company",
        code_class="91",
        registry_word="有限责任公司（外商投资、非独资）",
        name_end="有限公司",
        share=0.02,
    ),
    Kind(
        entity_type="company",
        code_class="91",
        registry_word="有限责任公司（国有独资）",
        name_end="有限公司",
        share=0.005,
    ),
    Kind(
        entity_type="branch",
        code_class="91",
        registry_word="有限责任公司分公司",
        name_end="有限公司分公司",
        share=0.045,
    ),
    Kind(
        entity_type="sole_trader",
        code_class="92",
        registry_word="个体工商户",
        name_end="商行",
        share=0.05,
        industries=("5212", "5232", "5251", "5299", "6129", "6210", "6220", "6239", "8010", "8040", "8111"),
    ),
    Kind(
        entity_type="partnership",
        code_class="91",
        registry_word="有限合伙企业",
        name_end="合伙企业（有限合伙）",
        share=0.018,
        industries=("7211", "7212", "7243", "7299"),
    ),
    Kind(
        entity_type="sole_proprietorship",
        code_class="91",
        registry_word="个人独资企业",
        name_end="工作室",
        share=0.016,
        industries=("5132", "5174", "7243", "7259", "7492", "9051"),
    ),
    Kind(
        entity_type="coop",
        code_class="93",
        registry_word="农民专业合作社",
        name_end="专业合作社",
        share=0.008,
        industries=("0149", "0411"),
    ),
    Kind(
        entity_type="non_company_legal_person",
        code_class="91",
        registry_word="集体所有制",
        name_end="厂",
        share=0.006,
        industries=("1819", "2231", "3311", "3484", "4920"),
    ),
    Kind(
        entity_type="law_firm",
        code_class="31",
        registry_word="律师事务所",
        name_end="律师事务所",
        share=0.004,
        industries=("7231",),
    ),
    Kind(
        entity_type="accounting_firm",
        code_class="91",
        registry_word="会计师事务所（普通合伙）",
        name_end="会计师事务所（普通合伙）",
        share=0.003,
        industries=("7241",),
    ),
    Kind(
        entity_type="nonprofit_service",
        code_class="52",
        registry_word="民办非企业单位",
        name_end="服务中心",
        share=0.006,
        industries=("8310", "8391", "8393", "8514"),
    ),
    Kind(
        entity_type="social_org",
        code_class="51",
        registry_word="社会团体",
        name_end="协会",
        share=0.003,
        industries=("9522",),
    ),
    Kind(
        entity_type="foundation",
        code_class="53",
        registry_word="基金会",
        name_end="基金会",
        share=0.001,
        industries=("9530",),
    ),
    Kind(
        entity_type="public_institution",
        code_class="12",
        registry_word="事业单位",
        name_end="管理服务中心",
        share=0.003,
        industries=("9224",),
    ),
)

_FIRST = "澜汐屿潮帆舟岚霁星禾川沐朗晟启衡拓致云涵"
_SECOND = "海川源泽舟宇航达信和瑞恒安远明盛嘉诚博汇"


def firm_name(place: str, number: int, word: str, kind: Kind) -> str:
    """Return the name of invented firm `number`: place, marker, its number, two invented characters, trade, kind."""
    first = _FIRST[number % len(_FIRST)]
    second = _SECOND[number // len(_FIRST) % len(_SECOND)]
    return f"{place}{MARKER}{number:06d}号{first}{second}{word}{kind.name_end}"
