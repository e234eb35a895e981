"""From what was measured to an intervention's record: effects, controls, intervals, and what counts as changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mri_core.interventions.outcomes import Outcome, Tried
from mri_core.interventions.ranks import Ranked, adjusted, least_spread, paired_intervals, ranked, selected_share
from mri_core.numbers import finite
from mri_core.records.interventions import Change, Intervention
from mri_core.records.measures import ALPHA


@dataclass(frozen=True)
class Naming:
    """Names of what arrays hold.

    Attributes:
        region: id within the study of a layer's region, from the layer and the region's code.
        categories: in order.
        labels: (documents,) index of each document's category.
        groups: (documents,) number of each document's group; None if they are independent.
        first_counted: from how many layers on an effect counts.
        seed: of resamples.
    """

    region: Callable[[int, int], str]
    categories: Sequence[str]
    labels: np.ndarray
    groups: np.ndarray | None
    first_counted: int
    seed: int


@dataclass(frozen=True)
class Judged:
    """An intervention whose q are still to be found.

    Attributes:
        record: of it, without q and depth.
        smallest: familywise p of the region that changed most; None if no layer counts.
        changes: all regions of the layers that count, q being the familywise p.
        depths: familywise p by layer that counts, on the path.
    """

    record: Intervention
    smallest: float | None
    changes: tuple[Change, ...]
    depths: dict[int, float]


def judge(tried: Tried, naming: Naming) -> Judged:
    """Ranks what was measured among its controls."""
    asked, subject = tried.asked, tried.subject
    groups = None if naming.groups is None else naming.groups[subject.texts]
    path, changes = _Path.of(tried, naming, groups), _changes(tried, naming, groups)
    numbers = {name: _numbers(tried, name, groups, naming.seed) for name in ("probability", "loss", "divergence")}
    known = {name: found for name, found in numbers.items() if found is not None}
    read = {
        f"{name}{end}": known[name][number] if name in known else None
        for name in ("probability", "loss")
        for end, number in (("", "change"), ("_p", "p"))
    }
    details = {
        "path": path.rows(naming),
        "curve": _curve(tried),
        "controls": _controls(tried),
        "side_effects": _side_effects(tried, naming),
        "directions": [len(part) for part in subject.contrast],
        **known,
    }
    size = {"documents": len(subject.texts), "controls": len(tried.under), "seed": naming.seed}
    fields = {**_what(tried, naming), **size, **path.effect(), **_moved(tried), **read}
    record = Intervention(**fields, q=None, depth=None, details=details)
    first = asked.layer + naming.first_counted
    depths = dict(zip(range(first, first + len(path.counted.p_max)), path.counted.p_max.tolist(), strict=True))
    return Judged(record, min((change.q for change in changes), default=None), changes, depths)


def _what(tried: Tried, naming: Naming) -> dict[str, Any]:
    """What was asked, by names."""
    asked = tried.asked
    swapped = asked.operation == "swap"
    ends = {"source": asked.source if swapped else None, "target": asked.target if swapped else None}
    return {
        "operation": asked.operation,
        "region": naming.region(asked.layer, asked.region),
        "layer": asked.layer,
        **{name: None if code is None else naming.region(asked.layer, code) for name, code in ends.items()},
        "towards": None if asked.towards is None else naming.region(asked.layer + 1, asked.towards),
        "category": None if asked.category is None else naming.categories[asked.category],
        "strength": asked.strength,
    }


def _moved(tried: Tried) -> dict[str, float]:
    """How far the last layer's rows moved, and under the controls."""
    if not tried.after.moved.size:
        return {"displacement": 0.0, "control_displacement": 0.0}
    under = float(np.mean([one.moved[:, -1].mean() for one in tried.under]))
    return {"displacement": float(tried.after.moved[:, -1].mean()), "control_displacement": under}


def with_q(judged: Sequence[Judged], fdr: str | None) -> list[Intervention]:
    """The records with q over everything that was tried, and the regions that changed.

    Args:
        judged: all that was asked in one command.
        fdr: the study's way to make q.
    """
    tested = [one.record.p for one in judged if one.record.p is not None]
    q = iter(adjusted(np.array(tested), fdr).tolist() if tested else [])
    smallest = np.array([1.0 if one.smallest is None else one.smallest for one in judged])
    share = selected_share(smallest, fdr) if len(judged) else 0.0
    return [_settled(one, None if one.record.p is None else next(q), share) for one in judged]


