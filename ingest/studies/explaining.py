"""Which tokens of a text put it where it lies in a study's regions: one forward pass, and no approximation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ingest.frozen import open_frozen
from ingest.run import Run
from ingest.studies.later_texts import LaterReader, check_texts, open_later
from ingest.studies.reread import open_texts, request_of
from mri_core.atlas.fitting import layer_scores, region_name
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.parts import TokenMap, check_linear
from mri_core.errors import ModelError, UsageError
from mri_core.numbers import how_many
from mri_core.records.corpus import Document
from mri_core.records.explained import Explained, LayerParts, layers_told
from mri_core.records.graph import GIVEN, Study
from mri_core.records.ids import layer_of, local_id
from mri_core.records.units import refuse_tokens
from mri_core.store.reading import ALL, Readable
from mri_core.studies.token_request import Named, Wanted, check_wanted, named_of

if TYPE_CHECKING:
    from ingest.extract.token_states import LayerStates, Take, TextTokens

EVERY_LAYER = Wanted()
EXACT = 1e-4  # of a number: as far as the sum of its parts agrees, but near 0
ORDINAL = re.compile(r"D\d+")
PASSED = """
MATCH (d:Document {llm_mri: true, id: $document})-[:PASSES]->(r:Region)
RETURN r.id AS region ORDER BY r.layer
"""


class Told(NamedTuple):
    """A text's tokens, the parts of each layer that was asked about, and the regions in those of a connection."""

    tokens: TextTokens
    layers: list[LayerParts]
    lies: Mapping[int, str] = MappingProxyType({})


class Explainer:
    """Takes texts apart in a study's regions.

    Args:
        reader: of the study.
        study: whose usual length the parts of length are compared with.

    Raises:
        UsageError: a place in the atlas is no sum over tokens.
    """

    def __init__(self, reader: LaterReader, study: Study) -> None:
        check_linear(reader.atlas.spec)
        self._reader, self.atlas = reader, reader.atlas
        self._kind = ATLAS_KINDS.named(self.atlas.spec.kind)
        usual = usual_length(study)
        self._maps = [TokenMap.of(self.atlas.spec, layer, usual) for layer in self.atlas.layers]

    def explain(self, texts: Sequence[str], named: Named) -> list[Told]:
        """The texts, in their order.

        Args:
            texts: none of them blank.
            named: what is asked about each.

        Raises:
            UsageError: a text is blank, or regions do not go together.
            ModelError: the model fails on a text.
        """
        found: dict[int, Told] = {}
        ends = {layer_of(end) for end in named.ends or ()}

        def begin(index: int, tokens: TextTokens) -> Take:
            lies: dict[int, str] = {}
            told = found[index] = Told(tokens, [], lies)

            def take(layer: int, states: LayerStates) -> None:
                if layer in named.layers:
                    told.layers.extend(self._parts(layer, states, tokens.read, named))
                if layer in ends:
                    lies[layer] = self._region(layer, states, tokens.read)

            return take

        self._reader.read_tokens(texts, begin)
        return [found[index] for index in range(len(texts))]

    def _region(self, layer: int, states: LayerStates, length: int) -> str:
        """The region that a text lies in, by its id within the study."""
        fitted, spec = self.atlas.layers[layer], self.atlas.spec
        (code,) = self._kind.assign(fitted, layer_scores(spec, fitted, states.row[None], np.array([length])))
        return f"L{layer}/R{region_name(spec, int(code))}"

    def _parts(self, layer: int, states: LayerStates, length: int, named: Named) -> list[LayerParts]:
        """What is asked about a layer, one text's states of which are at hand."""
        fitted, spec = self.atlas.layers[layer], self.atlas.spec
        (reduced,) = layer_scores(spec, fitted, states.row[None], np.array([length]))
        coordinates = self._maps[layer].coordinates(states.states, length)
        told = []
        for aspect in self._kind.aspects(fitted, reduced, named.code, named.versus):
            parts = coordinates.along(aspect)
            tokens = np.full(len(states.pooled), np.nan)
            tokens[states.pooled] = parts.tokens
            region, versus = (
                None if code is None else f"L{layer}/R{region_name(spec, code)}"
                for code in (aspect.code, aspect.versus)
            )
            numbers = aspect.value, tokens, parts.length, parts.constant
            told.append(LayerParts(layer, aspect.name, str(region), versus, *numbers))
        return told


def usual_length(study: Study) -> float:
    """Mean tokens of a study's texts, at least 1."""
    return max(1.0, json.loads(study.report).get("tokens", 0) / study.documents)


