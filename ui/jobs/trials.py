"""Interventions that the page starts: what is done with a region or a connection, and on how many texts."""

from __future__ import annotations

from dataclasses import dataclass

from mri_core.records.graph import Study
from mri_core.studies.intervention_check import check_can_be_tried
from mri_core.studies.intervention_request import Operation
from ui.jobs import access
from ui.jobs.jobs import TRIAL, Job, begin

DOCUMENTS, CONTROLS = 30, 99  # as the form opens: few texts, so that an encoder is through in a minute or two


@dataclass(frozen=True)
class Trial:
    """One intervention, as the form asks for it.

    Attributes:
        subject: a region, `L4/R10`, or a connection, `L4/R10>L5/R8`.
        operation: what is done with it.
        documents: texts that it is tried on, at most.
        controls: directions that it is ranked among.
    """

    subject: str
    operation: Operation
    documents: int = DOCUMENTS
    controls: int = CONTROLS

    @property
    def options(self) -> list[str]:
        """The options of `mri intervene` that stand for it."""
        of = "connection" if ">" in self.subject else "region"
        how = {
            "erase": "--erase",
            "add": f"--add={self.operation.strength:g}",
            "swap": f"--swap={self.operation.other}",
        }[self.operation.name]
        return [f"--{of}={self.subject}", how, f"--documents={self.documents}", f"--controls={self.controls}"]

    @property
    def told(self) -> str:
        """What it does, in a few words."""
        name, other = self.operation.name, self.operation.other
        if other is not None:
            return f"swap {self.subject} with {other}"
        return f"add {self.operation.strength:g} × {self.subject}" if name == "add" else f"{name} {self.subject}"


def start(trial: Trial, study: Study, store: str) -> Job:
    """Starts an intervention on a ready study; whoever started it may go.

    Raises:
        UsageError: nothing can be tried on the study.
        AccessError: whoever asks may not scan, or as many jobs run as may.
        MriError: the cache folder cannot be written.
    """
    access.demand("scan")
    check_can_be_tried(study)
    return begin(TRIAL, study.name, trial.told, store, lambda _: [*trial.options, "--", study.id])
