"""The rules by which a kept sweep was decided, from memory where they are the ones in use, else from their texts.

Guarantees that what is given has the fingerprints that the sweep names. Texts are read one version at a time.
"""

from collections.abc import Iterator, Mapping

from policy_match.cases.firm_view import KeptBy
from policy_match.policy.decoding import decode_catalogue, decode_rules, decode_version
from policy_match.policy.model import Policy, PolicyVersion, RuleBook
from policy_match.ports import UnitOfWork
from policy_match.values import Digest

MOST_VERSIONS = 2_000
"""The most policies that one sweep is read for."""

Versions = Mapping[Digest, tuple[Policy, PolicyVersion]]


def rules_of_sweep(work: UnitOfWork, sweep: KeptBy, in_use: RuleBook) -> tuple[RuleBook, Versions]:
    """Return the frame of the rules of a released sweep, and the versions that it decided, by fingerprint."""
    known = {
        version.fingerprint: (policy, version) for policy in in_use.policies.values() for version in policy.versions
    }
    return frame_of_sweep(work, sweep, in_use), dict(_versions(work, sweep, known))


def frame_of_sweep(work: UnitOfWork, sweep: KeptBy, in_use: RuleBook) -> RuleBook:
    """Return the rules by which a sweep was decided, with the catalogue; without policies unless they are in use."""
    if sweep.identity.rules == in_use.fingerprint:
        return in_use
    text = work.rules.rules_text(sweep.identity.rules)
    assert text is not None, "a kept sweep has its rules"
    frame = decode_rules(text.encode())
    catalogue = work.rules.catalogue_text(frame.facts)
    assert catalogue is not None, "kept rules have their catalogue"
    return RuleBook(
        catalogue=decode_catalogue(catalogue.encode()),
        policies={},
        sources=frame.sources,
        fingerprint=sweep.identity.rules,
    )


def _versions(
    work: UnitOfWork, sweep: KeptBy, known: Versions
) -> Iterator[tuple[Digest, tuple[Policy, PolicyVersion]]]:
    for fingerprint in work.firm.versions(sweep.sweep_id, MOST_VERSIONS):
        if fingerprint in known:
            yield fingerprint, known[fingerprint]
        else:
            text = work.rules.version_text(fingerprint)
            assert text is not None, "a kept sweep has its versions"
            yield fingerprint, decode_version(text.encode())
