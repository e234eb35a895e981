"""`mri import`: a study that was exported as a bundle."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from ingest.progress import counter
from mri_core.store import open_store
from ui.cli.options import quiet_option, store_option
from ui.cli.progress import progress_for


@click.command("import")
@click.argument("bundle")
@click.option("--replace", is_flag=True, help="Let the study take the place of another one of its name.")
@quiet_option
@store_option
def command(bundle: str, replace: bool, quiet: bool, store: str | None) -> None:
    """Take in the study of BUNDLE, a file that `mri export STUDY bundle` wrote, and compare it by its checksum.

    Of the Hugging Face hub it is hf://OWNER/NAME, or hf://OWNER/NAME@REVISION.

    It becomes visible when all of it is there and is what the file holds. A study that is there already gets what
    it lacks of measures, interventions and the atlas.
    """
    from mri_core.export.bundle import import_bundle
    from mri_core.export.hub import found

    file = found(bundle)
    with open_store(store) as opened, closing(progress_for(quiet=quiet)) as progress:
        opened.studies()  # a load waits for a server that is away: one that was never there is reported at once
        report = counter(progress, Path(bundle).name, "nodes and relationships")
        study, copied = import_bundle(file, opened, replace=replace, progress=report, notify=progress.note)
    done = "imported" if copied.status == "ready" else "is there already"
    click.echo(f"{study.name} ({study.id}): {done}, checksum {copied.checksum[:16]}")
