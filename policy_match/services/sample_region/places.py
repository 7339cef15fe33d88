"""The invented district, and the few invented firms that it has elsewhere.

Guarantees that every division code inside a credit code is one that GB/T 2260 gives to no place: 370268, 350468 and
441668. One real code is used as a fact, see `GUEST`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """`issued_by` stands in the credit codes, `division` in the registry; `share` is the part of all firms."""

    name: str
    division: str
    issued_by: str
    share: float


HOME = Place(name="云屿区", division="370268", issued_by="370268", share=0.955)
"""An invented coastal district under 3702, so that policies of that city and of its province apply."""

ENCLAVE = Place(name="云屿飞地园", division="350468", issued_by="350468", share=0.025)
"""An invented partner park under 3504, so that policies of that city and of its province apply."""

GUEST = Place(name="云屿驻外", division="441602", issued_by="441668", share=0.02)
"""Invented new firms that the district's investors opened elsewhere. A benefit for newly founded firms is limited to
the six digits 441602, so no unassigned code would do: the fact names that real district, the credit codes do not."""

PLACES = (HOME, ENCLAVE, GUEST)
