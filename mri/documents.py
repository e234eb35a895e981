"""A study's documents as a data frame, with the region of each in every layer, and as an array of regions' codes."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from mri_core.atlas.kinds import ATLAS_KINDS, traits_of
from mri_core.errors import UsageError
from mri_core.records.arrays import AtlasSpec
from mri_core.records.graph import Study
from mri_core.records.ids import document_id, local_id
from mri_core.records.units import of_tokens, refuse_tokens
from mri_core.store import document_table
from mri_core.store.contents import StoredContents
from mri_core.store.reading import ALL

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from mri_core.store.store import Store

Columns = Mapping[str, Any]  # by name, a value for each document
TEXTS = ("document", "category", "title", "id", "group", "excerpt")
MOST_CODES = 2**20  # more than the finest grid has cells
TOKENS = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
WHERE l.index = 0
MATCH (r)<-[p:PASSES]-(d:Document)
RETURN d.id AS document, sum(p.tokens) AS tokens
"""
SAMPLE = "These are the stored ones: the file with the regions of all, {path}, is not there"


def documents(store: Store, of: Study) -> pd.DataFrame:
    """The documents, in the order of ordinals, which are the index; a column for each layer has their regions.

    Of a study of tokens these are its texts, without such columns, and `tokens` is how many tokens of each are placed.

    All documents, from the file beside the store where the graph holds a sample of them. Where that is not there, the
    sample, with a warning; `attrs["sample"]` says so, too.
    """
    import pandas as pd

    path = store.document_table(of.id)
    is_part = of.documents_stored is not None and not path.exists()
    known = _of_file(store, of) if of.documents_stored is not None and not is_part else _of_graph(store, of)
    columns = {**{name: known[name] for name in TEXTS}, **_regions(store, of, is_part=is_part)}
    index = pd.Index(known["ordinal"], dtype="int64", name="ordinal")
    found = pd.DataFrame({name: pd.array(values, dtype="string") for name, values in columns.items()}, index)
    if of_tokens(of):
        counted = pd.Series(_tokens(store, of, known["document"]), index, dtype="Int64")
        found.insert(TEXTS.index("excerpt"), "tokens", counted)
    if is_part:
        found.attrs["sample"] = f"{of.stored}. {SAMPLE.format(path=path)}."
        warnings.warn(found.attrs["sample"], stacklevel=4)
    return found


def codes(documents: pd.DataFrame, of: Study) -> np.ndarray:
    """The codes of the documents' regions.

    Args:
        documents: as the function of that name makes them.
        of: their study.

    Returns:
        (documents, layers) integers, in the order of the rows.

    Raises:
        UsageError: the regions are components, which hold no documents; or tokens are placed in them.
    """
    import numpy as np

    refuse_tokens(of, "A store has the regions of whole documents, and of a single token none")
    if not traits_of(of.atlas).holds_documents:
        fact = f"Those of {of.name} are components, on which each document has a score"
        raise UsageError("Documents have codes where a region holds them", fact, "Place texts: study.place(texts)")
    columns = [documents[column_of(layer)].factorize() for layer in range(of.layers)]
    names = [[region.partition("/R")[2] for region in regions] for _, regions in columns]
    code = _codes_by_name(of, {name for own in names for name in own})
    coded = [np.array([code[name] for name in own], dtype=np.int64) for own in names]
    found = np.column_stack([own[numbers] for own, (numbers, _) in zip(coded, columns, strict=True)])
    found.setflags(write=False)
    return found


def column_of(layer: int) -> str:
    """The column that has the documents' regions in a layer."""
    return f"L{layer}"


def _codes_by_name(of: Study, names: Collection[str]) -> dict[str, int]:
    """The codes of the regions that have these names within their layers: whatever the kind of atlas calls them."""
    spec = AtlasSpec(of.atlas) if of.resolution is None else AtlasSpec(of.atlas, resolution=of.resolution)
    kind, codes = ATLAS_KINDS.named(of.atlas), dict[str, int]()
    for code in range(MOST_CODES):
        if len(codes) == len(names):
            return codes
        if (name := kind.region_name(spec, code)) in names:
            codes[name] = code
    raise UsageError("A region's name says its code", f"No code of {of.name} gives {min(set(names) - set(codes))!r}")


def _of_graph(store: Store, of: Study) -> Columns:
    nodes = list(chain.from_iterable(StoredContents(store, of).nodes("Document")))
    known: dict[str, list[Any]] = {name: [node.get(name) for node in nodes] for name in ("ordinal", *TEXTS)}
    ids = [local_id(of.id, node["id"]) for node in nodes]
    return {**known, "document": ids, "id": [node.get("source_id") for node in nodes]}


def _tokens(store: Store, of: Study, documents: Sequence[str]) -> list[int]:
    """How many tokens of each text are placed, which in every layer are the same."""
    counted = dict(store.read(TOKENS, {"study": of.id}, max_rows=ALL).rows)
    return [counted.get(document_id(of.id, int(name[1:])), 0) for name in documents]


def _of_file(store: Store, of: Study) -> Columns:
    import numpy as np

    path, ordinals = store.document_table(of.id), range(of.documents)
    placed = document_table.read(path, of)
    categories = np.array(placed.categories, dtype=object)[placed.labels]
    ids = [f"D{ordinal}" for ordinal in ordinals]
    return {"ordinal": ordinals, "document": ids, "category": categories, **document_table.texts(path, of)}


def _regions(store: Store, of: Study, *, is_part: bool) -> Columns:
    """By layer the regions of all documents; none among components, and of texts whose tokens lie in many."""
    import numpy as np

    from mri_core.studies.placements import categories_of, read_placements, read_stored

    if of_tokens(of) or not traits_of(of.atlas).holds_documents:
        return {}
    read = read_stored if is_part else read_placements
    placed = read(store, of, categories_of(store, of))
    names = np.array(placed.local(of.id), dtype=object)
    return {column_of(layer): names[numbers] for layer, numbers in enumerate(placed.placement.T)}
