"""Names and notes on regions, for notebooks: as `mri name` gives and lists them."""

from __future__ import annotations

from mri.arguments import text
from mri_core.records.annotations import Annotation
from mri_core.store import Location, Named, open_store


def name(
    study: Named, region: str, name: str | None = None, *, note: str | None = None, store: Location | None = None
) -> Annotation:
    """Give a region a name, a note or both, as `mri name` does.

    >>> mri.name("demo", "L0/R0", "night sky", note="stars and planets").name
    'night sky'
    >>> mri.name("demo", "L0/R0", "", note="").empty  # takes both away
    True

    Args:
        study: a name, an id or a view.
        region: within the study, `L4/R10`.
        name: of up to 80 characters; "" takes it away, None leaves it as it is.
        note: of up to 4,000 characters; likewise.
        store: a folder or a server's URL; None for `MRI_STORE`, else `./mri-store`.

    Returns:
        What the region has now: its `region`, `name`, `note` and `changed_at` (ISO 8601, UTC).

    Raises:
        MriError: an unknown study or region, or a name or note that cannot be one.
    """
    from mri_core.studies.names import give

    region = text("A region within a study", region)
    name = None if name is None else text("A region's name", name)
    note = None if note is None else text("A note", note)
    with open_store(store, create=False) as opened:
        _, given = give(opened, opened.study(study), region, name=name, note=note)
        return given


def names(study: Named, *, store: Location | None = None) -> list[Annotation]:
    """The names and notes that readers gave to a study's regions, by layer and region.

    >>> [given.name for given in mri.names("demo")]
    []

    Args:
        study: a name, an id or a view.
        store: as of `name`.

    Raises:
        MriError: an unknown study, or a store that is not there.
    """
    with open_store(store, create=False) as opened:
        return opened.annotations(opened.study(study))
