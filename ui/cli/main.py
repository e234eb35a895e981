"""The command line: `mri`. It translates; the library decides."""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from keyword import iskeyword
from typing import NoReturn

import click
from click.exceptions import Exit, NoArgsIsHelpError

from mri_core.errors import MriError, one_line, unknown_name
from ui.cli import interrupts
from ui.wording.commands import COMMANDS
from ui.wording.terminal import runnable

DEBUG = "MRI_DEBUG"


class LazyGroup(click.Group):
    """Imports a command when it is run, so that `mri studies` does not wait for what `mri ingest` needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a first acquaintance."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The command; raises `UsageError` with near names where there is none."""
        if cmd_name not in COMMANDS:
            raise unknown_name("command", cmd_name, COMMANDS, "See them with: mri --help")
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = import_module(f"ui.cli.commands.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list, without importing what is listed."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="llm-mri-graph", message="%(package)s %(version)s")
def cli() -> None:
    """A scanner for language models: which regions light up for which kinds of text, and how activity flows.

    The store of studies is the folder ./mri-store, or the one that --store or MRI_STORE names.
    """


def main(arguments: list[str] | None = None) -> None:
    """Runs a command; every failure is one line on standard error and an exit status."""
    for stream in (sys.stdout, sys.stderr):  # an old terminal's encoding must not stop a command
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    interrupts.heed()
    try:
        _run(sys.argv[1:] if arguments is None else list(arguments))
    except NoArgsIsHelpError as error:  # `mri` alone: its message is the help
        click.echo(error.format_message())
    except MriError as error:
        _fail(str(error), error.exit_status)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "mri"
        _fail(f"{error.format_message()} See: {command} --help", error.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        interrupts.settle()
        if sys.stderr.isatty():
            click.echo(err=True)  # ends the line on which the terminal shows ^C
        _fail(interrupts.LINE, interrupts.STATUS)
    except BrokenPipeError:  # `mri query … | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _fail(f"A file cannot be used: {error}. Check that it is there, may be written, and has room.", 1)
    except MemoryError:
        _fail("This needs more memory than there is. Take fewer documents with --limit, or a smaller model.", 1)
    except Exception as error:  # a fault of ours: say so in one line too
        if os.environ.get(DEBUG):
            raise
        fault = f"{type(error).__name__}: {error}"
        _fail(f"This is a fault of LLM-MRI Graph: {fault}. Set {DEBUG}=1 to see where, and report it.", 1)


def _run(arguments: list[str]) -> None:
    """What `cli.main` does, but with every exception left to `main`: it would swallow a closed pipe."""
    try:
        with cli.make_context("mri", arguments) as context:
            cli.invoke(context)
    except Exit:  # --help and --version
        return


def _fail(message: str, status: int) -> NoReturn:
    click.echo(f"mri: {runnable(one_line(message))}", err=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
