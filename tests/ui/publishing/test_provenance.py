"""How a study is made again: commands that run, and no path of the machine that made it."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from mri_core.paths import MEMORY
from mri_core.records.measures import Measure
from tests.planted import planted_graph, planted_intervention
from tests.ui.evidence import placed, weighed
from ui.cli.reference import command_of
from ui.publishing import provenance

FOLDER = "/home/somebody/private"
SCAN = {
    "corpus": f"{FOLDER}/news.csv",
    "model": f"{FOLDER}/tuned",
    "label": ["topic", "tone"],
    "clusters": 9,
    "seed": 3,
}


def test_the_command_has_the_options_that_are_not_at_their_defaults_and_the_refits_that_were_made() -> None:
    graph = weighed("again", parameters=json.dumps(SCAN))
    (scan,) = provenance.commands(graph.study, graph.measures, ())
    words = shlex.split(scan)
    assert words[:2] == ["mri", "ingest"]
    assert {"--name=again", "--clusters=9", "--seed=3", "--label=topic", "--label=tone", "--controls"} <= set(words)
    assert words[-2:] == ["--", "news.csv"]
    assert not any(word.startswith("--refits") for word in words)  # 20, the default
    without = planted_graph("again", parameters=json.dumps(SCAN)).study
    assert "--refits=0" in provenance.commands(without, (), ())[0]


def test_no_folder_of_the_machine_is_told() -> None:
    study = planted_graph("again", parameters=json.dumps(SCAN)).study
    told = json.dumps([provenance.settings(study), provenance.commands(study, (), ()), provenance.facts(study)])
    assert "somebody" not in told
    assert "tuned" in told


def test_what_lay_in_memory_is_named_as_files_that_it_may_be_saved_as_and_the_page_says_so() -> None:
    given = {"corpus": f"{MEMORY}DataFrame-0123456789ab", "model": f"{MEMORY}bert-ba9876543210"}
    study = planted_graph("again", parameters=json.dumps(SCAN | given)).study
    (scan,) = provenance.commands(study, (), ())
    assert shlex.split(scan)[-1] == "DataFrame-0123456789ab.csv"
    assert "--model=bert-ba9876543210" in shlex.split(scan)
    assert "The corpus and the model were given from a notebook's memory" in provenance.caveat(study)
    assert provenance.caveat(planted_graph("again", parameters=json.dumps(SCAN)).study) == ""


@pytest.mark.parametrize(
    "path", ["C:\\Users\\ada\\clinic\\patients.csv", r"\\server\ada\clinic\patients.csv", "~/clinic/patients.csv"]
)
def test_no_folder_of_a_machine_with_another_system_is_printed(path: str) -> None:
    study = planted_graph("again", parameters=json.dumps(SCAN | {"corpus": path, "model": "ada/tuned"})).study
    assert provenance.settings(study)["corpus"] == "patients.csv"
    assert provenance.settings(study)["model"] == "ada/tuned"
    (scan,) = provenance.commands(study, (), ())
    assert shlex.split(scan)[-1] == "patients.csv"


@pytest.mark.parametrize(
    ("properties", "flags"),
    [
        ({"documents": 100_000}, set()),
        ({"documents": 100_001}, {"--keep-documents=all"}),
        ({"documents": 100_001, "documents_stored": 100_040}, set()),
        ({"documents": 200_001}, {"--keep-documents=all", "--fit-on=200001"}),
        ({"documents": 200_001, "report": json.dumps({"fitted_to": 200_000})}, {"--keep-documents=all"}),
        ({"pooling": "first"}, {"--force"}),
        ({"pooling": "mean-all"}, set()),
    ],
)
def test_options_that_the_parameters_leave_out_are_given_where_a_default_would_change_the_study(
    properties: dict[str, Any], flags: set[str]
) -> None:
    study = planted_graph("again", parameters=json.dumps(SCAN), **properties).study
    (scan,) = provenance.commands(study, (), ())
    names = ("--keep-documents", "--fit-on", "--force")
    assert {word for word in shlex.split(scan) if word.startswith(names)} == flags


def test_a_placed_study_is_placed_again_and_confirms_again() -> None:
    graph = placed("later")
    parameters = json.dumps(SCAN | {"atlas_of": "frozen-0000000a", "atlas": "grid", "resolution": 10})
    made = planted_graph("later", atlas_of=graph.study.atlas_of, report=graph.study.report, parameters=parameters).study
    scan, confirm = provenance.commands(made, graph.measures, ())
    assert "--atlas-of=frozen" in scan
    assert "--atlas=" not in scan
    assert confirm == "mri confirm frozen later"


def test_probes_are_made_again_with_their_splits_and_random_blocks() -> None:
    details = {"splits": 3}
    held = [Measure("probe", 0.5, 0, other=other, details=details) for other in ("full", "random_blocks")]
    assert provenance.commands(planted_graph("probed").study, held, ()) == [
        "mri probe probed --splits 3 --random-blocks"
    ]


def test_what_was_measured_besides_and_tried_is_a_command_each_that_the_command_line_knows() -> None:
    study = planted_graph("tried").study
    held = (Measure("probe", 0.5, 0, other="full"), Measure("density", 0.1), Measure("multiverse", 3.0))
    ends = {"source": "L0/R2", "target": "L0/R1"}
    tried = (
        planted_intervention("L0/R1", details={"most": 40}),
        planted_intervention("L0/R1", "swap", **ends, towards="L1/R1"),
    )
    found = provenance.commands(study, held, tried)
    assert found[:3] == ["mri probe tried", "mri metrics tried", "mri multiverse tried"]
    assert "--region L0/R1 --erase --controls 19 --documents 40 --seed 3" in found[3]
    assert "--documents" not in found[4]  # stored by an earlier version
    assert "--connection 'L0/R1>L1/R1' --swap L0/R2" in found[4]
    for line in found:
        name, *arguments = shlex.split(line)[1:]
        command_of(name).make_context(name, arguments)
