"""A figure becomes SVG, PDF and PNG: the same bytes for the same data; captions say what is in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec

import matplotlib as mpl
import pytest

from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.figure import _inline, of_refinements, of_sample, predictor_looks, renderings
from netlore.report.figures.overlaid import overlaid_figure
from tests.report.conftest import JACOV_ENDS, build


def drawn(one: RefinementData, label: str = "synflow") -> dict[str, bytes]:
    return renderings(overlaid_figure({label: one.first, "other": one.first}, ["d1", "w1"]), "pair")


def test_the_same_data_give_the_same_bytes_whatever_the_callers_settings(synflow: RefinementData) -> None:
    before = dict(mpl.rcParams)
    first = drawn(synflow)
    assert list(first) == ["svg", "pdf", "png"]
    assert dict(mpl.rcParams) == before
    with mpl.rc_context({"font.size": 30, "svg.hashsalt": "other", "axes.facecolor": "red"}):
        assert drawn(synflow) == first


def test_svg_ids_carry_the_name_and_every_reference_resolves(synflow: RefinementData) -> None:
    text = drawn(synflow)["svg"].decode()
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert all(name.startswith("pair-") for name in ids)
    references = re.findall(r'(?:url\(#|href="#)([^)"]+)', text)
    assert references
    assert set(references) <= set(ids)
    assert "DejaVu" not in text
    assert "<text" in text


def test_names_from_outside_are_drawn_as_they_are(synflow: RefinementData) -> None:
    text = drawn(synflow, '_<b>$x^2$ & id="q"')["svg"].decode()
    assert '_&lt;b&gt;$x^2$ &amp; id="q"' in text
    assert _inline(text, 'a "b" <c>').startswith('<svg role="img" aria-label="a &quot;b&quot; &lt;c&gt;"')


@pytest.mark.parametrize(
    ("backend", "first"),
    [
        ("module://matplotlib_inline.backend_inline", "netlore.report.figures.catalogue"),
        ("no such backend", "netlore.report.compare.write"),
        ("svg", "netlore.report.figures.catalogue"),
    ],
)
def test_an_inherited_backend_ends_nothing_and_is_left_as_it_was(backend: str, first: str) -> None:
    program = (
        f"import os, sys; import {first}; import matplotlib as mpl; "
        "from netlore.report.figures.figure import png_bytes; from netlore.report.figures.style import "
        "new_figure; assert png_bytes(new_figure(1, 1)); assert 'matplotlib.pyplot' not in sys.modules; "
        "print(os.environ['MPLBACKEND'], mpl.rcParams._get('backend') == os.environ['MPLBACKEND'], sep=';')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "MPLBACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    # The first is there where notebooks can run.
    there = backend == "svg" or ("inline" in backend and find_spec("matplotlib_inline") is not None)
    assert done.stdout.strip() == f"{backend};{there}"


def test_only_predictors_that_are_shown_are_counted(findings: StudyData) -> None:
    sample = findings.samples[0]
    assert of_sample(sample, ["jacov"]).endswith("seed 0; left out without a score: 2 of jacov.")
    assert of_sample(sample, sample.predictors).endswith("score: 1 of grad_norm and 2 of jacov.")
    assert of_sample(sample, ["synflow"]).endswith("without a score: none.")


def test_refinements_are_named_by_how_many_networks_a_round_had(findings: StudyData) -> None:
    runs = findings.refined("cifar10")
    assert of_refinements(runs) == "cifar10 (synflow, jacov): 500 networks a round, seed 0."
    other = build(JACOV_ENDS, seed=3, predictor="jacov", networks=1007)
    assert of_refinements([runs[0], other]) == (
        "cifar10 (synflow): 500 networks a round, seed 0; cifar10 (jacov): 1,007 networks a round, seed 3."
    )


def test_a_predictor_has_a_look_by_its_place_in_the_study(findings: StudyData) -> None:
    assert list(predictor_looks(findings)) == ["grad_norm", "synflow", "jacov"]
