"""The tokens of a text in a ready study of tokens: made again by its model, and placed in its frozen atlas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from ingest.run import Run
from ingest.studies.explaining import check_named, find_document
from ingest.studies.later_texts import LaterReader, check_texts, open_later
from ingest.studies.reread import refuse_older_plan
from mri_core.atlas.fitting import layer_scores, region_name
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.numbers import how_many
from mri_core.records.arrays import Frequency
from mri_core.records.corpus import UNTAGGED, Document, Span
from mri_core.records.explained import SINK, layers_told
from mri_core.records.graph import Study
from mri_core.records.ids import layer_of, local_id
from mri_core.records.token_places import UNSCANNED, PlacedToken, TokenPlaces
from mri_core.records.units import refuse_documents
from mri_core.store.reading import ALL, Readable
from mri_core.studies.placements import categories_of

if TYPE_CHECKING:
    from ingest.extract.text_tokens import TextRows

WORD = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")
NEW = ""  # the tag of the words of a text that has none
WORDS_OF_NEW = "The text has no tags: each of its words and signs is placed, as words with tags were."
TAGGED = """
MATCH (d:Document {llm_mri: true, study: $study}) WHERE d.category IS NULL
RETURN d.id AS document LIMIT 1
"""
HELD = """
MATCH (d:Document {llm_mri: true, id: $document})-[p:PASSES]->(r:Region)
RETURN r.id AS region, p.tokens AS tokens
"""


class _Place(NamedTuple):
    """Where the tokens of a text lie in a layer: (tokens,) each; no margins where the kind of atlas has none."""

    regions: Sequence[str]
    distances: np.ndarray
    margins: np.ndarray | None


@dataclass(frozen=True)
class TokenPlacer:
    """Places the tokens of texts as the scan of a study placed its own.

    Attributes:
        reader: of the study.
        study: whose unit is the token.
        categories: the names of its categories: words with other tags are left out.
        tagged: its tokens are words with tags of their own.
    """

    reader: LaterReader
    study: Study
    categories: tuple[str, ...]
    tagged: bool

    def place(self, text: str | Document, own: str | None = None) -> TokenPlaces:
        """The tokens of a text.

        Args:
            text: a new one, or a document of the study.
            own: its id within the study, if it has one.

        Raises:
            UsageError: the text is blank.
            ModelError: the model fails on it.
        """
        if isinstance(text, str):
            check_texts([text], "explain")
        document = text if isinstance(text, Document) else self._new(text)
        stored = json.loads(self.study.parameters)
        untagged = UNTAGGED if stored.get("untagged") else None
        rows = self.reader.read_text(document, subtokens=stored.get("subtokens", "first"), untagged=untagged)
        tokens = tuple(self._tokens(document, rows))
        notes = [WORDS_OF_NEW] if self.tagged and isinstance(text, str) else []
        if lost := int(rows.plan.pieceless.sum()):
            notes.append(
                f"{how_many(lost, 'word')} without a token of its own, joined with the word before or left out."
            )
        if rows.cut:
            notes.append(f"{how_many(rows.cut, 'token')} at its end cut off, as the study's texts were.")
        if not any(token.regions for token in tokens):
            notes.append("It has no token that is placed.")
        return TokenPlaces(self.study.id, own, document.text, tokens, self.study.layers, rows.cut, tuple(notes))

    def _new(self, text: str) -> Document:
        """A text that has no tags: in a study of words with tags each of its words is placed."""
        words = tuple(Span(*word.span(), NEW) for word in WORD.finditer(text)) if self.tagged else None
        return Document(0, "", text, "", spans=words)

    def _tokens(self, document: Document, rows: TextRows) -> Iterator[PlacedToken]:
        """All positions in order; a word with a tag stands where its first piece is."""
        placed, first, inside = self._rows(document, rows), dict[int, int](), set[int]()
        for number, places in enumerate(rows.positions):
            first[places[0]] = number
            inside.update(places)
        for place, piece in enumerate(rows.pieces):
            if place in first:
                yield placed[first[place]]
            elif place not in inside:
                yield PlacedToken(*piece, left_out=rows.reasons[place])

    def _rows(self, document: Document, rows: TextRows) -> list[PlacedToken]:
        """The tokens that have a row."""
        plan, layers = rows.plan, self._layers(rows)
        found = []
        for number, (begin, end) in enumerate(zip(plan.begin.tolist(), plan.end.tolist(), strict=True)):
            tag = (plan.labels[plan.label[number]] or None) if plan.labels else None
            kind = plan.types[plan.kind[number]]
            known = PlacedToken(document.text[begin:end] or kind, begin, end, kind, tag)
            out = SINK if rows.sunk[number] else UNSCANNED if tag is not None and tag not in self.categories else ""
            found.append(known._replace(left_out=out) if out else _with_places(known, layers, number))
        return found

    def _layers(self, rows: TextRows) -> list[_Place]:
        """Where the rows lie in the study's frozen atlas, layer by layer."""
        if not rows.plan.tokens:
            return []
        atlas, spec = self.reader.atlas, self.reader.atlas.spec
        kind, known = ATLAS_KINDS.named(spec.kind), rows.plan.covariates(cast(Frequency, atlas.frequency))
        found = []
        for layer, (fitted, own) in enumerate(zip(atlas.layers, rows.layers, strict=True)):
            reduced = layer_scores(spec, fitted, own, known)
            codes = kind.assign(fitted, reduced)
            located = kind.located(fitted, reduced)
            names = [f"L{layer}/R{region_name(spec, int(code))}" for code in codes]
            found.append(_Place(names, located.distances, located.margins))
        return found


