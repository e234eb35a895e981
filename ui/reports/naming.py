"""Comparisons of two studies in one atlas, with the names that readers gave to the first one's regions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from mri_core.records.ids import local_id
from ui.wording.labels import words_of

if TYPE_CHECKING:  # the page's start needs no statistics
    from mri_core.studies.other_documents import OtherDocuments
    from mri_core.studies.same_documents import SameDocuments

Compared = TypeVar("Compared", bound="SameDocuments | OtherDocuments")


def with_reader_names(compared: Compared, given: Mapping[str, str]) -> Compared:
    """The comparison as it is shown: its regions' words begin with the names that readers gave them.

    Args:
        compared: two studies in one atlas, whose regions are the same.
        given: the names, by the ids of the first's regions.
    """
    base = compared.base.id
    names = {local_id(base, region): name for region, name in given.items()}
    known = zip(compared.regions, compared.keywords, strict=True)
    return replace(compared, keywords=tuple(words_of(names.get(region), words) for region, words in known))
