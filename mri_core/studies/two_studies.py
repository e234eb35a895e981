"""Compares two studies in one atlas, in the way that their documents allow, and stores what the comparison leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mri_core.errors import UsageError
from mri_core.records.graph import Study
from mri_core.statistics.fdr import Method
from mri_core.store.reading import Readable
from mri_core.store.store import Store
from mri_core.studies.other_documents import OtherDocuments, compare_other_documents
from mri_core.studies.same_documents import SameDocuments, compare_same_documents, is_paired, measures_of


def compare_two(
    store: Store,
    base: Study,
    other: Study,
    runs: Sequence[Study] = (),
    shams: Sequence[Study] = (),
    *,
    fdr: Method | None = None,
    begin: Callable[[int], None] = lambda steps: None,
    advance: Callable[[], None] = lambda: None,
) -> SameDocuments | OtherDocuments:
    """Compares document by document if both read the same documents, and stores what changed with the second study.

    Args:
        store: that holds all studies.
        base, other, runs, shams, fdr, begin, advance: as of `compare_same_documents`.

    Raises:
        UsageError: as `compare_same_documents` or `compare_other_documents`, or runs are named for other documents.
    """
    compared = compared_two(store, base, other, runs, shams, fdr=fdr, begin=begin, advance=advance)
    if isinstance(compared, SameDocuments):
        store.add_measures(other, measures_of(compared))
    return compared


def compared_two(
    store: Readable,
    base: Study,
    other: Study,
    runs: Sequence[Study] = (),
    shams: Sequence[Study] = (),
    *,
    fdr: Method | None = None,
    begin: Callable[[int], None] = lambda steps: None,
    advance: Callable[[], None] = lambda: None,
) -> SameDocuments | OtherDocuments:
    """The same, and nothing is stored; arguments and errors as of `compare_two`."""
    if is_paired(base, other):
        return compare_same_documents(store, base, other, runs=runs, shams=shams, fdr=fdr, begin=begin, advance=advance)
    if runs or shams:
        fact = f"{other.name} read other documents than {base.name}"
        raise UsageError("Runs are compared on the same documents", fact, "Leave --run and --sham out")
    return compare_other_documents(store, base, other, fdr=fdr, begin=begin, advance=advance)
