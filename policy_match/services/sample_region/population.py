"""Who is in the invented district: the part of the firms that is the same on whatever day one looks.

Guarantees that the same seed and number give the same firms for every as-of date, so that two sweeps on two dates can
be compared. How they do from year to year is `economy`; what departments write about them is `departments`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from policy_match.services.sample_region.credit_codes import credit_code
from policy_match.services.sample_region.industries import INDUSTRIES, PLACE_OF_CODE
from policy_match.services.sample_region.kinds import KINDS, firm_name
from policy_match.services.sample_region.places import ENCLAVE, GUEST, HOME, PLACES
from policy_match.services.sample_region.streams import Counts, Days, Flags, Numbers, stream

FIRST_YEAR = 1988
LAST_YEAR = 2026
"""Years of founding."""

PEAKS = {1993: 1.5, 2002: 1.2, 2014: 1.4, 2015: 1.6, 2016: 1.3, 2020: 0.8, 2021: 1.3}
"""Years in which more (or fewer) firms were founded than the years around them."""

MEAN_AGE_YEARS = 10.0
DORMANT_SHARE = 0.14
CLOSED_SHARE = 0.07
POORLY_COVERED_SHARE = 0.15

_ENCLAVE_SECTIONS = {"C": 3.0, "I": 1.0, "M": 1.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Population:
    """The firms, one element per firm in every column.

    `size` and `skill` are standard normal: how large and how productive among its like. `closed` is the
    day on which a firm is struck off, far away for most. A dormant firm has neither staff nor sales.
    """

    seed: int
    codes: Sequence[str]
    names: Sequence[str]
    kind: Counts
    place: Counts
    industry: Counts
    founded: Days
    closed: Days
    size: Numbers
    skill: Numbers
    dormant: Flags
    poorly_covered: Flags

    def __len__(self) -> int:
        return len(self.codes)

    def chance(self, *topic: str | int) -> Numbers:
        """Return a number from 0 to 1 for each firm, the same for the same topic."""
        return stream(self.seed, *topic).random(len(self))

    def normal(self, *topic: str | int) -> Numbers:
        """Return a standard normal number for each firm, the same for the same topic."""
        return stream(self.seed, *topic).standard_normal(len(self))

    def is_kind(self, *entity_types: str) -> Flags:
        """Return which firms are of one of the kinds."""
        return np.array([kind.entity_type in entity_types for kind in KINDS])[self.kind]

    def in_section(self, *sections: str) -> Flags:
        """Return which firms work in one of the industry sections."""
        return np.array([industry.section in sections for industry in INDUSTRIES])[self.industry]

    def in_class(self, *prefixes: str) -> Flags:
        """Return which firms work in a class of industry that begins with one of the prefixes."""
        return np.array([industry.code.startswith(prefixes) for industry in INDUSTRIES])[self.industry]


def found_firms(firms: int, seed: int) -> Population:
    """Return `firms` invented firms, founded from 1988 to 2026."""
    place = _choose(seed, "place", firms, [place.share for place in PLACES])
    kind = _kinds(seed, firms, place)
    industry = _industries(seed, firms, kind, place)
    founded = _founded(seed, firms, place)
    chance = stream(seed, "closed").random((2, firms))
    lived = np.ceil(-np.log1p(-chance[1]) * 1600).astype(np.int64) + 200
    closed = np.where(chance[0] < CLOSED_SHARE, founded + lived, np.datetime64(date.max, "D"))
    codes = [
        credit_code(KINDS[of].code_class, PLACES[where].issued_by, number)
        for number, (of, where) in enumerate(zip(kind.tolist(), place.tolist(), strict=True))
    ]
    names = [
        firm_name(PLACES[where].name, number, INDUSTRIES[trade].word, KINDS[of])
        for number, (of, where, trade) in enumerate(zip(kind.tolist(), place.tolist(), industry.tolist(), strict=True))
    ]
    return Population(
        seed=seed,
        codes=codes,
        names=names,
        kind=kind,
        place=place,
        industry=industry,
        founded=founded,
        closed=closed,
        size=stream(seed, "size").standard_normal(firms) + np.where(place == PLACES.index(ENCLAVE), 1.1, 0.0),
        skill=stream(seed, "skill").standard_normal(firms),
        dormant=stream(seed, "dormant").random(firms) < DORMANT_SHARE,
        poorly_covered=stream(seed, "poorly covered").random(firms) < POORLY_COVERED_SHARE,
    )


def _choose(seed: int, topic: str, firms: int, weights: Sequence[float]) -> Counts:
    steps = np.cumsum(np.array(weights, dtype=np.float64))
    drawn = stream(seed, topic).random(firms) * steps[-1]
    places: Counts = np.searchsorted(steps, drawn, side="right")
    return places


def _kinds(seed: int, firms: int, place: Counts) -> Counts:
    """Return the kind of each firm. Outside the home district there are companies and branches only."""
    anywhere = _choose(seed, "kind", firms, [kind.share for kind in KINDS])
    outside = [kind.share if kind.entity_type in ("company", "branch") else 0.0 for kind in KINDS]
    kind: Counts = np.where(place == PLACES.index(HOME), anywhere, _choose(seed, "kind outside", firms, outside))
    return kind


def _industries(seed: int, firms: int, kind: Counts, place: Counts) -> Counts:
    weights = [industry.weight for industry in INDUSTRIES]
    chosen = _choose(seed, "industry", firms, weights)
    park = [industry.weight * _ENCLAVE_SECTIONS.get(industry.section, 0.0) for industry in INDUSTRIES]
    chosen = np.where(place == PLACES.index(ENCLAVE), _choose(seed, "industry of the park", firms, park), chosen)
    for number, limited in enumerate(KINDS):
        if limited.industries:
            own = [PLACE_OF_CODE[code] for code in limited.industries]
            picked = np.array(own)[_choose(seed, f"industry of kind {number}", firms, [1.0] * len(own))]
            chosen = np.where(kind == number, picked, chosen)
    return chosen.astype(np.int64)


def _founded(seed: int, firms: int, place: Counts) -> Days:
    """Return the days of founding: fewer the longer ago, with peaks; most guests since July 2024."""
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    weights = [
        float(np.exp(-(LAST_YEAR - year) / MEAN_AGE_YEARS)) * PEAKS.get(int(year), 1.0) for year in years.tolist()
    ]
    year = years[_choose(seed, "year of founding", firms, weights)]
    of_year = np.floor(stream(seed, "day of founding").random(firms) * 365).astype(np.int64)
    founded: Days = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + of_year.astype("timedelta64[D]")
    drawn = stream(seed, "founding of guests").random((2, firms))
    recent = np.datetime64("2024-07-01", "D") + np.floor(drawn[1] * 914).astype(np.int64)
    return np.where((place == PLACES.index(GUEST)) & (drawn[0] < 0.85), recent, founded)
