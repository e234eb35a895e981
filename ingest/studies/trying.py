"""One intervention on a study: its texts run untouched, changed, and changed as far in other directions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mri_core.errors import ModelError
from mri_core.interventions.directions import Push, adding, difference, draw_controls, erasing, weighted_sums
from mri_core.interventions.outcomes import Measuring, Outcome, Tried
from mri_core.interventions.subjects import Asked, Subject
from mri_core.records.arrays import Activations

PILOT = 8  # texts from which the controls' strength is found
ROUNDS = 2  # of finding it
FARTHER = 1.1  # times the intervention's own distance, at which controls aim: so few texts err by a tenth
ENOUGH = 1.2  # times a control's length, up to which the first round's answer is near enough
MOST = 4.0  # times it is raised at most
ELSEWHERE = 0.1  # share of texts and layers in other regions than the study's, up to which it may be rounding
CURVE = {"add": (0.25, 0.5, 1.0, 2.0), "swap": (0.25, 0.5, 1.0, 2.0), "erase": (0.25, 0.5, 0.75, 1.0)}

Advance = Callable[[int], None]

if TYPE_CHECKING:
    from ingest.extract.intervened import Pass


class Begun(Protocol):
    """A batch of texts, as `ingest.extract.intervened.Begun`."""

    untouched: Pass
    tokens: np.ndarray

    def changed(self, push: Push) -> Pass:
        """What a pass with changed states gives."""


class Model(Protocol):
    """A model that is run with its states changed, as `ingest.extract.intervened.Intervened`."""

    @property
    def later(self) -> tuple[int, ...]:
        """The widths of the layers after the one that is changed."""

    def batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Begun]]:
        """The texts in batches, each with their indices."""


def push_of(asked: Asked, activations: Activations, subject: Subject) -> Push:
    """The push that is asked for, in the model's own space."""
    rows = activations.layers[asked.layer]
    direction = difference(rows, subject.contrast)
    if asked.operation != "erase":
        return adding(direction, asked.strength)
    weights = np.zeros((len(rows), 1))
    weights[subject.known] = 1 / len(subject.known)
    return erasing(direction, weighted_sums(rows, weights)[0]).times(asked.strength)


def steps(subject: Subject, controls: int) -> int:
    """Passes of one text that an intervention takes at most."""
    untouched_and_own = 2
    of_texts = untouched_and_own + controls + len(CURVE["add"]) - 1
    of_pilot = ROUNDS * (untouched_and_own + controls)
    bystanders = untouched_and_own * len(subject.bystanders)
    return of_texts * len(subject.texts) + of_pilot * min(PILOT, len(subject.pilot)) + bystanders


@dataclass(frozen=True)
class Material:
    """What a study's interventions are made of and tried on.

    Attributes:
        activations: of the study.
        codes: (documents, layers) regions of its documents.
        groups: (documents,) number of each one's group; None if they are independent.
        texts: gives the texts of ordinals.
    """

    activations: Activations
    codes: np.ndarray
    groups: np.ndarray | None
    texts: Callable[[np.ndarray], Sequence[str]]


def try_out(
    asked: Asked,
    subject: Subject,
    material: Material,
    model: Model,
    measuring: Measuring,
    count: int,
    seed: int,
    advance: Advance,
) -> Tried:
    """Runs an intervention and its controls.

    A control pushes every state as far as the intervention does, and farther if the rows of the last layer would
    otherwise move less: a push that moves the rows more changes more, whatever it means.

    Args:
        asked, subject: what is tried on which documents.
        material: of the study.
        model: that is run.
        measuring: of its rows.
        count: of the controls.
        seed: of their draws.
        advance: called with the number of texts of each pass.

    Raises:
        ModelError: untouched texts lie in other regions than the study's.
    """
    layers = material.activations.layers
    push = push_of(asked, material.activations, subject)
    around = subject.contrast, subject.known, subject.regions
    controls = draw_controls(layers, asked.layer, *around, count, seed, material.groups)
    lengths = np.linalg.norm(controls.directions, axis=1, keepdims=True).clip(1e-30)
    directions = controls.directions * np.linalg.norm(push.direction) / lengths
    pushes = [push.towards(direction) for direction in directions]
    run = _Runs(model, measuring, advance)
    factors = np.ones(count)
    if model.later:
        some = _middling(subject.pilot, material.texts(subject.pilot))
        factors = _matched(run, material, some, push, pushes)
    pushes = [one.times(factor) for one, factor in zip(pushes, factors.tolist(), strict=True)]
    strengths = [one for one in CURVE[asked.operation] if one != 1]
    several = [push, *pushes, *(push.times(strength) for strength in strengths)]
    before, (after, *rest) = run.outcomes(material.texts(subject.texts), several)
    others_before, others_after = before.none, before.none
    if len(subject.bystanders):
        others_before, (others_after,) = run.outcomes(material.texts(subject.bystanders), [push])
    curve = {asked.strength * strength: found for strength, found in zip(strengths, rest[count:], strict=True)}
    under = tuple(rest[:count])
    return Tried(asked, subject, controls, before, after, under, curve, others_before, others_after, factors)


