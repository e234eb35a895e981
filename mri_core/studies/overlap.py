"""Documents of one study that are near-duplicates of another's: they are no independent evidence."""

from __future__ import annotations

import numpy as np

from mri_core.records.graph import Study
from mri_core.store import document_table
from mri_core.store.reading import ALL, SLOW, Readable
from mri_core.texts.near_duplicates import near_duplicates

EXCERPTS = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Category)<-[:IN_CATEGORY]-(d:Document)
RETURN d.ordinal AS ordinal, d.excerpt AS excerpt ORDER BY ordinal
"""


def repeated(store: Readable, study: Study, other: Study) -> np.ndarray:
    """Ordinals of the documents of `other` that are near-duplicates of a document of `study`, rising.

    They are compared by what the store holds of their texts, the beginning; documents without texts repeat nothing.
    """
    known, new = (_texts(store, one) for one in (study, other))
    codes = np.repeat([0, 1], [len(known), len(new)])
    across = near_duplicates([text for _, text in (*known, *new)]).across(codes)
    marked = across[len(known) :]
    return np.array([ordinal for (ordinal, _), again in zip(new, marked.tolist(), strict=True) if again], dtype=int)


def _texts(store: Readable, study: Study) -> list[tuple[int, str]]:
    if study.documents_stored is not None:
        return list(enumerate(document_table.excerpts(store.document_table(study.id), study)))
    rows = store.read(EXCERPTS, {"study": study.id}, timeout=SLOW, max_rows=ALL).rows
    return [(int(ordinal), str(excerpt or "")) for ordinal, excerpt in rows]
