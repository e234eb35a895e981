"""The texts of a scan of tokens as batches of rows: nodes, and how many of their tokens are where.

A text has one relationship to a category or region that holds any of its tokens, not one a token. Tokens are counted a
few thousand at a time, text by text, so that what is in memory does not grow with the study.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

import numpy as np

from mri_core.records.corpus import Document, excerpt
from mri_core.records.graph import StudyGraph
from mri_core.records.ids import category_id, document_id
from mri_core.store.columns import row_of
from mri_core.store.creating import IN_CATEGORY, PASSES_OF_TOKENS, TEXT, TEXTS
from mri_core.texts.readable import decoded

Counted = tuple[str, list[list[Any]], int]  # a statement, its rows, and how many nodes or relationships they make


@dataclass(frozen=True)
class Tokens:
    """The tokens of a study, text by text.

    Attributes:
        texts: (tokens,) ordinal of each one's text, rising.
        first: (texts + 1,) place of the first token of each text, and the number of tokens.
        placement: (tokens, layers) index of each one's region.
        labels: (tokens,) index of each one's category; None if it is that of its text.
    """

    texts: np.ndarray
    first: np.ndarray
    placement: np.ndarray
    labels: np.ndarray | None

    @classmethod
    def of(cls, graph: StudyGraph) -> Self:
        """The tokens of a graph whose unit they are."""
        texts, placement, labels = np.asarray(graph.texts), graph.connectome.placement, graph.labels
        if (np.diff(texts) < 0).any():
            order = texts.argsort(kind="stable")
            texts, placement, labels = texts[order], placement[order], None if labels is None else labels[order]
        return cls(texts, np.searchsorted(texts, np.arange(graph.study.documents + 1)), placement, labels)

    def inside(self, documents: list[Document]) -> np.ndarray:
        """Places of the tokens of some texts."""
        own = [np.arange(self.first[d.ordinal], self.first[d.ordinal + 1]) for d in documents]
        return np.concatenate(own)

    def total(self) -> int:
        """Number of relationships from texts to categories and regions."""
        own = np.zeros(len(self.texts)) if self.labels is None else self.labels
        columns = [own, *self.placement.T]
        return sum(len(np.unique(self._keys(column, slice(None)))) for column in columns)

    def counted(self, column: np.ndarray, tokens: np.ndarray) -> Iterator[tuple[int, list[list[int]]]]:
        """Each number that a column has among some tokens, rising: ordinals of texts and how many of their tokens."""
        keys, counts = np.unique(self._keys(column, tokens), return_counts=True)
        numbers, ordinals = np.divmod(keys, len(self.first))
        rows = zip(numbers.tolist(), ordinals.tolist(), counts.tolist(), strict=True)
        for number, group in groupby(rows, key=lambda row: row[0]):
            yield number, [[ordinal, count] for _, ordinal, count in group]

    def _keys(self, column: np.ndarray, tokens: np.ndarray | slice) -> np.ndarray:
        """One number for each pair of a column's number and a text."""
        return column[tokens].astype(np.int64) * len(self.first) + self.texts[tokens]


def text_rows(
    graph: StudyGraph, tokens: Tokens, categories: list[str], regions: list[str], most: int
) -> Iterator[Counted]:
    """Texts, and then the categories and regions that hold their tokens: their stream is read once.

    Args:
        graph: of the study.
        tokens: of it.
        categories: their ids, in the order of the graph's.
        regions: likewise.
        most: tokens that are counted, and relationships that are created, at once; a longer text is counted alone.
    """
    study = graph.study.id
    for part in _parts(graph.documents, tokens, most):
        yield TEXTS, [_text(study, document) for document in part], len(part)
        inside = tokens.inside(part)
        if held := _by_category(study, part, tokens, inside, categories):
            yield IN_CATEGORY, held, _size(held)
        passes = (
            [regions[number], layer, _named(study, pairs)]
            for layer in range(tokens.placement.shape[1])
            for number, pairs in tokens.counted(tokens.placement[:, layer], inside)
        )
        yield from ((PASSES_OF_TOKENS, rows, _size(rows)) for rows in _bundled(passes, most))


def _by_category(
    study: str, part: list[Document], tokens: Tokens, inside: np.ndarray, categories: list[str]
) -> list[list[Any]]:
    """Ids of categories with the texts that have tokens of them."""
    if tokens.labels is not None:
        return [[categories[number], _named(study, pairs)] for number, pairs in tokens.counted(tokens.labels, inside)]
    sizes = np.diff(tokens.first)
    ordered = sorted((d for d in part if sizes[d.ordinal]), key=lambda document: document.category)
    return [
        [category_id(study, name), _named(study, [[d.ordinal, int(sizes[d.ordinal])] for d in members])]
        for name, members in groupby(ordered, key=lambda document: document.category)
    ]


def _parts(documents: Iterable[Document], tokens: Tokens, most: int) -> Iterator[list[Document]]:
    """Texts in order, so many at once that they and their tokens are not more than `most`, but at least one."""
    sizes = np.diff(tokens.first) + 1
    part: list[Document] = []
    held = 0
    for document in documents:
        size = int(sizes[document.ordinal])
        if part and held + size > most:
            yield part
            part, held = [], 0
        part.append(document)
        held += size
    if part:
        yield part


def _bundled(rows: Iterable[list[Any]], most: int) -> Iterator[list[list[Any]]]:
    """Rows in lists that make at most `most` relationships together, or hold one row."""
    bundle: list[list[Any]] = []
    for row in rows:
        if bundle and _size(bundle) + len(row[-1]) > most:
            yield bundle
            bundle = []
        bundle.append(row)
    if bundle:
        yield bundle


def _size(rows: list[list[Any]]) -> int:
    return sum(len(row[-1]) for row in rows)


def _named(study: str, pairs: list[list[int]]) -> list[list[Any]]:
    return [[document_id(study, ordinal), count] for ordinal, count in pairs]


def _text(study: str, document: Document) -> list[Any]:
    return row_of(
        TEXT,
        document,
        id=document_id(study, document.ordinal),
        title=decoded(document.title),
        excerpt=excerpt(document.text),
        category=document.category or None,
    )