def _middling(pilot: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """Ordinals of the pilot's texts of middling length, which share a batch without padding."""
    first = max(len(pilot) - PILOT, 0) // 2
    order = sorted(range(len(pilot)), key=lambda place: len(texts[place]))
    return pilot[order[first : first + PILOT]]


def _matched(run: _Runs, material: Material, pilot: np.ndarray, push: Push, pushes: Sequence[Push]) -> np.ndarray:
    """(controls,) by how much each has to be stronger for the last layer's rows to move as far, at least 1."""
    texts = material.texts(pilot)
    factors, short = np.ones(len(pushes)), list(range(len(pushes)))
    for _ in range(ROUNDS):
        several = [pushes[index].times(factors[index]) for index in short]
        before, (own, *others) = run.outcomes(texts, [push, *several])
        _check_regions(before.codes, material.codes[pilot][:, -before.codes.shape[1] :])
        moved = np.array([other.moved[:, -1].mean() for other in others])
        ratios = np.divide(FARTHER * own.moved[:, -1].mean(), moved, out=np.full_like(moved, MOST), where=moved > 0)
        factors[short] = np.clip(factors[short] * ratios, 1, MOST)
        short = np.flatnonzero((factors > ENOUGH) & (factors < MOST)).tolist()
        if not short:
            break
    return factors


def _check_regions(found: np.ndarray, known: np.ndarray) -> None:
    """Raises `ModelError` if texts do not lie where they lay in the study, but for what another machine rounds."""
    apart = float(np.mean(found != known))
    if apart > ELSEWHERE:
        raise ModelError(
            "An intervention runs the model as the study's documents were read",
            f"Of its own documents, run again untouched, {apart:.0%} lie in other regions",
            "Run it where the study was scanned, or scan again with `mri ingest … --replace`",
        )


class _Runs:
    """Passes of texts, measured."""

    def __init__(self, model: Model, measuring: Measuring, advance: Advance) -> None:
        self._model, self._measuring, self._advance = model, measuring, advance

    def outcomes(self, texts: Sequence[str], pushes: Sequence[Push]) -> tuple[Outcome, list[Outcome]]:
        """Of the texts untouched, and under each push."""
        found: list[list[Outcome]] = [[] for _ in range(1 + len(pushes))]
        order: list[int] = []
        for indices, begun in self._model.batches(texts):
            order += indices
            found[0].append(self._measured(begun, begun.untouched))
            self._advance(len(indices))
            for number, push in enumerate(pushes, start=1):
                found[number].append(self._measured(begun, begun.changed(push)))
                self._advance(len(indices))
        place = np.argsort(order)
        before, *after = (_joined(parts, place) for parts in found)
        return before, after

    def _measured(self, begun: Begun, one: Pass) -> Outcome:
        rows, measuring, scores = one.rows, self._measuring, one.scores
        none = np.empty((len(begun.tokens), 0))
        return Outcome(
            measuring.codes(rows, np.maximum(begun.tokens, 1)) if rows else none.astype(np.int64),
            measuring.moved(rows, begun.untouched.rows) if rows else none,
            measuring.probability(rows) if rows else None,
            None if scores is None else scores.loss,
            None if scores is None else scores.divergence,
        )


def _joined(parts: Sequence[Outcome], place: np.ndarray) -> Outcome:
    """The outcomes of batches, in the order of the texts."""

    def column(name: str) -> np.ndarray | None:
        values = [getattr(part, name) for part in parts]
        return None if values[0] is None else np.concatenate(values)[place]

    codes, moved = column("codes"), column("moved")
    assert codes is not None and moved is not None  # noqa: S101, PT018 - every outcome has them
    return Outcome(codes, moved, column("probability"), column("loss"), column("divergence"))