def explain(
    store: Readable,
    study: Study,
    *,
    document: str | None = None,
    text: str | None = None,
    wanted: Wanted = EVERY_LAYER,
    reader: LaterReader | None = None,
    trust_remote_code: bool = False,
    run: Run | None = None,
) -> Explained:
    """A document of a study or another text, token by token.

    Args:
        store: that holds the study.
        study: a ready one of texts that a model read.
        document: `D12`, or its own id in the corpus.
        text: another one.
        wanted: what is asked about it.
        reader: of the study, where it is open already; None to open it.
        trust_remote_code: run code that the model brings along, whether or not its scan did.
        run: receives the stages; None for silence.

    Raises:
        UsageError: neither or both are given; there is no such document, layer, region or connection; the atlas is of
            UMAP, or the study was aligned with another.
        ModelError: the study was made of given activations, or its model is gone or fails.
        CorpusError: a document's corpus is gone or has changed.
        MriError: what `open_later` raises.
    """
    check_wanted(wanted)
    check_named(document, text)
    refuse_tokens(study, "A document's place is taken apart into its tokens", "Call mri.token_places")
    run = run or Run()
    check_explicable(study)
    atlas = open_frozen(store, study).atlas if reader is None else reader.atlas
    check_linear(atlas.spec)
    own = None if document is None else find_document(study, document)
    words = own.text if own is not None else "" if text is None else text
    check_texts([words], "explain")
    named = named_of(store, study, atlas, wanted, None if own is None else own.category)
    advance = run.stage("explaining", 1, "texts")
    reader = reader or open_later(store, study, trust_remote_code=trust_remote_code)
    (told,) = Explainer(reader, study).explain([words], named)
    advance()
    found = explained(study, words, told, None if own is None else f"D{own.ordinal}")
    if named.ends is not None:
        return _along(store, study, found, named.ends, told.lies)
    return found if own is None or named.code is not None else _as_stored(store, study, found)


def check_named(document: str | None, text: str | None) -> None:
    """Raises `UsageError` unless a document, by its name, or a text is given."""
    if document is not None and not isinstance(document, str):
        raise UsageError("A document is named by a string, such as 'D12'", f"It is {document!r}")
    if (document is None) == (text is None):
        fact = "Both are" if document is not None else "Neither is"
        raise UsageError("A document of the study or a text is explained", f"{fact} given", "Give --document or --text")


def check_explicable(study: Study) -> None:
    """Raises `MriError` for a study whose documents' tokens cannot be read as they were."""
    if study.model == GIVEN:
        fact = f"{study.name} was made of given activations, a row for each document"
        raise ModelError("Tokens are those of texts that a model reads", fact, "Scan the texts themselves")
    if json.loads(study.parameters).get("align"):
        fact = f"Those of {study.name} were aligned with {study.atlas_of}, and the rotation is not stored"
        raise UsageError("Tokens are placed as a study's documents are", fact, f"Explain the text in {study.atlas_of}")


def explained(study: Study, text: str, told: Told, document: str | None = None) -> Explained:
    """What was found of a text, with what a reader should know of its tokens."""
    tokens, notes = told.tokens, []
    if tokens.unread:
        notes.append("It has no token that could be read by itself: special ones are read in their place.")
    if tokens.cut:
        notes.append(f"{how_many(tokens.cut, 'token')} at its end cut off, as the study's texts were.")
    if apart := sorted(
        {parts.layer for parts in told.layers if abs(parts.total - parts.value) > EXACT * abs(parts.value)}
    ):
        where = layers_told(apart)
        notes.append(
            f"The sum differs from the number by more than 1e-4 of it in {where}: rounding of a number near 0."
        )
    return Explained(study.id, document, text, tokens.tokens, tuple(told.layers), tokens.cut, tuple(notes))


def find_document(study: Study, name: str) -> Document:
    """A document of a study with its text, from the corpus as it was scanned.

    Args:
        study: of texts.
        name: `D12`, with or without the study's id before it, or its own id in the corpus.

    Raises:
        UsageError: there is no such document; or the name is that of several.
        CorpusError: the corpus is gone or has changed.
    """
    documents = open_texts(study, request_of(study, trust_remote_code=False))
    local = local_id(study.id, name)
    ordinal = int(local[1:]) if ORDINAL.fullmatch(local) else None
    found = []
    for one in documents:
        if one.ordinal == ordinal or one.source_id == name:
            found.append(one)
            if documents.columns.id is None or local != name:  # no other has an id of its own that is this one
                break
    if not found:
        fact = f"It has D0 to D{study.documents - 1}"
        raise UsageError(f"No document of {study.name} is called {name!r}", fact, "Look: mri query documents")
    if len(found) > 1:
        ids = " or ".join(f"{study.id}/D{one.ordinal}" for one in found[:2])
        rule = "A document's name is that of one document"
        raise UsageError(rule, f"{name!r} is that of {len(found)}", f"Give the full id of one, {ids}, instead")
    return found[0]


def _along(
    store: Readable, study: Study, found: Explained, ends: tuple[str, str], lies: Mapping[int, str]
) -> Explained:
    """With a note, before all others, if the text or document does not take the connection that is asked about."""
    passed = {layer_of(region): region for region in _stored(store, study, found)}
    source, target = ({**lies, **passed}[layer_of(end)] for end in ends)
    if (source, target) == ends:
        return found
    note = f"{found.document or 'The text'} does not take this connection; it lies in {target}, after {source}."
    return replace(found, notes=(note, *found.notes))


def _stored(store: Readable, study: Study, found: Explained) -> set[str]:
    """The regions that a document passes as the study has them; none of a text, or where it is not stored."""
    rows = store.read(PASSED, {"document": f"{study.id}/{found.document}"}, max_rows=ALL).rows
    return {local_id(study.id, region) for (region,) in rows}


def _as_stored(store: Readable, study: Study, found: Explained) -> Explained:
    """With a note on layers in which the model, run here, places the document elsewhere than the study has it."""
    stored = _stored(store, study, found)
    elsewhere = sorted({parts.layer for parts in found.layers if stored and parts.region not in stored})
    if not elsewhere:
        return found
    where = layers_told(elsewhere)
    note = f"The study has it in other regions in {where}: what is shown is where the model, run here, puts it."
    return replace(found, notes=(*found.notes, note))
