"""Categories and studies against one another, in one call each: the store is opened and closed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mri.arguments import key_of
from mri_core.store import Location, Named, open_store

if TYPE_CHECKING:
    from ingest.progress import Progress
    from mri_core.studies.comparing import Compared
    from mri_core.studies.confirmation import Confirmed
    from mri_core.studies.matching import MatchedStudies
    from mri_core.studies.other_documents import OtherDocuments
    from mri_core.studies.same_documents import SameDocuments


def compare(study: Named, *categories: str, fdr: Any = None, store: Location | None = None) -> Compared:
    """Some categories of a study against one another, as if there were no others.

    >>> mri.compare("demo", "cats", "law").categories
    ('cats', 'law')

    Args:
        study: a name, an id or a view.
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
    base: Named,
    other: Named,
    *,
    runs: Sequence[Named] = (),
    shams: Sequence[Named] = (),
    fdr: Any = None,
    store: Location | None = None,
) -> SameDocuments | OtherDocuments:
    """Two studies in one atlas: document by document if they read the same documents, else category by category.

    >>> made = mri.ingest(activations="activations", name="again", atlas_of="demo")
    >>> mri.compare_studies("demo", "again").reading.drift.moved.tolist()
    [0.0, 0.0]

    Args:
        base: a name, an id or a view.
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
    study: Named,
    corpus: str | Path | object,
    *,
    name: str | None = None,
    plan: str | Path | None = None,
    trust_remote_code: bool = False,
    store: Location | None = None,
    progress: Progress | bool | None = True,
    **columns: Any,
) -> Confirmed:
    """The findings of a study, tested on documents that took no part in it, as `mri confirm` does.

    >>> made = mri.ingest(activations="later", name="later", atlas_of="demo")
    >>> bool(mri.confirm("demo", "later").result.replicated.all())
    True

    Args:
        study: a name, an id or a view.
        corpus: texts that took no part in it, as `ingest` takes them, from memory too; or a study placed in its
            atlas.
        name: of the new study; None for that of the study with `-confirmation`.
        plan: a file that `mri confirm STUDY --plan FILE` wrote: its claims are tested, and no others.
        trust_remote_code: run code that the study's model brings along.
        store: as of `show`.
        progress: as of `ingest`.
        columns: `text`, `label`, `title`, `id`, `group` and `limit`, where they differ from the study's.

    Returns:
        its `result` has the tests; the new study holds them as measures.

    Raises:
        MriError: there is no such study, it names no finding, or the plan was changed.
    """
    from ingest.bars import reporting
    from ingest.confirmation import NewCorpus
    from ingest.confirmation import confirm as confirm_on

    new = NewCorpus(key_of(corpus), name, tuple(columns.items()), trust_remote_code)
    agreed = None if plan is None else Path(plan)
    with reporting(progress) as reports:
        return confirm_on(study, new, plan=agreed, store=store, progress=reports)


def match(study: Named, other: Named, *, store: Location | None = None) -> MatchedStudies:
    """The layers and regions of two studies of the same documents that correspond, as `mri match` finds them.

    >>> made = mri.ingest(activations="activations", name="finer", clusters=5, refits=0)
    >>> mri.match("demo", "finer").alignment.aligned.tolist()
    [0, 1]

    Args:
        study: a name, an id or a view, of any model and an atlas whose regions hold documents.
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