def _with_places(token: PlacedToken, layers: Sequence[_Place], number: int) -> PlacedToken:
    """A token with where it lies."""
    return token._replace(
        regions=tuple(layer.regions[number] for layer in layers),
        distances=tuple(float(layer.distances[number]) for layer in layers),
        margins=tuple(float(layer.margins[number]) for layer in layers if layer.margins is not None),
    )


def open_placer(
    store: Readable, study: Study, reader: LaterReader | None = None, *, trust_remote_code: bool = False
) -> TokenPlacer:
    """Loads a study's model and atlas to place tokens.

    Args:
        store: that holds the study.
        study: a ready one.
        reader: of the study, where it is open already; None to open it.
        trust_remote_code: run code that the model brings along, whether or not its scan did.

    Raises:
        UsageError: the study's unit is not the token.
        MriError: what `open_later` raises.
    """
    refuse_documents(study, "A text is placed token by token in a scan of tokens")
    refuse_older_plan(study)
    reader = reader or open_later(store, study, trust_remote_code=trust_remote_code)
    tagged = bool(store.read(TAGGED, {"study": study.id}).rows)
    return TokenPlacer(reader, study, tuple(categories_of(store, study)), tagged)


def token_places(
    store: Readable,
    study: Study,
    *,
    document: str | None = None,
    text: str | None = None,
    reader: LaterReader | None = None,
    trust_remote_code: bool = False,
    run: Run | None = None,
) -> TokenPlaces:
    """A text of a study of tokens or another one, each of its tokens with its regions.

    Args:
        store: that holds the study.
        study: a ready one, whose unit is the token.
        document: `D12`, or its own id in the corpus.
        text: another one.
        reader, trust_remote_code: as of `open_placer`.
        run: receives the stages; None for silence.

    Raises:
        UsageError: neither or both are given; there is no such document; or as `open_placer`.
        ModelError: the model is gone or fails.
        CorpusError: a document's corpus is gone or has changed.
        MriError: what `open_later` raises.
    """
    check_named(document, text)
    refuse_documents(study, "A text is placed token by token in a scan of tokens")
    own = None if document is None else find_document(study, document)
    advance = (run or Run()).stage("explaining", 1, "texts")
    placer = open_placer(store, study, reader, trust_remote_code=trust_remote_code)
    given = cast(str, text) if own is None else own
    found = placer.place(given, None if own is None else f"D{own.ordinal}")
    advance()
    return found if own is None else _as_stored(store, found)


def _as_stored(store: Readable, found: TokenPlaces) -> TokenPlaces:
    """With a note on layers in which the model, run here, places tokens elsewhere than the study has them."""
    rows = store.read(HELD, {"document": f"{found.study}/{found.document}"}, max_rows=ALL).rows
    stored: dict[int, dict[str, int]] = {}
    for region, tokens in rows:
        local = local_id(found.study, region)
        stored.setdefault(layer_of(local), {})[local] = tokens
    elsewhere = [layer for layer in range(found.layers) if found.counts(layer) != stored.get(layer, {})]
    if not elsewhere:
        return found
    note = (
        f"The study has its tokens in other regions in {layers_told(elsewhere)}: shown is where the model, run here, "
    )
    return replace(found, notes=(*found.notes, f"{note}puts them."))
