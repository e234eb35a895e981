"""The regions that a study's documents pass, as the store holds them: in its graph, else in a file beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np

from mri_core.errors import StoreError
from mri_core.records.graph import Study
from mri_core.records.ids import local_id, region_id
from mri_core.records.units import refuse_tokens
from mri_core.statistics.blocks import numbered_groups
from mri_core.statistics.fdr import Method
from mri_core.statistics.procedure import Procedure
from mri_core.store import document_table
from mri_core.store.reading import ALL, SLOW, Readable

CATEGORIES = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category)
RETURN c.name AS name ORDER BY name
"""
REGIONS = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
RETURN r.id AS region, r.keywords AS keywords, r.documents AS documents ORDER BY l.index, region
"""
DOCUMENTS = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category)<-[:IN_CATEGORY]-(d:Document)
WHERE c.name IN $categories
RETURN d.ordinal AS ordinal, c.name AS category, d.group AS group ORDER BY ordinal
"""
PASSES = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer {index: $layer})
MATCH (l)<-[:IN_LAYER]-(r:Region)<-[p:PASSES]-(d:Document)
WHERE d.category IN $categories
RETURN d.ordinal AS ordinal, r.id AS region, p.margin AS margin
"""


@dataclass(frozen=True)
class Placements:
    """Documents of some categories and the regions that they pass.

    Attributes:
        ordinals: (documents,) in the study, rising.
        placement: (documents, layers) number of each one's region.
        labels: (documents,) number of its category among the chosen.
        groups: (documents,) number of its group; None if the study has none.
        regions, keywords: of each number.
        margins: (documents, layers) how far each lies inside its region; None if the study does not say.
    """

    ordinals: np.ndarray
    placement: np.ndarray
    labels: np.ndarray
    groups: np.ndarray | None
    regions: list[str]
    keywords: list[tuple[str, ...]]
    margins: np.ndarray | None = None

    def local(self, study: str) -> list[str]:
        """Each region within its study, `L3/R5`."""
        return [local_id(study, region) for region in self.regions]

    def procedure(self, study: Study, categories: int, fdr: Method | None) -> Procedure:
        """How these documents are tested.

        Args:
            study: that they are of.
            categories: number of the chosen ones.
            fdr: how q is computed; None for the study's own method.
        """
        return Procedure(self.labels, categories, method_of(study, fdr), self.groups, seed=study.seed)


def method_of(study: Study, fdr: Method | None) -> Method:
    """How q is computed: as asked, else by the study's own method; older studies were not tested."""
    return cast("Method", fdr or study.fdr or "discrete")


def categories_of(store: Readable, study: Study) -> list[str]:
    """Names of a study's categories, sorted."""
    return [str(name) for (name,) in _rows(store, study, CATEGORIES)]


def read_placements(store: Readable, study: Study, categories: Sequence[str]) -> Placements:
    """The documents of some categories.

    Args:
        store: that holds the study.
        study: a ready one whose regions hold documents.
        categories: of it; labels are their places here.

    Raises:
        UsageError: the study is a scan of tokens.
        StoreError: the graph holds a sample of the documents, and the table of all is not there or another study's.
    """
    regions = _regions(store, study)
    read = _of_graph if study.documents_stored is None else _of_table
    return read(store, study, categories, regions)


def read_stored(store: Readable, study: Study, categories: Sequence[str]) -> Placements:
    """The documents that the graph holds: all, or its sample of them; arguments are those of `read_placements`."""
    return _of_graph(store, study, categories, _regions(store, study))


def _regions(store: Readable, study: Study) -> _Regions:
    refuse_tokens(study, "A store has the regions of whole documents, and of a single token none")
    return _Regions(*zip(*_rows(store, study, REGIONS), strict=True))


