"""Two studies of the same documents in one atlas: which documents moved, what changed, next to floors and sham runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mri_core.atlas.kinds import traits_of
from mri_core.atlas.placing import misfit_lines
from mri_core.errors import UsageError
from mri_core.evidence.paired import KINDS, Drift, Family, changed_connections, drift, exceeds, families, found_items
from mri_core.numbers import finite
from mri_core.records.graph import Study
from mri_core.records.measures import ATLAS_FIT, CHANGED, DRIFT, QUALITY, REFITTED, Measure
from mri_core.records.units import refuse_tokens
from mri_core.statistics.fdr import Method
from mri_core.store.reading import Readable
from mri_core.studies.placements import categories_of, in_one_numbering, keywords_of, read_placements

RULE = "Two studies are compared document by document in one atlas"


@dataclass(frozen=True)
class Reading:
    """One more reading of the documents, next to the first.

    Attributes:
        study: that holds it.
        drift: from the base.
        changed: connections that change by more than chance, and those that were tested.
    """

    study: Study
    drift: Drift
    changed: tuple[int, int]


@dataclass(frozen=True)
class Excess:
    """By how much runs drift more than sham runs; the training run is the unit.

    Attributes:
        by_layer: (layers,) difference of the mean shares of documents that moved.
        p: (layers,) exact, one-sided, familywise over the layers.
        least_p: the smallest that so many runs can have.
        by_category: (layers, categories) the difference for each category's documents.
    """

    by_layer: np.ndarray
    p: np.ndarray
    least_p: float
    by_category: np.ndarray


@dataclass(frozen=True)
class SameDocuments:
    """The comparison of two studies of the same documents.

    Attributes:
        base, other: the studies.
        categories: names; labels of documents are their places here.
        sizes: documents of each.
        reading: of the other study.
        runs: of further runs of the same kind as `other`.
        floors: of the base's own model under other conditions, such as another precision.
        shams: of models that were changed in a way that means nothing.
        refits: (layers,) share of documents that leave their region in a refit of the atlas; None without refits.
        excess: of `other` and `runs` over `shams`; None without shams.
        regions: local ids, `L3/R5`; `families` index them.
        keywords: of each region, from whichever study has it.
        families: the tests of `other` against the base.
        fdr: how q was computed.
        warnings: where the atlas does not describe one of the two, a line each.
    """

    base: Study
    other: Study
    categories: tuple[str, ...]
    sizes: tuple[int, ...]
    reading: Reading
    runs: tuple[Reading, ...]
    floors: tuple[Reading, ...]
    shams: tuple[Reading, ...]
    refits: np.ndarray | None
    excess: Excess | None
    regions: tuple[str, ...]
    keywords: tuple[tuple[str, ...], ...]
    families: tuple[Family, ...]
    fdr: str
    warnings: tuple[str, ...]


def is_paired(base: Study, other: Study) -> bool:
    """Whether both studies read the same documents."""
    return (base.documents_read, base.documents) == (other.documents_read, other.documents)


def check_atlas(base: Study, other: Study) -> None:
    """Raises `UsageError` unless both studies stand on one atlas whose regions hold whole documents."""
    for study in (base, other):
        refuse_tokens(study, "Studies are compared by the regions that whole documents pass")
    if not traits_of(base.atlas).holds_documents:
        fact = f"{base.name} is a study of components, which hold no documents"
        raise UsageError("Documents are compared by the regions that they pass", fact, "Scan with --atlas clusters")
    for study in (base, other):
        if study.atlas_hash is None:
            fact = f"{study.name} was stored by {study.software} without its atlas"
            raise UsageError(RULE, fact, "Run the same ingest again: it adds the atlas and changes nothing else")
    if base.atlas_hash != other.atlas_hash:
        fact = f"{other.name} stands on another atlas than {base.name}"
        remedy = f"Scan it with --atlas-of {base.name}, or match their regions: mri match {base.name} {other.name}"
        raise UsageError(RULE, fact, remedy)


def compare_same_documents(
    store: Readable,
    base: Study,
    other: Study,
    *,
    runs: Sequence[Study] = (),
    shams: Sequence[Study] = (),
    fdr: Method | None = None,
    begin: Callable[[int], None] = lambda steps: None,
    advance: Callable[[], None] = lambda: None,
) -> SameDocuments:
    """Compares two studies of the same documents in one atlas, in which at least one of them was placed.

    Floors are found in the store: every other study of these documents in this atlas by the base's own model.

    Args:
        store: that holds all studies.
        base, other: ready studies.
        runs: further runs of the same kind as `other`, such as other seeds of the same training.
        shams: runs that were changed in a way that means nothing, such as by training on shuffled labels.
        fdr: how q is computed; None for the base's own method.
        begin: called with the number of calls of `advance`.
        advance: called after each step.

    Raises:
        UsageError: the studies stand on different atlases or read different documents, or one is named twice.
    """
    _check(base, [other, *runs, *shams], shams)
    floors = _floors(store, base, {other.id, *(study.id for study in (*runs, *shams))})
    everyone = [base, other, *runs, *floors, *shams]
    begin(2 * len(everyone) - 1)
    categories = categories_of(store, base)
    read = []
    for study in everyone:
        read.append(read_placements(store, study, categories))
        advance()
    regions, codes = in_one_numbering(everyone, read)
    procedure = read[0].procedure(base, len(categories), fdr)
    tested = families(codes[0], codes[1], procedure)
    readings = []
    for study, own, placed in zip(everyone[1:], codes[1:], read[1:], strict=True):
        changed = _changed(tested) if study is other else changed_connections(codes[0], own, procedure.repeated)
        readings.append(Reading(study, drift(codes[0], own, procedure, placed.margins), changed))
        advance()
    first, named = 1 + len(runs), 1 + len(runs) + len(floors)
    own_runs, own_shams = tuple(readings[1:first]), tuple(readings[named:])
    return SameDocuments(
        base,
        other,
        tuple(categories),
        tuple(np.bincount(read[0].labels, minlength=len(categories)).tolist()),
        readings[0],
        own_runs,
        tuple(readings[first:named]),
        own_shams,
        _refits(store, base),
        _excess(readings[:first], own_shams),
        tuple(regions),
        keywords_of(regions, everyone, read),
        tuple(tested),
        procedure.fdr,
        tuple(misfits(store, (base, other))),
    )


def _check(base: Study, others: Sequence[Study], shams: Sequence[Study]) -> None:
    for study in others:
        check_atlas(base, study)
        if not is_paired(base, study):
            corpora = f"{study.name} read {study.corpus} and {base.name} {base.corpus}"
            same = f"{study.name} and {base.name} read different documents of {base.corpus}"
            fact = same if study.corpus == base.corpus else corpora
            raise UsageError(RULE, fact, "Scan the very same documents: same file, sample and seed")
    for sham in shams:
        if sham.model_revision == base.model_revision:
            fact = f"{sham.name} was read by {base.name}'s own model"
            raise UsageError("A sham run is another model, trained on what means nothing", fact, "Leave it out")
    ids = [base.id, *(study.id for study in others)]
    if len(set(ids)) < len(ids):
        raise UsageError(RULE, "One of them is named twice", "Name each study once")


def misfits(store: Readable, studies: Sequence[Study]) -> Iterator[str]:
    """Warnings of studies that their atlas does not describe, as their scans gave them."""
    for study in studies:
        origin = json.loads(study.report).get("atlas_of", {})
        for line in misfit_lines(
            store.measures(study, [ATLAS_FIT]), origin.get("study", ""), aligned=bool(origin.get("aligned"))
        ):
            yield f"{study.name}: {line[0].lower()}{line[1:]}"


def _floors(store: Readable, base: Study, named: set[str]) -> list[Study]:
    """The other studies of these documents in this atlas, by the base's own model under other conditions.

    One under the same conditions has the same rows, and one that was read otherwise is no reading in which nothing was
    changed: neither shows what moves for no reason.
    """
    return [
        study
        for study in store.studies()
        if study.id not in {base.id, *named}
        and study.atlas_hash == base.atlas_hash
        and is_paired(base, study)
        and study.unit == base.unit
        and study.model_revision == base.model_revision
        and _read(study) == _read(base)
        and conditions(base, study)
    ]


def _read(study: Study) -> tuple[object, ...]:
    """How a study's texts were read, but for the conditions."""
    chosen = json.loads(study.parameters)
    settings = (chosen.get(name) for name in ("template", "chat", "stack"))
    return study.site, study.pooling, json.loads(study.report).get("max_length"), *settings


