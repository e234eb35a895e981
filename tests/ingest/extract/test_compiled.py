"""A compiled model gives the rows of the plain one, and where it cannot be compiled the scan says so or goes on."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from ingest.extract.compiled import pays
from mri_core.errors import ModelError
from tests.ingest.extract.test_extraction import loaded, scanned
from tests.ingest.refusal import refused

pytestmark = pytest.mark.model

needs_compiler = pytest.mark.skipif(not shutil.which("g++"), reason="There is no C++ compiler")

SCAN = """
import sys
from pathlib import Path
from tests.ingest.extract.test_extraction import DOCUMENTS, loaded, scanned
import numpy as np
characters = np.full(len(DOCUMENTS), 10**12)
found = scanned(loaded(sys.argv[1]), Path(sys.argv[2]), compiling=sys.argv[3], characters=characters)
print(found.conditions.compiled)
"""


@pytest.mark.slow  # the compiler takes its time
@needs_compiler
def test_a_compiled_model_gives_the_rows_of_the_plain_one(tiny, tmp_path):
    model = loaded(tiny("bert"))
    plain = scanned(model, tmp_path / "1")
    found = scanned(model, tmp_path / "2", compiling="on", batch_tokens=100)
    assert (plain.conditions.compiled, found.conditions.compiled) == (False, True)
    for one, other in zip(plain.activations.layers, found.activations.layers, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(plain.facts.table(), found.facts.table())


def without_a_compiler(folder, rows, compiling):
    environment = {**os.environ, "CXX": "no-such-compiler", "TORCHINDUCTOR_CACHE_DIR": str(rows.parent / "cache")}
    command = [sys.executable, "-c", SCAN, str(folder), str(rows), compiling]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.mark.slow  # as long as a compilation
def test_without_a_compiler_auto_goes_on_uncompiled_and_silently(tiny, tmp_path):
    ran = without_a_compiler(tiny("bert"), tmp_path / "rows", "auto")
    assert (ran.stdout, ran.stderr) == ("False\n", "")


@pytest.mark.slow  # as long as a compilation; that it is refused where it cannot be is tested below
def test_without_a_compiler_on_is_refused(tiny, tmp_path):
    ran = without_a_compiler(tiny("bert"), tmp_path / "rows", "on")
    last = ran.stderr.strip().splitlines()[-1]
    assert "ModelError: --compile on compiles the model" in last
    assert "C++ compiler" in last


def test_a_model_without_a_mask_for_padding_is_not_compiled(tiny, tmp_path):
    with refused("--compile on", "mask", kind=ModelError):
        scanned(loaded(tiny("fnet")), tmp_path, compiling="on")


def test_compiling_pays_for_long_scans_only(tiny):
    model = loaded(tiny("bert"))
    assert not pays(model, 1_000_000)
    assert pays(model, 10**13)
