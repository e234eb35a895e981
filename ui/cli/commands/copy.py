"""`mri store copy`: studies from store to store."""

from __future__ import annotations

from contextlib import closing

import click

from ingest.progress import counter
from mri_core.errors import UsageError
from mri_core.store import locate, open_store
from ui.cli.options import quiet_option
from ui.cli.output import tell_upgraded
from ui.cli.progress import progress_for


@click.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--study", "names", multiple=True, help="This study only, by name or id; may be given more than once.")
@click.option("--replace", is_flag=True, help="Let a copy take the place of another study of its name.")
@quiet_option
def copy(source: str, target: str, names: tuple[str, ...], replace: bool, quiet: bool) -> None:
    """Copy studies from store FROM to store TO, each a folder or a server, and compare them by a checksum.

    Without --study all are copied. Two servers with different passwords are asked for one after the other, where
    MRI_PASSWORD is not set.
    """
    from mri_core.store import copying

    if locate(source) == locate(target):
        raise UsageError("A study is copied to another store", f"Both are {locate(source)}")
    with open_store(source, create=False) as read, open_store(target) as written:
        written.studies()  # a load waits for a server that is away: one that was never there is told at once
        chosen = [read.study(name) for name in names] or read.studies()
        for study in chosen:
            tell_upgraded(written.prepare(study.id))
        for study in chosen:
            with closing(progress_for(quiet=quiet)) as progress:
                tell = counter(progress, study.name, "rows")
                copied = copying.copy(read, written, study, replace=replace, progress=tell, notify=progress.note)
            done = "copied" if copied.status == "ready" else "is there already"
            click.echo(f"{study.name} ({study.id}): {done}, checksum {copied.checksum[:16]}")
        for error in [] if names else read.unreadable():
            click.echo(f"Not copied: {error}", err=True)
