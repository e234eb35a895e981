"""The command line as tests run it: in this process, or as a child, as a person would."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ui.cli.main import main

TELLING_IMPORTS = """
import json, sys
from ui.cli.main import main
imported = []
for arguments in json.loads(sys.argv[2]):
    try:
        main(arguments)
    except SystemExit as end:
        if end.code:
            raise
    imported.append(list(sys.modules))
json.dump(imported, open(sys.argv[1], "w"))
"""

HANGS = 600  # seconds after which a command hangs: machines of tests are busy


@dataclass(frozen=True)
class Result:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.out)

    def done(self) -> Result:
        """This result, of a command that did its work."""
        assert self.status == 0, self.err
        return self

    def refusal(self) -> str:
        """The last line on standard error of a command that failed in one line."""
        assert self.status in (1, 2, 130), self
        assert "Traceback" not in self.err
        *before, last = self.err.splitlines()
        assert last.startswith("mri: ")
        assert "fault of" not in last, last
        assert not any(line.startswith("mri: ") or not line for line in before), self.err
        assert last.isprintable()
        return last


@dataclass(frozen=True)
class Mri:
    """`mri` with a store and a cache of its own."""

    store: Path
    cache: Path

    def __call__(self, *arguments: object, **environment: str) -> Result:
        """Run a command in this process."""
        out, err, status = io.StringIO(), io.StringIO(), 0
        with (
            patch.dict(os.environ, {**self._places, **environment}),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main([str(argument) for argument in arguments])
            except SystemExit as end:
                status = int(end.code or 0)
        return Result(status, out.getvalue(), err.getvalue())

    def start(self, *arguments: object, python: tuple[str, ...] = ("-m", "ui.cli.main"), **options: Any) -> Any:
        """A command as a child; `options` are those of `Popen`."""
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [sys.executable, *python, *map(str, arguments)],
            **{**streams, "text": True, **options},
            env={**os.environ, **self._places, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "100"},
        )

    def child(self, *arguments: object, **options: Any) -> Result:
        """Run a command as a child."""
        with self.start(*arguments, **options) as process:
            out, err = process.communicate(timeout=HANGS)
        return Result(process.returncode, out, err)

    def imports(self, folder: Path, *arguments: object) -> set[str]:
        """The modules that a command has imported at its end; it must do its work."""
        return self.imports_of(folder, [arguments])[0]

    def imports_of(self, folder: Path, commands: Sequence[Sequence[object]]) -> list[set[str]]:
        """The modules imported at the end of each of some commands, which one process runs; all must do their work."""
        told, asked = folder / "modules", [[str(argument) for argument in arguments] for arguments in commands]
        self.child(told, json.dumps(asked), python=("-c", TELLING_IMPORTS)).done()
        return [set(modules) for modules in json.loads(told.read_text())]

    @property
    def _places(self) -> dict[str, str]:
        # Refits are asked for where they are tested: twenty of each study would take most of the time.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # where the shell finds `mri`
        return {"MRI_STORE": str(self.store), "MRI_CACHE": str(self.cache), "MRI_REFITS": "0", "PATH": path}