def _settled(judged: Judged, q: float | None, share: float) -> Intervention:
    depths = [layer for layer, p in judged.depths.items() if q is not None and q <= ALPHA and p <= ALPHA]
    changes = [replace(change, q=min(change.q / share, 1.0)) for change in judged.changes] if share else []
    changed = tuple(change for change in changes if change.q <= ALPHA)
    return replace(judged.record, q=q, depth=max(depths, default=None), changes=changed)


@dataclass(frozen=True)
class _Path:
    """The expected regions' shares, (later layers,) each."""

    layer: int
    codes: tuple[int, ...]
    before: np.ndarray
    effects: np.ndarray
    intervals: np.ndarray
    under: np.ndarray
    ranks: Ranked
    counted: Ranked
    first: int

    @staticmethod
    def of(tried: Tried, naming: Naming, groups: np.ndarray | None) -> _Path:
        goal = np.array(tried.subject.path, dtype=np.int64)
        there, then = (one.codes == goal for one in (tried.before, tried.after))
        under = np.stack([np.mean((one.codes == goal) * 1.0 - there, axis=0) for one in tried.under])
        change = then * 1.0 - there
        effects, least = change.mean(axis=0), least_spread(len(there))
        first = naming.first_counted - 1
        intervals = paired_intervals(change, groups, naming.seed)
        side = -1 if tried.asked.operation == "erase" else 1  # what is added or moved should arrive
        ranks = ranked(effects, under, least, side)
        counted = ranked(effects[first:], under[:, first:], least, side)
        before = there.mean(axis=0)
        return _Path(tried.asked.layer, tried.subject.path, before, effects, intervals, under, ranks, counted, first)

    def effect(self) -> dict[str, Any]:
        """The effect in the layer, among those that count, in which it stands out most; None of each if none counts."""
        if not len(self.counted.apart):
            names = ("effect", "effect_layer", "ci_low", "ci_high", "control_mean", "control_max", "standardised", "p")
            return dict.fromkeys(names)
        best = self.first + int(self.counted.apart.argmax())
        return {
            "effect": float(self.effects[best]),
            "effect_layer": self.layer + 1 + best,
            "ci_low": float(self.intervals[0, best]),
            "ci_high": float(self.intervals[1, best]),
            "control_mean": float(self.ranks.mean[best]),
            "control_max": float(self.ranks.largest[best]),
            "standardised": finite(self.ranks.standardised[best]),
            "p": float(self.counted.p_max.min()),
        }

    def rows(self, naming: Naming) -> list[dict[str, Any]]:
        """JSON values by layer."""
        return [
            {
                "layer": self.layer + 1 + place,
                "region": naming.region(self.layer + 1 + place, code),
                "before": float(self.before[place]),
                "change": float(self.effects[place]),
                "ci_low": float(self.intervals[0, place]),
                "ci_high": float(self.intervals[1, place]),
                "control_mean": float(self.under[:, place].mean()),
                "control_least": float(self.under[:, place].min()),
                "control_most": float(self.under[:, place].max()),
                "p": float(self.ranks.p[place]),
                "counts": place >= self.first,
            }
            for place, code in enumerate(self.codes)
        ]


def _changes(tried: Tried, naming: Naming, groups: np.ndarray | None) -> tuple[Change, ...]:
    """Every region of the layers that count, with its familywise p as q."""
    first = naming.first_counted - 1
    outcomes = (tried.before, tried.after, *tried.under)
    items = [
        (place, code)
        for place in range(first, tried.before.codes.shape[1])
        for code in np.unique(np.concatenate([one.codes[:, place] for one in outcomes])).tolist()
    ]
    if not items:
        return ()
    places, codes = map(np.array, zip(*items, strict=True))
    there = tried.before.codes[:, places] == codes
    change = (tried.after.codes[:, places] == codes) * 1.0 - there
    under = np.stack([np.mean((one.codes[:, places] == codes) * 1.0 - there, axis=0) for one in tried.under])
    effects = change.mean(axis=0)
    ranks = ranked(effects, under, least_spread(len(there)))
    low, high = paired_intervals(change, groups, naming.seed)
    return tuple(
        Change(
            naming.region(tried.asked.layer + 1 + place, code),
            tried.asked.layer + 1 + place,
            float(effects[index]),
            float(low[index]),
            float(high[index]),
            float(ranks.mean[index]),
            float(ranks.largest[index]),
            float(ranks.p[index]),
            float(ranks.p_max[index]),
        )
        for index, (place, code) in enumerate(items)
    )


