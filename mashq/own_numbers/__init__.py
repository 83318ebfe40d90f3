"""Numbers of one's own: all do the same exercise, each with numbers that follow from an identity.

    from mashq.own_numbers import draw

    width, height = draw(identity, "ps1 areas", [1.2, 1.5, 1.8], [2.3, 2.6, 2.9])

The same identity gives the same numbers on every computer and with every version of Python and NumPy, so that
a student's notebook, a plain script and the hidden checks agree. Nothing is drawn at random and nothing is
stored: whoever knows the identity knows the numbers. docs/authoring.md shows how an assignment uses this.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from typing import Any

from mashq.language import gettext as _

MOST_LETTERS = 80
TATWEEL = "\u0640"  # stretches a word and says nothing
# The same letter, from an Arabic and from a Persian keyboard; and the dashes that stand for a hyphen.
SAME = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", **dict.fromkeys("‐‑‒–—−", "-")})


class IdentityError(ValueError):
    """What was given is no identity; the message says what to write."""


def normalised(identity: object) -> str:
    """An identity as it is compared: no spaces, nothing invisible, small letters, digits 0 to 9.

    identity : a text such as a student number; a whole number is read as its digits

    Raises IdentityError for everything else, for a text with nothing in it, and for a very long one.
    """
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)
    if not isinstance(identity, str):
        wrong = _('identity should be a text between quotes, as in identity = "98123456", but is a {type}')
        raise IdentityError(wrong.format(type=type(identity).__name__))
    letters = unicodedata.normalize("NFKC", identity).translate(SAME)
    kept = [_plain(letter) for letter in letters if letter != TATWEEL and _is_seen(letter)]
    plain = unicodedata.normalize("NFC", "".join(kept).casefold())
    if not plain:
        raise IdentityError(
            _('identity is empty: write your own between the quotes, as in identity = "98123456"')
        )
    if len(plain) > MOST_LETTERS:
        long = _("identity has {count} letters: write your own alone, of at most {most}")
        raise IdentityError(long.format(count=len(plain), most=MOST_LETTERS))
    return plain


def draw(identity: object, exercise: str, *choices: Sequence[Any]) -> tuple[Any, ...]:
    """One item of each sequence, the same for the same identity, exercise and sequences.

    exercise : names what is drawn for, so that one student's numbers differ between two exercises

    Raises IdentityError when there is no identity.
    """
    digest = hashlib.sha256(f"{exercise}\n{normalised(identity)}".encode()).digest()
    number, drawn = int.from_bytes(digest, "big"), []
    for items in choices:
        number, place = divmod(number, len(items))
        drawn.append(items[place])
    return tuple(drawn)


def _is_seen(letter: str) -> bool:
    """Whether a letter is no space, and none that nobody sees, such as a joiner or a mark of direction."""
    return not letter.isspace() and unicodedata.category(letter)[0] not in "CZ"


def _plain(letter: str) -> str:
    """A digit of any script as one of 0 to 9; all else as it is."""
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)
