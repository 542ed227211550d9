"""`netlore refine --method memory` and what follows it, as a user types it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from netlore.experiments import refine as refining
from netlore.experiments.config import RefineConfiguration
from tests.cli.running import SHORT, Run, files, refined_in
from tests.experiments.documents import strictly

MEMORY = (*SHORT, "--method", "memory")


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished refinement with memory; copied before it is changed."""
    return refined_in(tmp_path_factory.mktemp("cli") / "remembered", MEMORY)


@pytest.mark.usefixtures("without_report")
def test_the_document_names_the_method_and_workers_change_nothing(run: Run, remembered: Path) -> None:
    code, out, _ = run("refine", *MEMORY, "--workers", 2, "--out", "out", "--json")
    found, kept = strictly(out), strictly((remembered / "refinement.json").read_text())
    assert code == 0 and found["method"] == kept["method"] == "memory"
    for name in ("predictor", "rounds", "stopped_because", "principles", "cardinalities", "networks_scored"):
        assert found[name] == kept[name]


def test_the_paper_s_method_is_the_default(made: Path) -> None:
    assert strictly((made / "refinement.json").read_text())["method"] == "paper"


@pytest.mark.parametrize(
    ("words", "networks"),
    [
        *(((), 500), (("--method", "memory"), 60), (("--method", "random"), 50), (("--method", "evolution"), 50)),
        (("--method", "memory", "--networks", 500), 500),
    ],
)
def test_the_number_of_networks_goes_by_the_method_unless_it_is_given(
    run: Run, monkeypatch, words, networks
) -> None:
    asked: list[RefineConfiguration] = []

    def stop(configuration: RefineConfiguration, *arguments: object) -> None:
        asked.append(configuration)
        raise KeyboardInterrupt

    monkeypatch.setattr(refining, "refine_run", stop)
    assert run("refine", *words)[0] == 130
    assert [one.networks for one in asked] == [networks]


@pytest.mark.usefixtures("without_report", "elsewhere")
def test_each_method_has_a_folder_of_its_own_if_none_is_named(run: Run) -> None:
    assert run("refine", *SHORT)[0] == run("refine", *MEMORY)[0] == 0
    assert sorted(path.name for path in Path("runs").iterdir()) == ["synflow-noise", "synflow-noise-memory"]


def test_what_follows_a_refinement_takes_one_with_memory(run: Run, remembered: Path, elsewhere: Path) -> None:
    shutil.copytree(remembered, elsewhere / "copy")
    code, out, _ = run("pick", "copy", "--networks", 3, "--json")
    assert code == 0 and strictly(out)["refinement"]["method"] == "memory"
    assert run("export", "copy", "--format", "archive", "--out", "archive")[0] == 0
    code, out, _ = run("report", "archive")
    assert code == 0
    assert Path("archive/refinement.json").read_bytes() == (remembered / "refinement.json").read_bytes()
    page = Path("archive/report.html").read_text()
    assert "--method memory" in page and "the range of the twelve best architectures" in page
    code, out, _ = run("analyze", "copy")
    assert code == 0 and list(Path("copy/tables").iterdir())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            MEMORY,
            'copy belongs to another configuration: method is "paper" there and "memory" here; choose another',
        ),
        ((*MEMORY, "--bootstrap", "monte-carlo"), "the method memory has no bootstrap, so leave it at 'exact'"),
        (
            (*SHORT, "--method", "fancy"),
            "method 'fancy' is not known; choose one of evolution, memory, nsga2, paper, random",
        ),
    ],
)
def test_bad_input_is_one_line_with_code_2_and_changes_nothing(
    run: Run, made: Path, elsewhere: Path, words, message
) -> None:
    copy = shutil.copytree(made, elsewhere / "copy")
    before = {name: content for name, content in files(copy).items() if name.endswith(".json")}
    code, out, err = run("refine", *words, "--out", "copy")
    assert code == 2 and out == "" and err.count("\n") == 1 and message in err
    assert {name: content for name, content in files(copy).items() if name.endswith(".json")} == before
