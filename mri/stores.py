"""What is done to a store's studies: deleting one."""

from __future__ import annotations

from mri_core.records.graph import Study
from mri_core.store import Location, Named, open_store


def delete(study: Named, *, store: Location | None = None) -> Study:
    """Deletes a study with everything it owns, its atlas and what is remembered of its corpus.

    >>> mri.delete("demo").name
    'demo'

    Args:
        study: a name, an id or a view.
        store: as of `show`.

    Returns:
        what the study was.

    Raises:
        MriError: there is no such study or store.
    """
    from mri_core.paths import forget

    with open_store(store, create=False) as opened:
        found = opened.study(study, of_any_schema=True)
        opened.upgrade()  # what an older version wrote lacks the mark by which ours is found
        opened.delete(found)
        forget(found.id)
        return found
