"""A study for other people and other programs: a report, files, bundles, the hub, a graph of networkx."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mri_core.errors import UsageError
from mri_core.records.graph import Study
from mri_core.store import Location, Named, open_store

if TYPE_CHECKING:
    import networkx as nx


def report(
    study: Named,
    file: str | Path,
    *,
    other: Named | None = None,
    runs: Sequence[Named] = (),
    shams: Sequence[Named] = (),
    replace: bool = False,
    store: Location | None = None,
) -> Path:
    """Writes the report of a study into one HTML file that needs no network, as `mri report` does.

    >>> mri.report("demo", "demo.html").name
    'demo.html'

    Args:
        study: a name, an id or a view.
        file: ends in `.html`; an earlier report is replaced.
        other: a study in the same atlas: the report is then that of their comparison, which stores nothing.
        runs: as of `compare_studies`.
        shams: likewise.
        replace: the file whatever it holds.
        store: as of `show`.

    Returns:
        the file.

    Raises:
        MriError: there is no such study, the studies cannot be compared, or the file is not named as a page is, or
            cannot be written.
    """
    from ui.publishing import report as publishing

    publishing.check(Path(file), replace=replace)
    if other is None and (runs or shams):
        raise UsageError("Runs and sham runs belong to a comparison", "No other study is named", "Name it with other")
    with open_store(store, create=False) as opened:
        if other is None:
            publishing.report(opened, study, Path(file), replace=replace)
        else:
            publishing.report_comparison(opened, study, other, Path(file), runs=runs, shams=shams, replace=replace)
    return Path(file)


def export(
    study: Named,
    format: str,
    file: str | Path,
    *,
    regions_only: bool = False,
    excerpts: bool = True,
    replace: bool = False,
    store: Location | None = None,
) -> Path:
    """Writes a study as files for other programs, or as one file for another store, as `mri export` does.

    >>> mri.export("demo", "graphml", "demo.graphml", regions_only=True).name
    'demo.graphml'

    Args:
        study: a name, an id or a view.
        format: `graphml`, `gexf`, `csv`, `parquet`, `json`, `cypher` or `bundle`.
        file: the file, or of `csv` and `parquet` the folder; one that an earlier export in this format made is
            replaced.
        regions_only: regions and the connections between them, and nothing else.
        excerpts: with the beginnings of the texts, their titles and readers' notes; words and names of regions, ids and
            groups of documents are always there, and folders of files never.
        replace: the file whatever it holds.
        store: as of `show`.

    Returns:
        the file or folder, which is there when it is complete, or not at all.

    Raises:
        MriError: there is no such study or format, or nothing can be written there.
    """
    from mri_core.export import formats
    from mri_core.export.hub import is_on_hub
    from mri_core.export.shared import Shared
    from mri_core.store.contents import StoredContents

    if is_on_hub(str(file)):
        raise UsageError(
            "An export is a file", f"{file} is on the hub", "Write it there: mri.push_to_hub(STUDY, DATASET)"
        )
    formats.check_export(format, Path(file), regions_only=regions_only, replace=replace)
    with open_store(store, create=False) as opened:
        shared = Shared(StoredContents(opened, opened.study(study)), excerpts=excerpts)
        formats.export(shared, format, Path(file), regions_only=regions_only, replace=replace)
    return Path(file)


def import_bundle(
    bundle: str | Path,
    *,
    replace: bool = False,
    store: Location | None = None,
) -> Study:
    """Takes in a study that was exported as a bundle, and compares it by its checksum, as `mri import` does.

    >>> mri.import_bundle(mri.export("demo", "bundle", "demo.mri"), store="another-store").name
    'demo'

    Args:
        bundle: the file; of the Hugging Face hub `hf://owner/name`, or `hf://owner/name@revision`.
        replace: let the study take the place of another one of its name.
        store: as of `show`; made if it is not there.

    Returns:
        the study in the store.

    Raises:
        MriError: the file is no bundle, or damaged, and nothing was written; or the name is taken; or the hub has no
            such dataset, or cannot be reached.
    """
    from mri_core.export import bundle as bundles
    from mri_core.export.hub import found

    file = found(bundle)
    with open_store(store) as opened:
        study, _ = bundles.import_bundle(file, opened, replace=replace)
        return opened.study(study.id)


def push_to_hub(
    study: Named,
    dataset: str,
    *,
    public: bool = False,
    excerpts: bool = True,
    store: Location | None = None,
) -> str:
    """Writes a study to the Hugging Face hub, as `mri export STUDY bundle -o hf://OWNER/NAME` does.

    >>> mri.push_to_hub("demo", "hf://owner")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    mri_core.errors.UsageError: A dataset of the hub is named as hf://OWNER/NAME

    Args:
        study: a name, an id or a view.
        dataset: `hf://owner/name`, made if it is not there.
        public: everybody may read it; else a dataset that is made is private, and one that is public refused.
        excerpts: with the beginnings of the texts, their titles and readers' notes; words and names of regions, ids and
            groups of documents are always there, and folders of files never.
        store: as of `show`.

    Returns:
        the address of the commit.

    Raises:
        MriError: there is no such study; or the hub cannot be reached, or refuses.
    """
    from mri_core.export.hub import Place, push
    from mri_core.export.shared import Shared
    from mri_core.store.contents import StoredContents

    place = Place.parse(dataset)
    with open_store(store, create=False) as opened:
        shared = Shared(StoredContents(opened, opened.study(study)), excerpts=excerpts)
        return push(shared, place, public=public)[1]


def to_networkx(study: Named, *, regions_only: bool = False, store: Location | None = None) -> nx.MultiDiGraph:
    """A whole study as a graph of networkx, with a relationship of each category for itself.

    >>> graph = mri.to_networkx("demo", regions_only=True)
    >>> sorted({kind for *_, kind in graph.edges(data="edge_type")} - {"AVOIDS"})
    ['FLOWS_TO']

    Nodes have their ids as keys, and `node_type` besides their properties; relationships have `edge_type`. Values are
    such as GraphML, GEXF and GML hold: lists are texts joined by "; ", what is missing is left out.

    Args:
        study: a name, an id or a view.
        regions_only: regions and the connections between them, and nothing else.
        store: as of `show`.

    Raises:
        MriError: there is no such study or store.
    """
    from tempfile import TemporaryDirectory

    from mri_core.export.formats import part_of
    from mri_core.export.network import as_networkx
    from mri_core.export.shared import Shared
    from mri_core.store.contents import StoredContents

    with open_store(store, create=False) as opened, TemporaryDirectory(prefix="llm-mri-graph-") as folder:
        shared = Shared(StoredContents(opened, opened.study(study)))
        return as_networkx(part_of(shared, regions_only=regions_only), Path(folder))