class _Regions(NamedTuple):
    """Ids of a study's regions, their words, and their documents."""

    ids: tuple[str, ...]
    keywords: tuple[list[str], ...]
    documents: tuple[int, ...]

    @property
    def number(self) -> dict[str, int]:
        """The place of each region, by its id."""
        return {region: index for index, region in enumerate(self.ids)}

    @property
    def columns(self) -> tuple[list[str], list[tuple[str, ...]]]:
        """Ids and words, as `Placements` has them."""
        return list(self.ids), [tuple(words) for words in self.keywords]


def _of_graph(store: Readable, study: Study, categories: Sequence[str], regions: _Regions) -> Placements:
    """By nodes and relationships."""
    number = regions.number
    label = {category: index for index, category in enumerate(categories)}
    documents = _rows(store, study, DOCUMENTS, categories=list(categories))
    ordinals = np.array([ordinal for ordinal, *_ in documents], dtype=np.int64)
    labels = np.array([label[category] for _, category, _ in documents], dtype=np.int64)
    placement = np.empty((len(ordinals), study.layers), dtype=np.int64)
    margins = np.full((len(ordinals), study.layers), np.nan)
    for layer in range(study.layers):  # a layer at a time: an answer has a row for each document
        passes = _rows(store, study, PASSES, categories=list(categories), layer=layer)
        place = np.searchsorted(ordinals, [ordinal for ordinal, *_ in passes])
        placement[place, layer] = [number[region] for _, region, _ in passes]
        margins[place, layer] = [np.nan if margin is None else margin for *_, margin in passes]
    return Placements(
        ordinals,
        placement,
        labels,
        numbered_groups([own for *_, own in documents]),
        *regions.columns,
        None if np.isnan(margins).any() else margins,
    )


def _of_table(store: Readable, study: Study, categories: Sequence[str], regions: _Regions) -> Placements:
    """By the table of all documents, of which the graph holds a sample."""
    path, number = store.document_table(study.id), regions.number
    found = document_table.read(path, study)
    placement = np.column_stack(
        [
            np.array([number.get(region_id(study.id, layer, name), -1) for name in names])[codes]
            for layer, (names, codes) in enumerate(found.regions)
        ]
    )
    counted = np.bincount(placement.ravel() + 1, minlength=len(regions.ids) + 1)
    if counted.tolist() != [0, *regions.documents]:
        fact = f"{path} has other documents in its regions than {study.name}"
        raise StoreError(document_table.RULE, fact, document_table.REMEDY.format(name=study.name))
    places = [categories.index(name) if name in categories else -1 for name in found.categories]
    labels = np.array(places)[found.labels]
    ordinals = np.flatnonzero(labels >= 0)
    return Placements(
        ordinals,
        placement[ordinals],
        labels[ordinals],
        None if found.groups is None else numbered_groups([found.groups[ordinal] for ordinal in ordinals.tolist()]),
        *regions.columns,
        None if found.margins is None else found.margins[ordinals],
    )


def in_one_numbering(studies: Sequence[Study], read: Sequence[Placements]) -> tuple[list[str], list[np.ndarray]]:
    """Local ids of all regions, and the codes (documents, layers) of each study in their numbers."""
    local = [own.local(study.id) for study, own in zip(studies, read, strict=True)]
    regions = sorted({region for own in local for region in own})
    number = {region: index for index, region in enumerate(regions)}
    places = [np.array([number[region] for region in own]) for own in local]
    return regions, [place[own.placement] for place, own in zip(places, read, strict=True)]


def keywords_of(
    regions: Sequence[str], studies: Sequence[Study], read: Sequence[Placements]
) -> tuple[tuple[str, ...], ...]:
    """The words of each region, from the first study that has it."""
    words: dict[str, tuple[str, ...]] = {}
    for study, own in zip(studies, read, strict=True):
        for region, keywords in zip(own.local(study.id), own.keywords, strict=True):
            words.setdefault(region, keywords)
    return tuple(words[region] for region in regions)


def _rows(store: Readable, study: Study, statement: str, **values: object) -> tuple[tuple[Any, ...], ...]:
    return store.read(statement, {"study": study.id, **values}, timeout=SLOW, max_rows=ALL).rows
