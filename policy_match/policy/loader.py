"""Reads a whole rules repository: facts, parameters, definitions, policies.

Guarantees that a `RuleBook` is either complete and without a defect, or not built: `RulesDefective` lists every
defect as `FILE:LINE: message`. Cases are read by `cases`, because a sweep does not need them.
"""

from collections.abc import Sequence
from pathlib import Path

from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import FactCatalogue
from policy_match.policy.defects import DuplicateName, NoRules, NotToml, RuleDefect, RulesDefective, UnreadableFile
from policy_match.policy.fingerprint import canonical_rules, digest
from policy_match.policy.model import Policy, RuleBook
from policy_match.policy.names_loader import Names, read_definitions, read_facts, read_parameters
from policy_match.policy.payment_loader import CommonTerms
from policy_match.policy.policy_loader import read_policy
from policy_match.policy.table import Table
from policy_match.policy.toml_document import TomlDocument, read_toml
from policy_match.values import PolicyId

FACTS_FILE = "facts.toml"
PARAMETERS = "parameters"
DEFINITIONS = "definitions"
CASES_SUFFIX = ".cases.toml"
MAX_FILES = 20_000
NOT_READ = (UnreadableFile, NotToml, NoRules)


def load_rules(folder: Path) -> RuleBook:
    """Return the rules under `folder`. Raises `RulesDefective` with every defect found."""
    defects: list[RuleDefect] = []
    names = Names()
    catalogue = _load_names(folder, names, defects)
    vocabulary = Vocabulary(catalogue=catalogue, parameters=names.parameters, definitions=names.definitions)
    policies = {} if defects else _load_policies(folder, vocabulary, defects)
    if not policies and not defects:
        defects.append(RuleDefect(folder.as_posix(), 1, NoRules(what="policy", what_zh="政策")))
    if defects:
        raise RulesDefective(defects)
    return RuleBook(
        catalogue=catalogue,
        policies=policies,
        sources=names.sources,
        fingerprint=digest(canonical_rules(catalogue, names.sources, policies)),
    )


def load_catalogue(folder: Path) -> FactCatalogue:
    """Return the facts of `folder` alone. Raises `RulesDefective`."""
    defects: list[RuleDefect] = []
    catalogue = _load_facts(folder, Names(), defects)
    if defects:
        raise RulesDefective(defects)
    return catalogue


def load_vocabulary(folder: Path) -> Vocabulary:
    """Return every name that the rules of `folder` may use: facts, parameters, definitions. Raises `RulesDefective`."""
    defects: list[RuleDefect] = []
    names = Names()
    catalogue = _load_names(folder, names, defects)
    if defects:
        raise RulesDefective(defects)
    return Vocabulary(catalogue=catalogue, parameters=names.parameters, definitions=names.definitions)


def policy_files(folder: Path) -> Sequence[Path]:
    """Return every policy file under `folder`, in a fixed order."""
    not_policies = (folder / PARAMETERS, folder / DEFINITIONS)
    return [
        path
        for path in _toml_files(folder)
        if path != folder / FACTS_FILE
        and not path.name.endswith(CASES_SUFFIX)
        and not any(path.is_relative_to(other) for other in not_policies)
    ]


def _toml_files(folder: Path) -> Sequence[Path]:
    found = sorted(folder.rglob("*.toml"))
    if len(found) > MAX_FILES:
        raise RulesDefective(
            [
                RuleDefect(
                    folder.as_posix(),
                    1,
                    NoRules(
                        what=f"repository of at most {MAX_FILES} files", what_zh=f"文件不超过 {MAX_FILES} 个的规则库"
                    ),
                )
            ]
        )
    return found


def _load_facts(folder: Path, names: Names, defects: list[RuleDefect]) -> FactCatalogue:
    path = folder / FACTS_FILE
    if not path.is_file():
        defects.append(RuleDefect(folder.as_posix(), 1, NoRules(what=FACTS_FILE, what_zh=f" {FACTS_FILE}")))
        return FactCatalogue({})
    document = _read(path, defects)
    return FactCatalogue({}) if document is None else read_facts(Table.root(document, defects), names)


def _load_names(folder: Path, names: Names, defects: list[RuleDefect]) -> FactCatalogue:
    catalogue = _load_facts(folder, names, defects)
    for path in _toml_files(folder / PARAMETERS):
        document = _read(path, defects)
        if document is not None:
            read_parameters(Table.root(document, defects), names)
    documents = [_read(path, defects) for path in _toml_files(folder / DEFINITIONS)]
    if not any(isinstance(defect.error, NOT_READ) for defect in defects):
        # Otherwise every use of a name in the file that was not read would be reported too.
        roots = [Table.root(document, defects) for document in documents if document is not None]
        read_definitions(roots, names, catalogue)
    return catalogue


def _load_policies(folder: Path, vocabulary: Vocabulary, defects: list[RuleDefect]) -> dict[PolicyId, Policy]:
    policies: dict[PolicyId, Policy] = {}
    common = CommonTerms()
    for path in policy_files(folder):
        document = _read(path, defects)
        if document is None:
            continue
        table = Table.root(document, defects)
        policy = read_policy(table, vocabulary)
        if policy is None:
            continue
        if policy.id in policies:
            table.report(DuplicateName(name=policy.id, other=policies[policy.id].path), "id")
        policies[policy.id] = policy
        common.check(table, policy)
    return policies


def _read(path: Path, defects: list[RuleDefect]) -> TomlDocument | None:
    try:
        return read_toml(path, path.as_posix())
    except RuleDefect as defect:
        defects.append(defect)
        return None
