"""What the commands do, in one call each, for notebooks: the store is opened and closed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mri_core.errors import UsageError
from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from mri_core.store import Location, open_store
from ui.reports import measure_tables, summary
from ui.reports.answers import Answers
from ui.reports.overview import Overview, in_words, overview
from ui.wording.terminal import fitted

if TYPE_CHECKING:
    import networkx as nx

    from mri_core.records.interventions import Intervention
    from mri_core.studies.comparing import Compared
    from mri_core.studies.confirmation import Confirmed
    from mri_core.studies.matching import MatchedStudies
    from mri_core.studies.other_documents import OtherDocuments
    from mri_core.studies.same_documents import SameDocuments


@dataclass(frozen=True)
class Summary:
    """What a study found: `print` it, or take the numbers from `facts`.

    Attributes:
        facts: as `mri show --json` prints them.
        overview: what matters first, as `mri show` prints it.
        full: whether it prints all, as `mri show --full` does, or what matters first.
    """

    facts: dict[str, Any]
    overview: Overview
    full: bool = False

    def __str__(self) -> str:
        return fitted(summary.in_words(self.facts) if self.full else in_words(self.overview))

    __repr__ = __str__


def show(study: str, *, full: bool = False, store: Location | None = None) -> Summary:
    """What a study found, as `mri show` prints it; `print` it.

    >>> mri.show("demo").facts["study"]["name"]
    'demo'

    Args:
        study: a name or an id.
        full: print all, as `mri show --full` does.
        store: a folder or a server's URL; None for `MRI_STORE`, else `./mri-store`.

    Raises:
        MriError: there is no such study or store.
    """
    with open_store(store, create=False) as opened:
        found = opened.study(study)
        first = overview(found, Answers(opened), opened.measures(found))
        return Summary(summary.findings(opened, found), first, full)


def compare(study: str, *categories: str, fdr: Any = None, store: Location | None = None) -> Compared:
    """Some categories of a study against one another, as if there were no others.

    >>> mri.compare("demo", "cats", "law").categories
    ('cats', 'law')

    Args:
        study: a name or an id.
        categories: two or more of its categories.
        fdr: `discrete`, `dbh`, `bh` or `fwer`; None for the study's own.
        store: as of `show`.

    Returns:
        its `rows` are the findings, its `measures` those of the comparison.

    Raises:
        MriError: there is no such study, category or method, or fewer than two categories; a study of components.
    """
    from mri_core.studies.comparing import compare_categories

    with open_store(store, create=False) as opened:
        return compare_categories(opened, opened.study(study), categories, fdr)


def compare_studies(
    base: str,
    other: str,
    *,
    runs: Sequence[str] = (),
    shams: Sequence[str] = (),
    fdr: Any = None,
    store: Location | None = None,
) -> SameDocuments | OtherDocuments:
    """Two studies in one atlas: document by document if they read the same documents, else category by category.

    >>> made = mri.ingest(activations="activations", name="again", atlas_of="demo")
    >>> mri.compare_studies("demo", "again").reading.drift.moved.tolist()
    [0.0, 0.0]

    Args:
        base: a name or an id.
        other: likewise; it, or both, were placed in one atlas with `atlas_of`.
        runs: further runs of the second's kind, such as other seeds; of the same documents.
        shams: runs that were changed in a way that means nothing, such as by training on shuffled labels; likewise.
        fdr: as of `compare`.
        store: as of `show`.

    Returns:
        what `mri compare BASE OTHER` prints. Of the same documents, what changed is stored with the second.

    Raises:
        MriError: there is no such study, they stand on different atlases, or runs are named for other documents.
    """
    from mri_core.studies.two_studies import compare_two

    with open_store(store, create=False) as opened:
        first, second = opened.study(base), opened.study(other)
        several = ([opened.study(name) for name in names] for names in (runs, shams))
        return compare_two(opened, first, second, *several, fdr=fdr)


def confirm(
    study: str,
    corpus: str | Path,
    *,
    name: str | None = None,
    plan: str | Path | None = None,
    trust_remote_code: bool = False,
    store: Location | None = None,
    **columns: Any,
) -> Confirmed:
    """The findings of a study, tested on documents that took no part in it, as `mri confirm` does.

    >>> made = mri.ingest(activations="later", name="later", atlas_of="demo")
    >>> bool(mri.confirm("demo", "later").result.replicated.all())
    True

    Args:
        study: a name or an id.
        corpus: texts that took no part in it, or a study that was placed in its atlas.
        name: of the new study; None for that of the study with `-confirmation`.
        plan: a file that `mri confirm STUDY --plan FILE` wrote: its claims are tested, and no others.
        trust_remote_code: run code that the study's model brings along.
        store: as of `show`.
        columns: `text`, `label`, `title`, `id`, `group` and `limit`, where they differ from the study's.

    Returns:
        its `result` has the tests; the new study holds them as measures.

    Raises:
        MriError: there is no such study, it names no finding, or the plan was changed.
    """
    from ingest.confirmation import NewCorpus
    from ingest.confirmation import confirm as confirm_on

    new = NewCorpus(corpus, name, tuple(columns.items()), trust_remote_code)
    return confirm_on(study, new, plan=None if plan is None else Path(plan), store=store)


def match(study: str, other: str, *, store: Location | None = None) -> MatchedStudies:
    """The layers and regions of two studies of the same documents that correspond, as `mri match` finds them.

    >>> made = mri.ingest(activations="activations", name="finer", clusters=5, refits=0)
    >>> mri.match("demo", "finer").alignment.aligned.tolist()
    [0, 1]

    Args:
        study: a name or an id, of any model and an atlas whose regions hold documents.
        other: likewise.
        store: as of `show`.

    Returns:
        the matches, which are stored too.

    Raises:
        MriError: there is no such study, or they read different documents.
    """
    from mri_core.studies.matching import match_studies

    with open_store(store, create=False) as opened:
        matched = match_studies(opened, opened.study(study), opened.study(other))
        opened.add_matches(matched.study, matched.other, matched.matches)
        return matched


def intervene(
    study: str,
    *,
    regions: str | Sequence[str] = (),
    connections: str | Sequence[str] = (),
    findings: int = 0,
    add: float | Sequence[float] = (),
    erase: bool = False,
    swap: str | Sequence[str] = (),
    controls: int = 99,
    documents: int = 200,
    seed: int | None = None,
    trust_remote_code: bool = False,
    store: Location | None = None,
) -> list[Intervention]:
    """Runs a study's model with a region's direction changed, next to controls, as `mri intervene` does.

    >>> made = mri.ingest("news.csv", name="read", clusters=2, refits=0)
    >>> [(one.operation, one.region, one.controls) for one in mri.intervene("read", regions="L2/R0")]
    [('erase', 'L2/R0', 99)]

    Args:
        study: a name or an id, of texts that a model read.
        regions: `L4/R10`, one or several.
        connections: `L4/R10>L5/R8`, one or several.
        findings: so many of the most stable findings on connections.
        add: strengths with which the direction is added; 1 is the whole difference of means.
        erase: project the direction out; what is done if neither `add` nor `swap` is given.
        swap: other regions of the layer, or `largest`.
        controls: directions that each is ranked among, 99 or more.
        documents: texts that each is tried on, at most.
        seed: of halves, samples and controls; None for the study's.
        trust_remote_code: run code that the model brings along, whether or not its scan did.
        store: as of `show`.

    Returns:
        the interventions, which are stored too.

    Raises:
        MriError: there is no such study, region, connection or finding; it was made of given activations or of
            components; its corpus or model is gone.
    """
    from ingest.studies.intervening import Extent
    from ingest.studies.intervening import intervene as try_on
    from mri_core.studies.intervention_request import wanted_of

    strengths = [add] if isinstance(add, int | float) else list(add)
    named = (_several(regions), _several(connections), findings)
    wanted = wanted_of(*named, strengths, _several(swap), erase=erase)
    with open_store(store, create=False) as opened:
        extent = Extent(controls, documents, seed)
        return try_on(opened, opened.study(study), wanted, extent, trust_remote_code=trust_remote_code)


def _several(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def plot(
    study: str,
    file: str | Path,
    *,
    kind: str = "graph",
    categories: str | Sequence[str] = (),
    connections: int | None = None,
    least_stability: float | None = None,
    region: str | None = None,
    store: Location | None = None,
) -> Path:
    """Draws a study into a file, as `mri plot` does.

    >>> mri.plot("demo", "layers.svg", kind="layers").name
    'layers.svg'

    Args:
        study: a name or an id.
        file: PNG, SVG, PDF or, of a graph, HTML, by its ending; replaced.
        kind: `graph`, `heatmap`, `layers`, `compare` or `intervention`.
        categories: of a heatmap those drawn, of a graph the one set against the others, of a comparison one or two.
        connections: of a graph (150 unless given) or a comparison (20), the most telling ones.
        least_stability: of a graph only findings that at least this share of the refits finds again, 0 to 1.
        region: of interventions those that were asked about this region, `L4/R10`; None for the six of least q.
        store: as of `show`.

    Returns:
        the file.

    Raises:
        MriError: there is no such study, kind or category, the arguments do not go together, or the file cannot be
            written.
    """
    from mri_core.studies.comparing import compare_categories
    from ui.reports import plotting

    named = _several(categories)
    wanted = plotting.Wanted(kind, named, connections, least_stability, region)
    plotting.check(Path(file), wanted)
    with open_store(store, create=False) as opened:
        plotting.plot(opened, study, Path(file), wanted, compare_categories)
    return Path(file)


def export(
    study: str,
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
        study: a name or an id.
        format: `graphml`, `gexf`, `csv`, `parquet`, `json`, `cypher` or `bundle`.
        file: the file, or of `csv` and `parquet` the folder; one that an earlier export in this format made is
            replaced.
        regions_only: regions and the connections between them, and nothing else.
        excerpts: with the beginnings of the texts and their titles; words of regions, ids and groups of documents are
            always there, and folders of files never.
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
    study: str,
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
        study: a name or an id.
        dataset: `hf://owner/name`, made if it is not there.
        public: everybody may read it; else a dataset that is made is private, and one that is public refused.
        excerpts: with the beginnings of the texts and their titles; words of regions, ids and groups of documents are
            always there, and folders of files never.
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


def to_networkx(study: str, *, regions_only: bool = False, store: Location | None = None) -> nx.MultiDiGraph:
    """A whole study as a graph of networkx, with a relationship of each category for itself.

    >>> graph = mri.to_networkx("demo", regions_only=True)
    >>> sorted({kind for *_, kind in graph.edges(data="edge_type")} - {"AVOIDS"})
    ['FLOWS_TO']

    Nodes have their ids as keys, and `node_type` besides their properties; relationships have `edge_type`. Values are
    such as GraphML, GEXF and GML hold: lists are texts joined by "; ", what is missing is left out.

    Args:
        study: a name or an id.
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