def _numbers(tried: Tried, name: str, groups: np.ndarray | None, seed: int) -> dict[str, Any] | None:
    """The mean change of one number a text, among the controls'; None if it was not measured."""
    before, after = (getattr(one, name) for one in (tried.before, tried.after))
    if before is None or after is None:
        return None
    known = np.isfinite(before)
    if not known.any():
        return None
    change = (after - before)[known, None]
    under = np.array([np.mean((getattr(one, name) - before)[known]) for one in tried.under])
    ranks = ranked(change.mean(axis=0), under[:, None], side=int(name == "divergence"))
    low, high = paired_intervals(change, None if groups is None else groups[known], seed)[:, 0]
    return {
        "before": float(before[known].mean()),
        "change": float(change.mean()),
        "ci_low": float(low),
        "ci_high": float(high),
        "control_mean": float(under.mean()),
        "control_least": float(under.min()),
        "control_most": float(under.max()),
        "p": float(ranks.p[0]),
    }


def _curve(tried: Tried) -> list[dict[str, Any]]:
    """The change on the path by strength, the strength that was asked for among the others."""
    goal = np.array(tried.subject.path, dtype=np.int64)
    there = tried.before.codes == goal

    def point(strength: float, one: Outcome) -> dict[str, Any]:
        probability = None
        if one.probability is not None and tried.before.probability is not None:
            probability = float((one.probability - tried.before.probability).mean())
        return {
            "strength": strength,
            "changes": np.mean((one.codes == goal) * 1.0 - there, axis=0).tolist(),
            "displacement": float(one.moved[:, -1].mean()) if one.moved.size else 0.0,
            "probability": probability,
        }

    points = {**tried.curve, tried.asked.strength: tried.after}
    return [point(strength, points[strength]) for strength in sorted(points)]


def _controls(tried: Tried) -> dict[str, Any]:
    """What the controls were, and by how much they were lengthened."""
    kinds = {kind: tried.controls.kinds.count(kind) for kind in dict.fromkeys(tried.controls.kinds)}
    short = 0
    if tried.after.moved.size:
        own = tried.after.moved[:, -1].mean()
        short = int(sum(one.moved[:, -1].mean() < 0.95 * own for one in tried.under))
    return {
        "kinds": kinds,
        "parallel": tried.controls.parallel,
        "factor": float(np.median(tried.factors)),
        "factor_most": float(tried.factors.max()),
        "moved_less": short,
    }


def _side_effects(tried: Tried, naming: Naming) -> dict[str, Any]:
    """The share of all changed texts, of the category and of others, that lie elsewhere in the last layer."""
    if tried.asked.category is None:
        return {}
    ordinals = np.concatenate([tried.subject.texts, tried.subject.bystanders])
    own = naming.labels[ordinals] == tried.asked.category
    found: dict[str, Any] = {"own_texts": int(own.sum()), "others_texts": int((~own).sum())}
    pairs = [(tried.before, tried.after), (tried.others_before, tried.others_after)]
    values: dict[str, np.ndarray] = {}
    if tried.after.codes.shape[1]:
        values["moved"] = np.concatenate([after.codes[:, -1] != before.codes[:, -1] for before, after in pairs])
    if tried.after.loss is not None:
        values["loss"] = np.concatenate([_less(after.loss, before.loss) for before, after in pairs])
    for name, changed in values.items():
        for which, mask in (("own", own), ("others", ~own)):
            known = mask & np.isfinite(changed)
            found[f"{which}_{name}"] = float(changed[known].mean()) if known.any() else None
    return found


def _less(after: np.ndarray | None, before: np.ndarray | None) -> np.ndarray:
    return np.empty(0) if after is None or before is None else after - before
