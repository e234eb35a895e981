"""A study that has everything a study can own, with texts that break what does not quote them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from mri_core.records.annotations import annotation
from mri_core.records.graph import StudyGraph
from mri_core.records.measures import Measure
from mri_core.store.bolt.driver import Writer
from mri_core.store.measuring import Stable
from mri_core.store.store import Store
from tests.engines import Engine
from tests.planted import HOSTILE, planted_graph, planted_intervention, random_codes, with_evidence

TEXTS = [
    *HOSTILE,
    "=cmd|' /C calc'!A0",
    "+1; -2, @SUM(A1)\r\nnext",
    "\\u0041 and \\\\u0042; \\n;\nMATCH (n) DETACH DELETE n;\n",
    "bell \x07, next line \x85, separators \u2028 \u2029, no XML \ufffe",
    "]]> &amp; <!-- ]]> `back`ticks` {map: 1} $study // no comment /* nor here */",
    "NaN",
    "null",
    "",
]
SAID = [
    annotation("L0/R0", "</script><b id='x'>\\u0041 `night` {sky}", "\n".join(HOSTILE)),
    annotation("L1/R1", "]]> &amp; night sky", ""),
    annotation("L2/R2", "", "a note alone: '}) DETACH DELETE n //"),
]
OF_ONE_STORE = {"owner", "status", "updated_at"}  # properties of a study
LABELS = ["=law & 'order'", 'plain "text"', "☕ naïve\ttab"]


def hostile_graph(name: str, seed: int = 0) -> StudyGraph:
    """A study of 48 documents with evidence, findings that are avoided, and an atlas of three parts."""
    labels = [LABELS[i % 3] for i in range(48)]
    texts = [f"{TEXTS[i % len(TEXTS)]}{'' if i < len(TEXTS) else i}" for i in range(48)]
    graph = planted_graph(
        name,
        codes=random_codes(48, 4, 3, seed),
        categories=labels,
        texts=texts,
        seed=seed,
        report=json.dumps({"quoted": TEXTS[2]}),
        atlas_hash="f" * 64,
    )
    atlas = np.random.default_rng(seed).bytes(900_000)
    bare = (replace(graph.regions[0], keywords=(), exemplars=(), y=None, entropy=None), *graph.regions[1:])
    return with_evidence(replace(graph, regions=bare, atlas=atlas), seed)


def add_all(store: Store, engine: Engine, graph: StudyGraph) -> None:
    """Stores the study with measures, interventions, shares of refits, and what a person added by hand."""
    store.write(graph)
    study = store.study(graph.study.id)
    measures = [
        Measure("density", 0.25),
        Measure("density", None, category=LABELS[0], details={"undefined": TEXTS[0]}),
        Measure("divergence", 0.5, layer=1, category=LABELS[1], other=LABELS[2], ci_low=0.0, ci_high=1e-300, p=1e-17),
    ]
    region = f"{study.id}/L0/R0"
    connection = store.read(
        "MATCH (:Region {id: $id})-[f:FLOWS_TO]->(t:Region) RETURN t.id, f.category ORDER BY t.id, f.category",
        {"id": region},
    ).rows[0]
    store.add_measures(study, measures, [Stable(region, *connection, 0.75)])
    swap = planted_intervention("L1/R0", "swap", source="L1/R0", target="L1/R1", towards="L2/R0", category=LABELS[0])
    store.add_interventions(study, [planted_intervention("L1/R1"), swap])
    store.annotate(study, SAID)
    writer = Writer(engine.connect())
    writer.run(
        "MATCH (r:Region {id: $id}) "
        "SET r.checked = true, r.`my note` = $note, r.huge = 9007199254740993, r.tiny = 1e-17, r.vast = 1e300, "
        "r.label = 'mine'",
        id=region,
        note=TEXTS[10],
    )
    writer.run(
        "MATCH (:Region {id: $id})-[f:FLOWS_TO]->() SET f.checked = (f.weight > 2), f.type = 'mine'",
        id=region,
    )
    writer.close()


def stored_nodes(store: Store, study: str) -> dict[str, dict[str, Any]]:
    """Label and properties of every node of a study, by id, but for parts of its atlas and for names and notes."""
    rows = store.read(
        "MATCH (n {llm_mri: true}) WHERE (n.study = $study OR n.id = $study) AND NOT n:AtlasPart AND NOT n:Annotation "
        "RETURN labels(n)[0] AS label, properties(n) AS properties",
        {"study": study},
        max_rows=10**6,
    ).rows
    nodes = {properties["id"]: {"node_type": label, **properties} for label, properties in rows}
    for each in SAID if f"{study}/L0/R0" in nodes else ():  # which tables and graphs have on the regions' nodes
        said = {"reader_name": each.name, "reader_note": each.note}
        nodes[f"{study}/{each.region}"] |= {name: text for name, text in said.items() if text}
    return nodes


def stored_edges(store: Store, study: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Ends, type and properties of every relationship of a study."""
    rows = store.read(
        "MATCH (a {llm_mri: true, study: $study})-[e]->(b) WHERE NOT a:Annotation "
        "RETURN a.id, b.id, type(e), properties(e)",
        {"study": study},
        max_rows=10**6,
    ).rows
    return [(source, target, kind, properties) for source, target, kind, properties in rows]
