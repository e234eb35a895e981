"""Interventions on a ready study: its model is run with a region's direction changed, next to controls."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ingest.corpus.groups import groups_of
from ingest.executor import load_as_asked, place_again
from ingest.extract.intervened import Intervened
from ingest.frozen import open_frozen
from ingest.model.loading import LoadedModel
from ingest.run import Run
from ingest.scan.from_model import ModelScan
from ingest.studies.reread import Reread, reread
from ingest.studies.trying import Material, steps, try_out
from mri_core.atlas.fitting import place, region_name
from mri_core.errors import MriError, UsageError
from mri_core.interventions.directions import FEWEST
from mri_core.interventions.judging import Judged, Naming, judge, with_q
from mri_core.interventions.outcomes import Measuring, column_spreads
from mri_core.interventions.subjects import Asked, Subject, subject_of
from mri_core.probing.classifier import Probe, balanced_accuracy, fit_probe
from mri_core.probing.resampling import check_categories
from mri_core.records.arrays import SEEDS, Atlas
from mri_core.records.graph import Study
from mri_core.records.interventions import Intervention
from mri_core.records.measures import ALPHA
from mri_core.statistics.blocks import splits
from mri_core.store.store import Store
from mri_core.studies.intervention_check import check_can_be_tried
from mri_core.studies.intervention_request import Layers, Named, Wanted, encoded, subjects_of

CONTROLS, DOCUMENTS = 99, 200
FEWEST_CONTROLS = 99  # with which p can be .01
FAR = 5.0  # times the difference of means, beyond which no text's states lie


@dataclass(frozen=True)
class Extent:
    """How much is run.

    Attributes:
        controls: directions that each intervention is ranked among, at least `FEWEST_CONTROLS`.
        documents: texts that each is tried on, at most.
        seed: of halves, samples and controls; None for the study's.
    """

    controls: int = CONTROLS
    documents: int = DOCUMENTS
    seed: int | None = None

    def check(self) -> None:
        """Raises `UsageError` for an extent from which nothing can be said."""
        if self.controls < FEWEST_CONTROLS:
            rule = f"An intervention is ranked among {FEWEST_CONTROLS} controls or more"
            raise UsageError(rule, f"--controls is {self.controls}", "With 99 the smallest p is 0.01")
        if self.documents < FEWEST:
            raise UsageError(f"An intervention is tried on {FEWEST} texts or more", f"--documents is {self.documents}")
        if self.seed is not None and not 0 <= self.seed < SEEDS:
            raise UsageError(f"A seed is a number from 0 to {SEEDS - 1}", f"It is {self.seed}")


def intervene(
    store: Store,
    study: Study,
    wanted: Wanted,
    extent: Extent = Extent(),
    *,
    trust_remote_code: bool = False,
    run: Run | None = None,
) -> list[Intervention]:
    """Tries what is wanted on a ready study, and stores it with the study.

    Args:
        store: that holds the study.
        study: a ready one of texts that a model read.
        wanted: regions, connections or findings, and what is done with them.
        extent: how much is run.
        trust_remote_code: run code that the model brings along, whether or not its scan did.
        run: receives the stages, and counts the seconds; None for silence.

    Returns:
        The interventions, in the order in which they were asked for.

    Raises:
        UsageError: the study has no regions that hold documents, or not what is wanted; too few controls.
        ModelError: it was made of given activations, or its model is gone or cannot be changed at its site.
        CorpusError: its corpus is gone or has changed.
        MriError: as `reread` and `open_frozen`.
    """
    run = run or Run()
    extent.check()
    check_can_be_tried(study)
    store.check_usable(study.id)
    # A residual stream carries a change along by itself; what a block adds does not.
    first_counted = 2 if study.site == "residual" else 1
    named = subjects_of(store, study, wanted, first_counted)  # names show before a model may have to run
    _warn(study, wanted, named, extent, run)
    bench = _Bench.open(store, study, first_counted, run, trust_remote_code=trust_remote_code)
    asked = encoded(named, bench.layers, bench.read.names)
    seed = study.seed if extent.seed is None else extent.seed
    _tell_replaced(store, study, named, run)
    judged = _Trials(bench, extent, seed, run).all(asked, trust_remote_code=trust_remote_code)
    found = with_q(judged, study.fdr)
    store.add_interventions(study, found)
    return found


def _tell_replaced(store: Store, study: Study, named: Sequence[Named], run: Run) -> None:
    """Notes which stored results are about to be replaced, so that no one tries until something stands out."""
    asked = {(one.region, one.towards, one.operation.name, one.operation.strength) for one in named}
    for one in store.interventions(study):
        if (one.region, one.towards, one.operation, one.strength) in asked and one.q is not None:
            run.note(
                f"{one.key} was tried before (seed {one.seed}, q {one.q:.3f}): a new result of it replaces that one."
            )


def _warn(study: Study, wanted: Wanted, named: Sequence[Named], extent: Extent, run: Run) -> None:
    """Notes what is wanted and cannot be had: more findings, a change that the model knows, effects among so many."""
    found = {(one.region, one.towards) for one in named if one.towards is not None}
    if len(found) < wanted.findings:
        run.note(f"{study.name} has {len(found)} findings that can be tried, not {wanted.findings}.")
    if far := [f"{one.strength:g}" for one in wanted.operations if abs(one.strength) > FAR]:
        run.note(
            f"--add {', '.join(far)} is that many times the distance between the region's texts and others: what "
            "follows of states that no text gives says little about the model."
        )
    enough = round(len(named) / ALPHA) - 1
    if extent.controls < enough:
        run.note(
            f"Of {len(named)} interventions that are tried together, one effect alone cannot reach q {ALPHA:g} among "
            f"{extent.controls} controls; with --controls {enough} it can."
        )


@dataclass(frozen=True)
class _Bench:
    """A study's inputs, ready for interventions."""

    study: Study
    read: Reread
    atlas: Atlas
    layers: Layers
    groups: np.ndarray | None

    @staticmethod
    def open(store: Store, study: Study, first_counted: int, run: Run, *, trust_remote_code: bool) -> _Bench:
        atlas = open_frozen(store, study).atlas
        read = reread(study, run, trust_remote_code=trust_remote_code)
        codes = place(atlas, read.activations)
        return _Bench(study, read, atlas, Layers(atlas.spec, codes, first_counted), groups_of(read.documents))

    def region(self, layer: int, code: int) -> str:
        """A region's id within the study."""
        return f"L{layer}/R{region_name(self.atlas.spec, code)}"

    def naming(self, seed: int) -> Naming:
        """The names of what arrays hold."""
        of_study = self.read.names, self.read.labels, self.groups
        return Naming(self.region, *of_study, self.layers.first_counted, seed)

    def model(self, *, trust_remote_code: bool) -> LoadedModel:
        """The study's model with its language-modelling head, as its documents were read."""
        scan = self.read.scan
        assert isinstance(scan, ModelScan)  # noqa: S101 - given activations were refused
        if scan.lacking is not None:
            raise scan.lacking
        report = json.loads(self.study.report)
        request = replace(scan.request, max_length=report.get("max_length", scan.request.max_length))
        dtype = report.get("run", {}).get("dtype", request.dtype)
        # Compiled models are run plain: a change at a layer is no part of what was compiled.
        return load_as_asked(
            replace(request, trust_remote_code=trust_remote_code or request.trust_remote_code),
            scan.source,
            place_again(request, request.device, dtype),
            head=True,
        )

    def texts(self, ordinals: np.ndarray) -> Mapping[int, str]:
        """The texts of some documents."""
        wanted = set(ordinals.tolist())
        return {document.ordinal: document.text for document in self.read.documents if document.ordinal in wanted}


