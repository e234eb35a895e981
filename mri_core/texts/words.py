"""The words of texts in any script: UAX #29 by ICU, with its dictionaries where a script has no spaces."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

# Characters for which a pattern gives the same as ICU in a fifth of the time: a test compares the two for each in every
# context that UAX #29 considers.
PLAIN = re.compile(
    r"[\x00-\xac\xae-\xb1\xb4-\xb6\xba\xbb\xbf-\u024f\u0370-\u037d\u037f-\u0386\u0388-\u0482\u048a-\u052f"
    r"\u2010-\u2023\u2025\u2026\u2030-\u203e\u20ac]*"
)
_INSIDE = r"(?:[:.'’‘](?<=[^\W\d_].)(?=[^\W\d_])|[,;.'’‘](?<=\d.)(?=\d))"  # of don't, 3.14 and 1,000
_WORD = rf"_*[^\W_]\w*(?:{_INSIDE}\w+)*"
_COMPOUND = rf"{_WORD}(?:[-‐‑]{_WORD})*"
_JOINED = re.compile(rf"{_COMPOUND}|[#@](?<!\w.){_COMPOUND}")
# The same of ICU's segments, a letter for each: w for a word, u for underscores, h for a hyphen, p for # or @. A
# hashtag ends where its words do, in scripts without spaces too.
_SEGMENTS = re.compile(r"(?:(?<![wu])pw+|w)(?:hw)*")
_KINDS = {"h": "-‐‑", "p": "#@", "u": "_"}
SYLLABLES = "\u0900"  # from Devanagari on a single character may be a word; in alphabets before it is a letter


class Segmenter:
    """Finds the words of a text."""

    def findall(self, text: str) -> list[str]:
        """The words in their order, in Unicode's form NFC and in the text's own case.

        What UAX #29 takes for a word, if it holds a letter or a digit; of Chinese, Japanese, Thai, Lao, Khmer and
        Burmese by ICU's dictionaries. Words with a hyphen between them are one (`well-known`), and `#` or `@` belongs
        to the word that it begins. A single letter or digit of an alphabet is left out; a Chinese character is a word.
        """
        return [word for word in every_word(text) if len(word) > 1 or word >= SYLLABLES]


WORDS = Segmenter()


def every_word(text: str) -> list[str]:
    """What `Segmenter.findall` finds, with the single letters and digits of alphabets too."""
    text = text if text.isascii() else normalize("NFC", text)
    return _JOINED.findall(text) if text.isascii() or PLAIN.fullmatch(text) else segmented(text)


def word_places(text: str) -> list[tuple[int, int, str]]:
    """Where each word of `every_word` lies in a text, from its first character to before its last, in lower case.

    A word that the text spells otherwise than NFC does is left out.
    """
    places, behind = [], 0
    for word in every_word(text):
        start = text.find(word, behind)
        if start >= 0:
            behind = start + len(word)
            places.append((start, behind, word.lower()))
    return places


def segmented(text: str) -> list[str]:
    """The words of a text by ICU, single characters among them."""
    from icu4py.breakers import WordBreaker

    segments = list(WordBreaker(text, "root"))
    kinds = "".join(map(_kind, segments))
    return ["".join(segments[match.start() : match.end()]) for match in _SEGMENTS.finditer(kinds)]


def border(text: str, place: int, *, back: bool = False) -> int:
    """The first place from `place` on between two characters as a reader sees them (Unicode's grapheme clusters).

    Args:
        text: any.
        place: in it, in characters of Python.
        back: the last place up to `place` instead.
    """
    from icu4py.breakers import CharacterBreaker

    end = 0
    for cluster in CharacterBreaker(text, "root"):
        if end >= place or (back and end + len(cluster) > place):
            return end
        end += len(cluster)
    return end


@lru_cache(maxsize=1 << 16)
def _kind(segment: str) -> str:
    if any(character.isalnum() for character in segment):
        return "w"
    for kind, characters in _KINDS.items():
        if segment[0] in characters:
            return kind
    return "x"
