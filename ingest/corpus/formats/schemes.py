"""Tags that say where entities begin and end, as `B-PER I-PER O` do: BIO (IOB2), BIOES and BILOU.

Ramshaw & Marcus (1995), "Text chunking using transformation-based learning", and Ratinov & Roth (2009), "Design
challenges and misconceptions in named entity recognition".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ingest.corpus.formats.words import Place
from mri_core.errors import CorpusError

OUTSIDE = "O"
PARTS = {"B": "B", "I": "I", "E": "E", "L": "E", "S": "S", "U": "S"}  # BILOU calls an end last, a single one a unit
TAG = re.compile(r"([BIELSU])-(.*\S.*)")
BEGUN = ("B", "I")  # after these an entity may go on


@dataclass
class Scheme:
    """What the tags of a column are, once all of them were seen.

    Attributes:
        parts: those that occur, by `PARTS`.
        outside: `O` occurs.
        plain: a tag that is no part of an entity occurs.
        touching: an entity begins where one of its type has just been, the only place where IOB1 writes `B-`.
        apart: an entity that begins with `B-` does so elsewhere.
    """

    parts: set[str] = field(default_factory=set)
    outside: bool = False
    plain: bool = False
    touching: bool = False
    apart: bool = False

    def add(self, tags: Iterable[str | None]) -> None:
        """Adds the tags of a sentence."""
        before = None
        for tag in tags:
            part, kind = _parsed(tag)
            self.outside |= tag == OUTSIDE
            self.plain |= tag not in (None, OUTSIDE) and kind is None
            if part:
                self.parts.add(part)
            if part == "B":
                self.touching |= kind == before
                self.apart |= kind != before
            before = kind

    @property
    def has_entities(self) -> bool:
        """Whether the tags are parts of entities, not categories as they stand."""
        return bool(self.parts) and not self.plain and ("B" in self.parts or self.outside)

    @property
    def has_ends(self) -> bool:
        """Whether an entity says where it ends (BIOES, BILOU)."""
        return bool(self.parts & {"E", "S"})

    def types(
        self, tags: Sequence[str | None], places: Sequence[Place], named: Callable[[int], str]
    ) -> list[str | None]:
        """The type of each word's entity, None outside of any; tags that are no parts of entities, as they are.

        Args:
            tags: of a sentence's words.
            places: of these words; those of one form with one tag count once.
            named: says where a word is, for messages.

        Raises:
            CorpusError: the tags do not nest.
        """
        if not self.has_entities:
            return list(tags)
        before: tuple[str, str | None] = ("", None)
        types = []
        for number, tag in enumerate(tags):
            now = _parsed(tag)
            types.append(now[1])
            if number and places[number] == places[number - 1] and tag == tags[number - 1]:
                continue
            if not self._may_follow(before, now):
                raise self._refused(tag, tags[number - 1] if number else None, named(number))
            before = now
        if not self._may_follow(before, ("", None)):
            raise self._refused(None, tags[-1], f"The end of the sentence, after {named(len(tags) - 1).rstrip(',')},")
        return types

    def _may_follow(self, before: tuple[str, str | None], now: tuple[str, str | None]) -> bool:
        goes_on = now[0] in ("I", "E")
        if goes_on or (self.has_ends and before[0] in BEGUN):
            return goes_on and before[0] in BEGUN and before[1] == now[1]
        return True

    def _refused(self, tag: str | None, before: str | None, where: str) -> CorpusError:
        rule = "The tags of an entity begin with B- and go on with I- of the same type"
        rule += ", to its end with E- or L-" if self.has_ends else ""
        fact = f"{where} has {tag or 'no tag'} after {before or 'no tag'}"
        remedy = "Correct the tags"
        if not self.has_ends and not self.apart:
            fact += ", as in IOB1, where B- only separates entities that touch"
            remedy = "Convert them to IOB2: write B- for the I- that each entity begins with"
        return CorpusError(rule, fact, remedy)


def _parsed(tag: str | None) -> tuple[str, str | None]:
    """The part of an entity that a tag is, and the entity's type; nothing of what is none."""
    found = TAG.fullmatch(tag or "")
    return (PARTS[found[1]], found[2].strip()) if found else ("", None)