def conditions(base: Study, study: Study) -> str:
    """In what a study by the base's own model differs from it, in a word or two; "" for nothing."""
    before, after = (json.loads(one.report).get("run", {}) for one in (base, study))
    differing = [str(after[key]) for key in ("dtype", "device") if after.get(key) and after[key] != before.get(key)]
    return ", ".join(differing)


def _changed(found: Sequence[Family]) -> tuple[int, int]:
    family = next((family for family in found if family.kind == "connections"), None)
    return (0, 0) if family is None else (family.changes.passed, family.changes.tests)


def _refits(store: Readable, base: Study) -> np.ndarray | None:
    """(layers,) share of documents that leave their region in a refit of the base's atlas, regions matched."""
    known = {m.layer: m.details.get("moved") for m in store.measures(base, [QUALITY]) if m.other == REFITTED}
    moved = [known.get(layer) for layer in range(base.layers)]
    return None if None in moved else np.array(moved, dtype=float)


def _excess(runs: Sequence[Reading], shams: Sequence[Reading]) -> Excess | None:
    if not shams:
        return None
    own, p, least = exceeds([run.drift.moved for run in runs], [sham.drift.moved for sham in shams])
    means = [np.mean([one.drift.by_category for one in several], axis=0) for several in (runs, shams)]
    return Excess(own, p, least, means[0] - means[1])


