"""The plotting code that students get draws every figure, whatever becomes of the others."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib import image

REFERENCE = Path(__file__).parents[2] / "reference"
TEMPLATE = Path(__file__).parents[2] / "student_template"
FIGURES = re.findall(r"^draw\((\w+)\)$", (REFERENCE / "plots.py").read_text("utf-8"), re.MULTILINE)


def run_plots(folder, mlp):
    """Run ``plots.py`` beside a module, in another working directory and without a display."""
    shutil.copytree(TEMPLATE / "data", folder / "data")
    shutil.copy(REFERENCE / "plots.py", folder)
    (folder / "mlp.py").write_text(mlp, "utf-8")
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "MPLBACKEND", "PYTHONPATH")}
    environment |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    return subprocess.run(
        [sys.executable, "-W", "error", str(folder / "plots.py")],
        cwd=folder.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def test_the_script_draws_every_figure(tmp_path):
    (tmp_path / "homework").mkdir()
    done = run_plots(tmp_path / "homework", (REFERENCE / "mlp.py").read_text("utf-8"))
    assert done.stderr == ""
    assert done.stdout.splitlines() == [f"wrote figures/{name}.png" for name in FIGURES]
    for name in FIGURES:
        pixels = image.imread(tmp_path / "homework" / "figures" / f"{name}.png")
        assert pixels.shape[0] >= 350
        assert pixels.shape[1] >= 500
        colors = pixels[::5, ::5].reshape(-1, pixels.shape[2])
        assert len(np.unique(colors, axis=0)) > 10


def test_each_figure_is_tried_on_its_own(tmp_path):
    (tmp_path / "homework").mkdir()
    mlp = (TEMPLATE / "mlp.py").read_text("utf-8")
    mlp += "\n\ndef one_hot(y, num_classes):\n    return np.eye(num_classes)[y]\n"
    mlp += "\n\ndef compare_widths(X, Y, widths, epochs, rng):\n    return dict.fromkeys(widths, 0.5)\n"
    mlp += "\n\ndef compare_optimizers(X, Y, epochs, rng):\n    raise ValueError('a mistake')\n"
    done = run_plots(tmp_path / "homework", mlp)
    told = done.stdout.splitlines()
    assert "skipped: 3.6 MLP.__init__ is not written yet (figure xor_plain)" in told
    assert "wrote figures/widths.png" in told
    assert "failed: figure optimizers" in told
    assert "ValueError: a mistake" in done.stderr
    assert len(told) == len(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_by_the_function_it_is_named_after(name):
    assert f"\ndef {name}():\n" in (REFERENCE / "plots.py").read_text("utf-8")
