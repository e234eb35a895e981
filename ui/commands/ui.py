"""`mri ui`: open the web page."""

from __future__ import annotations

import click

from mri_core.store import locate
from ui.options import store_option


@click.command("ui")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="TCP port.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Any other than loopback lets whoever reaches it read and delete the studies.",
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@store_option
def command(port: int, host: str, no_browser: bool, store: str | None) -> None:
    """Open the web page on this machine's own address."""
    from ui.serve import serve

    serve(locate(store), port, host=host, browser=not no_browser)