def measures_of(compared: SameDocuments) -> list[Measure]:
    """What a store holds of the comparison, with the study `other`: drift by layer, and every change that was found.

    `drift`: by layer the share of documents that moved, of all (`other` is the base's id) and of each category.
    `changed`: of each item that changed, named in `other` as `moves L4/R5>L4/R9`; the value is the log odds. The
    `findings` of each family count them.
    """
    base, reading = compared.base.id, compared.reading.drift
    found: list[Measure] = []
    for layer, moved in enumerate(reading.moved.tolist()):
        by_margin = {} if reading.by_margin is None else {"by_margin": float(reading.by_margin[layer])}
        found.append(Measure(DRIFT, moved, layer, other=base, details=by_margin))
        shares = zip(compared.categories, reading.by_category[layer].tolist(), strict=True)
        found += [Measure(DRIFT, share, layer, name, base) for name, share in shares]
    by_kind = {family.kind: family.changes for family in compared.families}
    for kind in KINDS:  # also where nothing was tested: it takes the place of what an earlier comparison left
        passed, tests = (by_kind[kind].passed, by_kind[kind].tests) if kind in by_kind else (0, 0)
        details = {"base": base, "tests": tests, "fdr": compared.fdr}
        found.append(Measure(CHANGED, passed, other=kind, details=details))
    for family in compared.families:
        found += [_changed_measure(compared, family, item) for item in found_items(family).tolist()]
    return found


def _changed_measure(compared: SameDocuments, family: Family, item: int) -> Measure:
    changes, first, second = family.changes, *(compared.regions[end[item]] for end in (family.first, family.second))
    ends = first if family.kind == "regions" else f"{first}>{second}"
    by_category = {
        name: [int(family.gained[item, label]), int(family.lost[item, label])]
        for label, name in enumerate(compared.categories)
    }
    return Measure(
        CHANGED,
        finite(changes.effect[item]),
        int(family.layer[item]),
        other=f"{family.kind} {ends}",
        ci_low=finite(changes.ci_low[item]),
        ci_high=finite(changes.ci_high[item]),
        p=float(changes.p[item]),
        q=float(changes.q[item]),
        details={
            "base": compared.base.id,
            "gained": int(changes.gained[item]),
            "lost": int(changes.lost[item]),
            "by_category": by_category,
            "unlike_q": finite(family.unlike_q[item]),
        },
    )
