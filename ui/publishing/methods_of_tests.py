"""Which tests a study was put to, in sentences for a paper."""

from __future__ import annotations

from collections.abc import Iterator

from mri_core.atlas.kinds import traits_of
from mri_core.records.measures import ALPHA, DIVERGENCE, NBS, RELIABILITY
from mri_core.statistics.naming import NEARLY
from mri_core.statistics.parting import MOST
from mri_core.statistics.reliability import FEWEST, HALVINGS
from ui.publishing.facts import Facts, Row
from ui.publishing.references import Citations
from ui.reports.evidence_summary import CONTROLLED
from ui.wording.units import in_unit, of_tokens, text_word, unit_word

PROCEDURES = {"discrete": "heyse2011", "dbh": "dohler2018", "bh": "benjamini1995", "fwer": "westfall1993"}  # of q


def tests(facts: Facts) -> Iterator[str]:
    """What was tested, how, and how q was made; that nothing was, where nothing was."""
    of = facts.of
    if of.fdr is None or not facts.families:
        yield "Nothing was tested: shares are descriptive."
        return
    if not traits_of(of.atlas).holds_documents:
        yield from _tests_of_components(facts)
        return
    if count(facts, "connections", "tests"):
        yield from _tests_of_connections(facts)
    else:
        yield "No connection could be tested."
    yield from _tests_of_families(facts)
    yield from _tests_of_layers(facts)
    yield from _tests_of_a_sample(facts)


def _tests_of_components(facts: Facts) -> Iterator[str]:
    cited = facts.cite("bonett2000"), facts.cite("benjamini1995")
    yield (
        f"For each of {_tested(facts, 'connections')} pairs of components, Fisher's z of a category's rho (variance "
        f"{cited[0]}) was compared with the mean of the other categories'; q by the step-up procedure {cited[1]}, "
        f"findings at q ≤ {ALPHA:g}."
    )


def _tests_of_connections(facts: Facts) -> Iterator[str]:
    cite = facts.cite
    if facts.grouped:
        yield (
            f"{_blocks(facts)}, so that p is by permutation of whole {facts.blocks} or within them "
            f"{cite('winkler2014')}, in which {_weighed(facts)} and the more "
            f"alike these are {cite('rao1992')}."
        )
        widened = f", widened by the design effect of the {facts.blocks},"
        test = "was compared with all others by permutation"
    else:
        test, widened = "was compared with all others by Fisher's exact test (two-sided)", ""
    smallest = "the smallest of its categories times their number, 1 at most"
    if facts.of.categories == 2:
        smallest = "the one that both categories have"
    yield (
        f"For each of {_tested(facts, 'connections')} connections each category {test}; a connection's p is "
        f"{smallest}. {in_unit(facts.of, controlled(facts.of.fdr, cite))} Findings have q ≤ {ALPHA:g}."
    )
    if not any(row["findings"] for row in facts.families):
        return
    if facts.of.categories > 2:
        yield (
            f"Categories of a finding were named step-down {cite('benjamini2014')}; where a second category's p was "
            f"within {NEARLY:g} times the smallest, and nothing was found among the others without the first, none was "
            "named. The numbers of a further category are of its comparison without those named before it"
            f"{', its p from the χ² of the weighted distance and not from permutations' if facts.grouped else ''}."
        )
    yield (
        f"Effects are log odds ratios with one additional {unit_word(facts.of, plural=False)} at the overall rate on "
        f"each side {cite('kass1995')}, intervals exact {cite('cornfield1956')}{widened} at a level adjusted for "
        f"selection {cite('benjamini2005')}."
    )


def _blocks(facts: Facts) -> str:
    return "Tokens stand in texts" if of_tokens(facts.of) else "Documents stand in groups"


def _weighed(facts: Facts) -> str:
    if of_tokens(facts.of):
        return (
            f"a token weighs less, the more tokens its {facts.blocks.removesuffix('s of texts').removesuffix('s')} has"
        )
    return "a document weighs less, the more documents its group has"