def report(study: str, file: str | Path, *, replace: bool = False, store: Location | None = None) -> Path:
    """Writes the report of a study into one HTML file that needs no network, as `mri report` does.

    >>> mri.report("demo", "demo.html").name
    'demo.html'

    Args:
        study: a name or an id.
        file: ends in `.html`; an earlier report is replaced.
        replace: the file whatever it holds.
        store: as of `show`.

    Returns:
        the file.

    Raises:
        MriError: there is no such study, or the file is not named as a page is, or cannot be written.
    """
    from ui.publishing import report as publishing

    publishing.check(Path(file), replace=replace)
    with open_store(store, create=False) as opened:
        publishing.report(opened, study, Path(file), replace=replace)
    return Path(file)


def probe(
    study: str,
    *,
    splits: int | None = None,
    random_blocks: bool = False,
    again: bool = False,
    trust_remote_code: bool = False,
    store: Location | None = None,
) -> list[Measure]:
    """How well the category is read from each layer, measured once and stored in the study.

    >>> probed = mri.probe("demo", splits=2)
    >>> [measure.value for measure in probed if measure.other == "words"]
    [1.0]

    Args:
        study: a name or an id.
        splits: of the documents; None for what is stored, else 5. A number probes anew.
        random_blocks: probe the same model with re-initialised blocks too.
        again: probe anew what is stored.
        trust_remote_code: run code that the model brings along, where it has to run.
        store: as of `show`.

    Raises:
        MriError: the rows cannot be read again, or a category has too few documents.
    """
    from ingest.studies.probing import stored_probe

    with open_store(store, create=False) as opened:
        return stored_probe(
            opened,
            opened.study(study),
            splits=splits,
            random_blocks=random_blocks,
            again=again,
            trust_remote_code=trust_remote_code,
        )


def metrics(
    study: str, *, random_graphs: int | None = None, again: bool = False, store: Location | None = None
) -> Sequence[Measure]:
    """Graph measures of the whole study and of each category, measured once and stored in the study.

    >>> measured = mri.metrics("demo", random_graphs=1)
    >>> [measure.category for measure in measured if measure.kind == "density"]
    ['cats', 'law', None]

    Args:
        study: a name or an id.
        random_graphs: how many each graph is compared with; None for what is stored, else 10. A number measures anew.
        again: measure anew what is stored.
        store: as of `show`.

    Raises:
        MriError: there is no such study or store.
    """
    from mri_core.studies.study_metrics import stored_metrics

    with open_store(store, create=False) as opened:
        found = opened.study(study)
        return stored_metrics(opened, found, measure_tables.KINDS, random_graphs, again=again)


def delete(study: str, *, store: Location | None = None) -> Study:
    """Deletes a study with everything it owns, its atlas and what is remembered of its corpus.

    >>> mri.delete("demo").name
    'demo'

    Args:
        study: a name or an id.
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
