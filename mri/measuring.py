"""What is measured on a ready study and stored in it: probes, graph measures, interventions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mri.arguments import several
from mri_core.records.measures import Measure
from mri_core.store import Location, Named, open_store
from ui.reports import measure_tables

if TYPE_CHECKING:
    from ingest.progress import Progress
    from mri_core.records.interventions import Intervention


def probe(
    study: Named,
    *,
    splits: int | None = None,
    random_blocks: bool = False,
    again: bool = False,
    trust_remote_code: bool = False,
    store: Location | None = None,
    progress: Progress | bool | None = True,
) -> list[Measure]:
    """How well the category is read from each layer, measured once and stored in the study.

    >>> probed = mri.probe("demo", splits=2)
    >>> [measure.value for measure in probed if measure.other == "words"]
    [1.0]

    Args:
        study: a name, an id or a view.
        splits: of the documents; None for what is stored, else 5. A number probes anew.
        random_blocks: probe the same model with re-initialised blocks too.
        again: probe anew what is stored.
        trust_remote_code: run code that the model brings along, where it has to run.
        store: as of `show`.
        progress: as of `ingest`.

    Raises:
        MriError: the rows cannot be read again, or a category has too few documents.
    """
    from ingest.bars import reporting
    from ingest.run import Run
    from ingest.studies.probing import stored_probe

    with open_store(store, create=False) as opened, reporting(progress) as reports:
        return stored_probe(
            opened,
            opened.study(study),
            splits=splits,
            random_blocks=random_blocks,
            again=again,
            trust_remote_code=trust_remote_code,
            run=Run(reports),
        )


def metrics(
    study: Named,
    *,
    random_graphs: int | None = None,
    again: bool = False,
    store: Location | None = None,
    progress: Progress | bool | None = True,
) -> Sequence[Measure]:
    """Graph measures of the whole study and of each category, measured once and stored in the study.

    >>> measured = mri.metrics("demo", random_graphs=1)
    >>> [measure.category for measure in measured if measure.kind == "density"]
    ['cats', 'law', None]

    Args:
        study: a name, an id or a view.
        random_graphs: how many each graph is compared with; None for what is stored, else 10. A number measures anew.
        again: measure anew what is stored.
        store: as of `show`.
        progress: as of `ingest`.

    Raises:
        MriError: there is no such study or store.
    """
    from ingest.bars import reporting
    from mri_core.studies.study_metrics import stored_metrics

    with open_store(store, create=False) as opened, reporting(progress) as reports:
        return stored_metrics(
            opened,
            opened.study(study),
            measure_tables.KINDS,
            random_graphs,
            again=again,
            begin=lambda graphs: reports.stage("measures", graphs, "graphs"),
            advance=reports.advance,
        )


def intervene(
    study: Named,
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
    progress: Progress | bool | None = True,
) -> list[Intervention]:
    """Runs a study's model with a region's direction changed, next to controls, as `mri intervene` does.

    >>> made = mri.ingest("news.csv", name="read", clusters=2, refits=0)
    >>> [(one.operation, one.region, one.controls) for one in mri.intervene("read", regions="L2/R0")]
    [('erase', 'L2/R0', 99)]

    Args:
        study: a name, an id or a view, of texts that a model read.
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
        progress: as of `ingest`.

    Returns:
        the interventions, which are stored too.

    Raises:
        MriError: there is no such study, region, connection or finding; it was made of given activations or of
            components; its corpus or model is gone.
    """
    from ingest.bars import reporting
    from ingest.run import Run
    from ingest.studies.intervening import Extent
    from ingest.studies.intervening import intervene as try_on
    from mri_core.studies.intervention_request import wanted_of

    strengths = [add] if isinstance(add, int | float) else list(add)
    named = (several(regions), several(connections), findings)
    wanted = wanted_of(*named, strengths, several(swap), erase=erase)
    with open_store(store, create=False) as opened, reporting(progress) as reports:
        extent, run = Extent(controls, documents, seed), Run(reports)
        return try_on(opened, opened.study(study), wanted, extent, trust_remote_code=trust_remote_code, run=run)
