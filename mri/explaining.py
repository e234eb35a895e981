"""`mri.explain` and `mri.driving_tokens`: which tokens put texts where they lie in a study's regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from mri_core.records.explained import Explained
from mri_core.records.graph import Study
from mri_core.store import Location, Named, open_store
from queries.runner import EVERY_ROW
from ui.reports import explained
from ui.reports.answers import Answers
from ui.wording.labels import region_words
from ui.wording.terminal import fitted

if TYPE_CHECKING:
    from ingest.progress import Progress
    from mri_core.records.measures import Measure


@dataclass(frozen=True, repr=False, kw_only=True)
class Explanation(Explained):
    """A text in a study's regions, token by token: `print` it, or take the numbers from `layers`.

    Attributes:
        explained_in: the study.
        words: of each region within the study.
    """

    explained_in: Study
    words: Mapping[str, Sequence[str]]

    def __str__(self) -> str:
        return fitted(explained.in_words(self.explained_in, self, self.words))

    __repr__ = __str__


def explain(
    study: Named,
    *,
    document: str | None = None,
    text: str | None = None,
    layer: int | None = None,
    region: str | None = None,
    versus: str | None = None,
    connection: str | None = None,
    trust_remote_code: bool = False,
    store: Location | None = None,
) -> Explanation:
    """A document of a study or another text, token by token, as `mri explain` does; `print` it.

    >>> made = mri.ingest("news.csv", name="tokens", clusters=2, refits=0)
    >>> (last,) = mri.explain("tokens", text="The court heard the cat.", layer=6).layers
    >>> last.name, abs(last.total - last.value) < 1e-4 * abs(last.value)
    ('margin', True)

    Args:
        study: a name, an id or a view, of texts that a model read.
        document: `D12`, or its own id in the corpus; or else
        text: another text.
        layer: this one alone; None for all, or for that of the region.
        region: `L3/R5`, the cluster or component that is asked about; None for the text's own.
        versus: the cluster that it is compared with; None for the next nearest.
        connection: `L2/R1>L3/R5`: its second region, compared with the one to which the other categories go from the
            first.
        trust_remote_code: run code that the model brings along, whether or not its scan did.
        store: as of `show`.

    Returns:
        what the command prints, with the text's `tokens` and its `layers`: of each the parts of its tokens (`tokens`,
        NaN where a token is not pooled), that of `length` and the `constant`, which sum to the `value`: the margin of a
        cluster over another, a coordinate of a grid, or a component's score.

    Raises:
        MriError: there is no such study, document, layer or region; it was made of given activations, with UMAP or
            `--align`; its model or, for a document, its corpus is gone.
    """
    from ingest.studies.explaining import explain as explain_in
    from mri_core.studies.token_request import Wanted

    with open_store(store, create=False) as opened:
        of = opened.study(study)
        found = explain_in(
            opened,
            of,
            document=document,
            text=text,
            wanted=Wanted(layer, region, versus, connection),
            trust_remote_code=trust_remote_code,
        )
        words = region_words(of, Answers(opened, max_rows=EVERY_ROW))
    own = {field.name: getattr(found, field.name) for field in fields(found)}
    return Explanation(**own, explained_in=of, words=words)


def driving_tokens(
    study: Named,
    *,
    documents: int | None = None,
    again: bool = False,
    trust_remote_code: bool = False,
    store: Location | None = None,
    progress: Progress | bool | None = True,
) -> list[Measure]:
    """The tokens that put documents in each region of a study, as `mri explain --regions` shows them.

    >>> made = mri.ingest("news.csv", name="driven", clusters=2, refits=0)
    >>> {measure.kind for measure in mri.driving_tokens("driven", documents=20)}
    {'driving_tokens'}

    Args:
        study: a name, an id or a view, of texts that a model read, with clusters.
        documents: of the sample, at most; None for what is stored, else 300. A number reads them again.
        again: repeat what is stored.
        trust_remote_code: as of `explain`.
        store: as of `show`.
        progress: as of `ingest`.

    Returns:
        a measure for each region and token (`other`): `value` is the mean part in the margin of the region's documents
        over the next nearest region. They are stored with the study.

    Raises:
        MriError: as `explain`; or the study's regions are no clusters.
    """
    from ingest.bars import reporting
    from ingest.run import Run
    from ingest.studies.driving import stored_driving

    with open_store(store, create=False) as opened, reporting(progress) as reports:
        return stored_driving(
            opened,
            opened.study(study),
            documents=documents,
            again=again,
            trust_remote_code=trust_remote_code,
            run=Run(reports),
        )
