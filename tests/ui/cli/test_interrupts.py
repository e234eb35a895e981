"""Ctrl-C in the places where Python would lose it or end the process by the signal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMMAND = """
import os, signal, sys, time, types
from unittest.mock import patch
from ui.cli import main

def ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.01)

class Finalised:
    def __del__(self):
        ctrl_c()

def work(arguments):
    {work}
    time.sleep(20)
    print("it went on")

signal.signal(signal.SIGINT, signal.default_int_handler)
with patch.object(main, "_run", work):
    main.main([])
"""


@pytest.mark.parametrize(
    "work",
    ["ctrl_c()", "Finalised()", "exec('ctrl_c()', globals())"],
    ids=["anywhere", "in a finaliser", "in an evaluated string"],
)
def test_an_interrupt_ends_a_command_with_one_line_and_status_130_wherever_it_falls(work: str, tmp_path: Path) -> None:
    (tmp_path / "interrupted.py").write_text(COMMAND.format(work=work))
    done = subprocess.run(
        [sys.executable, "-m", "interrupted"],  # what Python runs as a module it ends by the signal most readily
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "mri: Interrupted. Nothing half-done is visible.\n"
