"""How far to trust a study, as sections of a report: they stand before what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from ui.drawing.comparison import Comparison, Contrast
from ui.drawing.palette import COLOURS
from ui.drawing.picture import Ask, spots
from ui.drawing.scene import Key, Spot
from ui.publishing.figures import panel_figure, replicated
from ui.publishing.parts import Section
from ui.publishing.tables import data_table
from ui.reports import placed, trust
from ui.reports.contrasts import ALL
from ui.reports.picture_tables import controls_table, stability_table
from ui.wording import found_again
from ui.wording.checks import CONFOUNDS, FIT, OF_TOKENS, PANELS, REPLICATION, STABLE, controls_told, panel_told
from ui.wording.units import in_texts, in_unit, of_tokens, unit_word

CLAIMS = 20  # of a forest


def sections(of: Study, ask: Ask, held: Sequence[Measure]) -> Iterator[Section]:
    """What is known of it, the controls first.

    Args:
        of: the study.
        ask: gives answers about it.
        held: all measures that it holds.
    """
    yield from _controls(of, ask, held)
    yield from _stability(of, ask, held)
    if rows := trust.confounds(held):
        table = data_table("confounds", "Confounds", pd.DataFrame(rows), len(rows))
        title = "Is it something else than what the texts say?"
        caption = OF_TOKENS if of_tokens(of) else CONFOUNDS
        yield Section("confounds", title, table=table, caption=caption, method="Confounds")
    yield from _atlas_fit(of, held)
    yield from _replication(of, ask, held)
    panels = trust.panels(of, ask, held)
    read = {name: panel_told(of, name) for name in PANELS}
    drawn = [panel_figure(panel, f"trust-{name}", *read[name]) for name, panel in panels.items()]
    if drawn:
        yield Section("by-layer", "Checks by layer", figures=drawn)


def _controls(of: Study, ask: Ask, held: Sequence[Measure]) -> Iterator[Section]:
    rows = ask(of, "controls", limit=ALL).records()
    if not rows:
        return
    again = found_again.stored(ask(of, "found-again").records()[0])
    lines = [line for line in (*trust.headlines(of, rows, again, held), trust.could_show(held)) if line]
    frame = controls_table(rows).dropna(axis="columns", how="all")  # of controls that did not run
    table = data_table("controls", "What each family of tests finds, and its controls", frame, len(rows))
    yield Section("controls", "Controls", lines, (), table, controls_told(frame.columns), "Is a difference real?")


def _stability(of: Study, ask: Ask, held: Sequence[Measure]) -> Iterator[Section]:
    shares = trust.stabilities(ask(of, "findings", limit=ALL).records())
    if trust.refits(held) is None or not shares:
        return
    told = found_again.told(found_again.counted(((share, False) for share in shares), matched=False), found_again.NAMED)
    frame = stability_table(shares)
    table = data_table("stability", "Findings by the share of refits that find them again", frame, len(frame))
    yield Section("found-again", "Are findings found again?", [told], (), table, in_texts(of, STABLE), "Found again")


def _atlas_fit(of: Study, held: Sequence[Measure]) -> Iterator[Section]:
    if placed.fits(held):
        told = f"In the atlas of {placed.atlas_owner(of)}. {placed.fit_told(of, held)}"
        drawn = [panel_figure(panel, f"fit-{place}") for place, panel in enumerate(placed.fit_panels(of, held))]
        yield Section("atlas-fit", "Atlas fit", [told], drawn, caption=in_unit(of, FIT), method="One atlas, many scans")


def _replication(of: Study, ask: Ask, held: Sequence[Measure]) -> Iterator[Section]:
    """The findings of another study that were tested on these documents."""
    whole = placed.replication(held)
    if whole is None:
        return
    known = {spot.id: spot for spot in spots(of, ask)}
    base = placed.name_of(of, whole.details["base"])
    rows = placed.claim_rows(held, {name: spot.title for name, spot in known.items()})
    table = data_table("replication", f"Findings of {base}, tested here", pd.DataFrame(rows), CLAIMS)
    told = [f"{placed.replicated(whole, base)} {placed.slope_told(whole)}"]
    shown = [_contrast(claim, known) for claim in placed.claims(held)[:CLAIMS] if claim.value is not None]
    title = f"Findings of {base} on these {unit_word(of)}, the surest first"
    forest = Comparison(title, "log odds ratio of {0} to {1}", ("each", "the others"), shown)
    drawn = [replicated(forest, Key(base, COLOURS[0]))] if shown else []
    yield Section("confirmation", "Confirmation", told, drawn, table, in_unit(of, REPLICATION), "Confirmation")


def _contrast(claim: Measure, known: dict[str, Spot]) -> Contrast:
    ends = [known.get(end) or _absent(end) for end in (claim.other or "").split(">")]
    return Contrast(ends[0], ends[1], claim.value or 0.0, 0, claim.ci_low, claim.ci_high)


def _absent(region: str) -> Spot:
    """A region of the atlas that none of these documents lies in."""
    layer, _, name = region.partition("/R")
    return Spot(region, int(layer.removeprefix("L")), name, 0, None, ())
