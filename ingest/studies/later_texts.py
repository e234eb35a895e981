"""Later texts, run through a study's own model as its documents were, and placed in its atlas."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ingest.executor import load_as_asked, place_again
from ingest.extract.records import MemoryRows, TokenFacts
from ingest.frozen import open_frozen
from ingest.model.source import resolve_again
from ingest.pace import ScanMeter
from ingest.progress import Silent
from ingest.studies.reread import request_of
from mri_core.errors import ModelError, MriError, UsageError
from mri_core.records.arrays import Activations, Atlas
from mri_core.records.corpus import Document
from mri_core.records.graph import GIVEN, Study
from mri_core.store.reading import Readable

if TYPE_CHECKING:
    from ingest.extract.text_tokens import TextRows
    from ingest.extract.token_planner import Subtokens
    from ingest.extract.token_states import Begin
    from ingest.model.loading import LoadedModel


class LaterTexts(NamedTuple):
    """Activations and token facts of later texts.

    Attributes:
        activations: one row per text and layer, with the texts' tokens.
        cut: (texts,) tokens beyond the length that the study's texts were truncated to.
        unread: (texts,) texts without a token that could be read.
    """

    activations: Activations
    cut: np.ndarray
    unread: np.ndarray


@dataclass(frozen=True)
class LaterReader:
    """A study's model and atlas, ready for later texts. Calls from several threads run one at a time."""

    model: LoadedModel
    atlas: Atlas
    pooling: str
    _alone: Lock = field(default_factory=Lock, repr=False)

    def read(self, texts: Sequence[str]) -> LaterTexts:
        """Runs texts through the model.

        Raises:
            UsageError: there is no text, or one is blank; or the study's unit is the token.
            ModelError: the model fails on them.
        """
        check_texts(texts)
        if self.atlas.frequency is not None:
            remedy = "Place its tokens: mri explain STUDY --text"
            raise UsageError("A text as a whole is placed in a scan of documents", "This atlas is of tokens", remedy)
        from ingest.extract.extraction import extract_here

        documents = [Document(ordinal, "", text, "") for ordinal, text in enumerate(texts)]
        rows = MemoryRows(len(texts), self.model.widths)
        meter = ScanMeter(Silent(), np.array([len(text) for text in texts]))
        with self._alone:
            extract_here(self.model, documents, len(texts), rows.opened, pooling=self.pooling, meter=meter)
        facts = TokenFacts.of_table(rows.facts)
        activations = Activations(tuple(rows.layers), facts.lengths)
        return LaterTexts(activations, facts.cut, facts.unread)

    def read_tokens(self, texts: Sequence[str], begin: Begin) -> None:
        """Runs texts through the model and hands out their tokens' states.

        Raises:
            UsageError: there is no text, or one is blank.
            ModelError: what `TokenReader.read` raises.
        """
        check_texts(texts)
        from ingest.extract.token_states import TokenReader

        with self._alone:
            TokenReader(self.model, self.pooling).read(texts, begin)

    def read_text(self, document: Document, *, subtokens: Subtokens, untagged: str | None) -> TextRows:
        """Runs a text through the model as a scan of tokens does.

        Raises:
            UsageError: it is blank.
            ModelError: what `ingest.extract.text_tokens.read_text` raises.
        """
        check_texts([document.text])
        from ingest.extract.text_tokens import read_text

        meter = ScanMeter(Silent(), np.array([len(document.text)]))
        with self._alone:
            return read_text(self.model, self.pooling, document, meter, subtokens=subtokens, untagged=untagged)


def check_texts(texts: Sequence[str], purpose: str = "place") -> None:
    """Raises `UsageError` if there is no text, or one is blank, no string or no Unicode."""
    for text in texts:
        if not isinstance(text, str):
            raise UsageError(f"A text to {purpose} is a string", f"One is of type {type(text).__name__}")
    if not texts or any(not text or text.isspace() for text in texts):
        raise UsageError(f"A text to {purpose} has something in it", "One is blank" if texts else "There is none")
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        fact = "One holds half a surrogate pair"
        raise UsageError(f"A text to {purpose} is Unicode", fact, "Remove it") from error


def open_later(store: Readable, study: Study, *, trust_remote_code: bool = False) -> LaterReader:
    """Loads the atlas of a study, and its model as configured for its documents.

    Args:
        store: that holds the study.
        study: a ready one.
        trust_remote_code: run code that the model brings along, whether or not its scan did.

    Raises:
        ModelError: it was made of given activations; or the model is gone, has other weights now, or cannot be loaded.
        StoreError: what `open_frozen` raises.
        UsageError: its activations were aligned with those of another study.
        MriError: this version does not know how the study was made.
    """
    if study.model == GIVEN:
        fact = f"{study.name} was made of given activations, and nothing is known of their model"
        raise ModelError("Later texts are run through the model of a study", fact, "Scan the texts themselves")
    atlas = open_frozen(store, study).atlas
    report = json.loads(study.report)
    request = request_of(study, trust_remote_code=trust_remote_code)
    if request.align:
        fact = f"Those of {study.name} were aligned with {study.atlas_of}, and the rotation is not stored"
        raise UsageError("Later texts are placed as a study's documents are", fact, f"Place them in {study.atlas_of}")
    request = replace(request, max_length=report.get("max_length", request.max_length))
    try:
        source = resolve_again(request.model, study.model_revision)
    except MriError as error:
        rule = "Later texts are run through the very model of a study"
        remedy = error.remedy or "Put it back where it was when the study was made"
        raise ModelError(rule, str(MriError(error.rule, error.fact)), remedy) from error
    # what it computed in, on whatever device there is
    place = place_again(request, "auto", report.get("run", {}).get("dtype", request.dtype))
    return LaterReader(load_as_asked(request, source, place), atlas, request.pooling)
