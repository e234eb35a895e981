"""What the page saw of an embedded store last, kept in its folder: it is shown while the engine starts.

It holds the list of studies, and what the newest one's first views are drawn from. It is written by this version's
software from the engine's own answers, and goes as soon as anything is written to the store.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from threading import Event
from typing import Any

from mri_core.records.graph import SCHEMA_VERSION, Study
from mri_core.records.table import Table
from mri_core.store.embedded import folder
from queries.catalog import OWN

MOST_KEPT = 2**24  # characters: reading more takes about as long as waiting for the engine


@dataclass(frozen=True)
class Seen:
    """What the page saw.

    Attributes:
        studies: the ready ones, the newest first.
        unreadable: why others cannot be read, a line each.
        answers: about the newest one, by `question`; as JSON, so that whoever asks gets one of their own.
    """

    studies: tuple[Study, ...]
    unreadable: tuple[str, ...]
    answers: Mapping[str, str]

    def study(self, name_or_id: str) -> Study | None:
        """The study of that name, or else of that id, if it was there."""
        found = [study for study in self.studies if study.name == name_or_id]
        return next(iter(found or [study for study in self.studies if study.id == name_or_id]), None)

    def answer(self, of: Study, template: str, values: Mapping[str, Any]) -> Table | None:
        """What the store answered about a study that is still the same in everything."""
        kept = self.answers.get(question(template, values)) if of in self.studies[:1] else None
        if kept is None:
            return None
        columns, rows, cut = json.loads(kept)
        return Table(tuple(columns), tuple(map(tuple, rows)), cut)


class LastVisit:
    """What a server of the page begins with.

    Attributes:
        changed: set when the page finds another list of studies than it did before.
    """

    def __init__(self) -> None:
        self.changed = Event()
        self._seen: Seen | None = None
        self._starting = False
        self._listed: tuple[Study, ...] | None = None

    def begin(self, seen: Seen | None) -> None:
        """Shows what was seen last, until the engine answers; None for nothing."""
        self._seen, self._starting = seen, seen is not None

    def while_starting(self) -> Seen | None:
        """What there was, for as long as the engine has not answered."""
        return self._seen if self._starting else None

    def end_start(self) -> None:
        """From now on the engine is asked what there is."""
        self._starting = False

    def drop(self) -> None:
        """From now on the engine is asked everything."""
        self._seen, self._starting = None, False

    def answer(self, of: Study, template: str, values: Mapping[str, Any]) -> Table | None:
        """An answer that was kept; None where the engine is to be asked."""
        return None if self._seen is None else self._seen.answer(of, template, values)

    def answers_about(self, of: Study) -> Mapping[str, str]:
        """All answers that were kept about a study; none where it has changed since."""
        return self._seen.answers if self._seen is not None and of in self._seen.studies[:1] else {}

    def note(self, listed: tuple[Study, ...]) -> None:
        """The engine has reported what there is."""
        if listed != self._listed:
            self._listed = listed
            self.changed.set()


LAST = LastVisit()


def question(template: str, values: Mapping[str, Any]) -> str:
    """What was asked, as a line of text."""
    return json.dumps([template, values], sort_keys=True, default=repr)


def answer(table: Table) -> str:
    """What was answered, as a line of text."""
    return json.dumps([table.columns, table.rows, table.cut])


def save(place: Path, seen: Seen) -> None:
    """Keeps in a store's folder what was seen of it, unless that is too much. Where it cannot be written nothing is."""
    listed = {"studies": [asdict(study) for study in seen.studies], "unreadable": seen.unreadable}
    made = _made({json.loads(asked)[0] for asked in seen.answers})
    text = "\n".join([json.dumps({"made": made, **listed}), *(line for pair in seen.answers.items() for line in pair)])
    if len(text) <= MOST_KEPT:
        with suppress(OSError):
            folder.keep_seen(place, text)


def load(place: Path) -> Seen | None:
    """What was seen of the store in a folder; None if that is not known, or not to be believed."""
    text = folder.seen(place)
    if text is None:
        return None
    head, *lines = text.split("\n")
    with suppress(KeyError, TypeError, ValueError, OSError):  # of another version
        told = json.loads(head)
        if told["made"] == _made(told["made"]["questions"]):
            studies = tuple(Study(**properties) for properties in told["studies"])
            return Seen(studies, tuple(told["unreadable"]), dict(zip(lines[::2], lines[1::2], strict=True)))
    return None


def forget(place: Path) -> None:
    """Removes what was seen of the store in a folder."""
    folder.forget_seen(place)


def _made(questions: set[str] | Mapping[str, str]) -> dict[str, Any]:
    """What an answer depends on besides the store: versions, and the questions' texts."""
    texts = {name: blake2b((OWN / f"{name}.cypher").read_bytes()).hexdigest() for name in questions}
    return {"software": version("llm-mri-graph"), "schema": SCHEMA_VERSION, "questions": texts}