class _Trials:
    """The interventions that are asked for, one after the other."""

    def __init__(self, bench: _Bench, extent: Extent, seed: int, run: Run) -> None:
        self._bench, self._extent, self._seed, self._run = bench, extent, seed, run
        (self._first,) = splits(bench.read.labels, 1, seed, bench.groups)
        self._models: dict[int, Intervened] = {}  # by layer

    def all(self, asked: Sequence[Asked], *, trust_remote_code: bool) -> list[Judged]:
        subjects = [self._subject(one) for one in asked]
        ordinals = np.concatenate([np.concatenate([one.pilot, one.texts, one.bystanders]) for one in subjects])
        texts = self._bench.texts(ordinals)
        probe, accuracy = self._probe()
        with self._run.time("load_model"):
            model = self._bench.model(trust_remote_code=trust_remote_code)
        found = []
        for number, (one, subject) in enumerate(zip(asked, subjects, strict=True), start=1):
            with self._run.time("activations"):
                judged = self._tried(one, subject, texts, model, probe, (number, len(asked)))
            details = {**judged.record.details, "most": self._extent.documents}
            if accuracy is not None and "probability" in details:
                details["probability"] = {**details["probability"], "accuracy": accuracy}
            found.append(replace(judged, record=replace(judged.record, details=details)))
        return found

    def _subject(self, asked: Asked) -> Subject:
        name, layers = self._bench.region(asked.layer, asked.region), self._bench.layers
        subject = subject_of(asked, layers.codes, self._first, self._extent.documents, self._seed, name)
        counted = layers.first_counted - 1
        there = layers.codes[subject.texts, asked.layer + 1 :] == np.array(subject.path)
        if asked.operation == "erase" and not there[:, counted:].any():
            rule = "An erasure is tried on texts that lie where the effect is expected"
            fact = f"None of {len(subject.texts)} texts of {name} does, in a layer that counts"
            raise UsageError(rule, fact, "Try another connection, the region itself, or --add")
        return subject

    def _tried(
        self,
        asked: Asked,
        subject: Subject,
        texts: Mapping[int, str],
        model: LoadedModel,
        probe: Probe | None,
        turn: tuple[int, int],
    ) -> Judged:
        bench, extent, run = self._bench, self._extent, self._run
        rows = bench.read.activations.layers
        spreads = tuple(column_spreads(layer, subject.known) for layer in rows[asked.layer + 1 :])
        measuring = Measuring(bench.atlas, asked.layer, spreads, probe, asked.category)
        if asked.layer not in self._models:
            self._models[asked.layer] = Intervened(model, bench.study.pooling, asked.layer, run.note)
        intervened = self._models[asked.layer]
        name = f"{asked.operation} {bench.region(asked.layer, asked.region)}"
        run.progress.stage(f"{name} ({turn[0]} of {turn[1]})", steps(subject, extent.controls), "passes of a text")
        tried = try_out(
            asked,
            subject,
            self._material(texts),
            intervened,
            measuring,
            extent.controls,
            self._seed,
            run.progress.advance,
        )
        return judge(tried, bench.naming(self._seed))

    def _material(self, texts: Mapping[int, str]) -> Material:
        read = self._bench.read
        return Material(
            read.activations,
            self._bench.layers.codes,
            self._bench.groups,
            lambda ordinals: [texts[ordinal] for ordinal in ordinals.tolist()],
        )

    def _probe(self) -> tuple[Probe | None, float | None]:
        """A probe of the last layer's untouched rows, and its accuracy on the other half; None if there can be none."""
        read, groups = self._bench.read, self._bench.groups
        own = None if groups is None else groups[self._first]
        try:
            check_categories(read.labels[self._first], read.names, own)
            rows = read.activations.layers[-1].astype(np.float64)
            probe = fit_probe(rows[self._first], read.labels[self._first], self._seed, own)
        except MriError as error:
            self._run.note(f"The category's probability is not read: {error}")
            return None, None
        predicted = probe.known[probe.log_odds(rows[~self._first]).argmax(axis=1)]
        return probe, balanced_accuracy(read.labels[~self._first], predicted)
