"""`netlore refine --method random|evolution` and what follows it, as a user types it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.cli.running import SHORT, Run, files, refined_in
from tests.experiments.documents import strictly

NOUNS = {"random": "random search", "evolution": "regularised evolution"}


@pytest.fixture(scope="module", params=NOUNS)
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory, method: str) -> Path:
    """The folder of a finished search; copied before it is changed."""
    return refined_in(tmp_path_factory.mktemp("cli") / method, (*SHORT, "--method", method))


@pytest.mark.usefixtures("without_report")
def test_the_document_names_the_method_and_workers_change_nothing(run: Run, searched: Path, method: str) -> None:
    code, out, _ = run("refine", *SHORT, "--method", method, "--workers", 2, "--out", "out", "--json")
    found, kept = strictly(out), strictly((searched / "refinement.json").read_text())
    assert code == 0 and found["method"] == kept["method"] == method
    assert (found["rounds"], found["stopped_because"], found["networks_scored"]) == (2, "round limit", 12)
    assert (found["principles"], found["cardinalities"]) == (kept["principles"], kept["cardinalities"])


def test_a_finished_search_goes_on_to_a_higher_limit(run: Run, searched: Path, method: str) -> None:
    shutil.copytree(searched, "copy")
    longer = [*SHORT, "--round-limit", 3, "--method", method]
    code, out, _ = run("refine", *longer, "--out", "copy")
    assert code == 0 and f"Ranges of the twelve best architectures of a {NOUNS[method]}" in out
    assert "round limit after 3 rounds and 18 networks" in out and "the last intervals hold " in out
    page = Path("copy/report.html").read_text()
    assert f"--method {method}" in page and "As many rounds were asked for" in page
    assert "Design principles" not in page and "narrow" not in re.sub(
        "<style>.*?</style>|<svg.*?</svg>", "", page, flags=re.S
    )


def test_what_follows_a_refinement_takes_a_search(run: Run, searched: Path, method: str) -> None:
    shutil.copytree(searched, "copy")
    code, out, _ = run("pick", "copy", "--networks", 3, "--json")
    assert code == 0 and strictly(out)["refinement"]["method"] == method
    assert run("export", "copy", "--format", "archive", "--out", "archive")[0] == 0
    assert run("report", "archive")[0] == 0
    assert Path("archive/refinement.json").read_bytes() == (searched / "refinement.json").read_bytes()
    code, out, _ = run("analyze", "copy")
    assert code == 0 and f"twelve best architectures, by {NOUNS[method]}." in out and "had not settled" not in out


def test_a_folder_of_another_method_is_refused_and_left_as_it_is(run: Run, searched: Path, method: str) -> None:
    copy = Path(shutil.copytree(searched, "copy"))
    before = {name: content for name, content in files(copy).items() if name.endswith(".json")}
    for other in ("paper", "memory"):
        code, out, err = run("refine", *SHORT, "--method", other, "--out", "copy")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert f'method is "{method}" there and "{other}" here; choose another' in err
    code, _, err = run("refine", *SHORT, "--method", method, "--bootstrap", "monte-carlo", "--out", "copy")
    assert code == 2 and f"the method {method} has no bootstrap" in err
    assert {name: content for name, content in files(copy).items() if name.endswith(".json")} == before


def test_the_methods_and_their_usual_numbers_are_listed(run: Run) -> None:
    code, out, _ = run("list", "methods", "--json")
    found = {one["name"]: one["networks"] for one in strictly(out)}
    assert code == 0 and found == {"paper": 500, "memory": 60, "random": 50, "evolution": 50, "nsga2": 50}