def _tests_of_families(facts: Facts) -> Iterator[str]:
    """Regions, routing and parting, each where there was something to test."""
    cite = facts.cite
    families = {
        "regions": "regions",
        "routing": "routing, that is connections among the documents of their source region alone",
    }
    tested = [f"{told} ({_tested(facts, name)})" for name, told in families.items() if count(facts, name, "tests")]
    if tested:
        each = ", each a family of its own" if len(tested) > 1 else ", a family of its own"
        yield in_unit(facts.of, f"Likewise tested{each}: {' and '.join(tested)}.")
    if count(facts, "parting", "tests"):
        yield _parting(facts)
    if any(row["family"].startswith("factor ") for row in facts.families):
        test = "permutations within strata" if facts.grouped else "an exact test"
        yield (
            "Of crossed labels each level was compared within the strata of the other labels, by the common odds ratio "
            f"{cite('mantel1959')} and {test}."
        )


def _parting(facts: Facts) -> str:
    cite = facts.cite
    procedure, key = ("Holm's", "holm1979") if facts.of.fdr == "fwer" else ("the step-up", "benjamini1995")
    by = "G"
    if facts.grouped:
        by = "the sum of the distances between its targets' weighted and expected counts"
    return (
        f"Whether a region is left in different ways by category ({_tested(facts, 'parting')}) was tested by {by} "
        f"under at most {MOST:,} permutations, stopped sequentially {cite('besag1991')}; q by {procedure} procedure "
        f"{cite(key)}."
    )


def _tested(facts: Facts, family: str) -> str:
    return f"{count(facts, family, 'tests'):,}"


def count(facts: Facts, family: str, column: str) -> int:
    """A number of a family of tests, as the question `controls` has it; 0 where there is no such family."""
    return next((row[column] for row in facts.families if row["family"] == family), 0)


def controlled(fdr: str | None, cite: Citations) -> str:
    """What q is, in a sentence."""
    if fdr not in PROCEDURES:
        return f"q is by the method {fdr}."
    return f"{CONTROLLED[fdr].removesuffix('.')} {cite(PROCEDURES[fdr])}."


def _tests_of_layers(facts: Facts) -> Iterator[str]:
    cite = facts.cite
    if apart := facts.of_kind(DIVERGENCE):
        details = apart[0].details
        statistic = in_unit(facts.of, f" of {details['statistic']}") if details.get("statistic") else ""
        times = _permutations(details)
        yield (
            "By layer, the generalised Jensen–Shannon divergence of the categories over the regions "
            f"{cite('lin1991')} is reported above its mean over {times}, with jackknife intervals; p{statistic} is "
            f"familywise over the layers {cite('westfall1993')}."
        )
    if nets := facts.of_kind(NBS):
        thresholds = " and ".join(f"{net.details['threshold']:g}" for net in nets)
        yield (
            f"The Network-Based Statistic was computed with |z| > {thresholds} and "
            f"{_permutations(nets[0].details)} {cite('zalesky2010')}."
        )
    if any(one.value is not None for one in facts.of_kind(RELIABILITY)):
        yield (
            f"Reliability is ICC(A,1) {cite('mcgraw1996')} of the deviations of connections with {FEWEST} "
            f"{unit_word(facts.of)} or more between halves of the {text_word(facts.of)}, mean of {HALVINGS} halvings."
        )


def _tests_of_a_sample(facts: Facts) -> Iterator[str]:
    """Which tests of layers are of a sample of the documents."""
    if sample := facts.report.get("permuted"):
        yield (
            f"The {' and the '.join(sample['tests'])} are of a seeded sample of {sample['documents']:,} "
            f"{unit_word(facts.of)}{facts.drawn}."
        )


def _permutations(details: Row) -> str:
    """How many there were, where the measure says so."""
    return f"{details['permutations']:,} label permutations" if "permutations" in details else "label permutations"
