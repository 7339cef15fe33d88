"""Valid credit codes that belong to nobody.

Guarantees both check characters of GB 32100-2015 (the code's own and, inside it, that of GB 11714), and that no real
firm can have the code: it holds an unassigned division and an organisation number from a series not in use.
"""

from stdnum.cn import uscc

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
SERIES = "WWW"
"""Organisation numbers begin with digits or with a series of letters in use (MA, MB, MJ …); none begins with WWW."""

PLACES = 5
NUMBERS = len(ALPHABET) ** PLACES
_STEP = 7_919_003
"""Shares no divisor with 31, so that consecutive firms have codes far apart and no two the same."""

_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(kind: str, issued_by: str, number: int) -> str:
    """Return the code of one invented body.

    `kind` is the two characters for the registering authority and the kind of body, such as 91 for an enterprise;
    `issued_by` the six digits of the division; `number` counts the bodies, 0 <= number < 31**5.
    """
    assert 0 <= number < NUMBERS
    rest = number * _STEP % NUMBERS
    places = []
    for _ in range(PLACES):
        rest, place = divmod(rest, len(ALPHABET))
        places.append(ALPHABET[place])
    organisation = SERIES + "".join(reversed(places))
    body = kind + issued_by + organisation + organisation_check(organisation)
    return body + str(uscc.calc_check_digit(body))


def number_of(code: str) -> int:
    """Return the number of an invented body, of which `credit_code` made its code."""
    start = code.index(SERIES) + len(SERIES)
    value = 0
    for sign in code[start : start + PLACES]:
        value = value * len(ALPHABET) + ALPHABET.index(sign)
    inverse: int = pow(_STEP, -1, NUMBERS)
    number: int = value * inverse % NUMBERS
    return number


def organisation_check(organisation: str) -> str:
    """Return the check character of an organisation number of eight characters (GB 11714)."""
    total = sum(int(sign, 36) * weight for sign, weight in zip(organisation, _ORGANISATION_WEIGHTS, strict=True))
    check = (11 - total % 11) % 11
    return "X" if check == 10 else str(check)
