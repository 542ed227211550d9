"""`netlore pick`, as a user types it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from netlore import cli
from netlore.cli import console
from netlore.report import write
from netlore.scoring.predictor import PREDICTORS
from tests.cli.running import SHORT, Run, files, no_report
from tests.experiments.documents import strictly
from tests.refinement.cases import fickle


@pytest.fixture
def copy(made: Path, elsewhere: Path) -> Path:
    """A finished refinement, to be changed, under a name that is shown as it is."""
    return shutil.copytree(made, elsewhere / "copy").relative_to(elsewhere)


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A refinement by a predictor that has no score for a third of the networks."""
    folder = tmp_path_factory.mktemp("cli") / "failing"
    with pytest.MonkeyPatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(write, "write_report", no_report)
        patched.setattr(cli, "own_process", lambda: None)
        patched.setitem(PREDICTORS._objects, "fickle", fickle)
        words = (*SHORT, "--predictor", "fickle", "--round-limit", "1", "--out", str(folder))
        cli.main(["refine", *words])
    return folder


def test_pick_prints_the_network_the_next_command_and_the_files(run: Run, copy: Path) -> None:
    code, out, err = run("pick", copy)
    lines, found = out.splitlines(), strictly((copy / "pick.json").read_text())
    best, drawn = found["architecture"], len(found["candidates"])
    assert code == 0 and err.splitlines()[-1].startswith(f"candidates: {drawn} of {drawn} networks")
    assert lines[0].startswith("synflow on noise, refined with seed 0: the best of ")
    assert lines[0].endswith("its principles and the budget leave.")
    values = best["values"]
    assert lines[1].startswith(f"{best['id']}: anynet, d {values['d1']},{values['d2']},{values['d3']}; w ")
    assert lines[2].startswith(f"  Depths: {values['d1']} block") and "  Bottleneck ratios: " in out
    assert f"10 classes, 32x32 pixels: {found['complexity']['flops']:,} FLOPs (multiply-adds)" in out
    assert f"synflow score {found['score']:.6g}" in out
    assert lines[-4:] == [
        "Next: `netlore train copy` trains it.",
        "Wrote:",
        "  copy/pick.json",
        "  copy/architecture.json",
    ]


def test_at_most_five_candidates_are_shown_the_best_first(run: Run, copy: Path) -> None:
    _, out, _ = run("pick", copy)
    ids = [entry["id"] for entry in strictly((copy / "pick.json").read_text())["candidates"]]
    assert "Best candidates" in out and len(ids) > 5, "or the test says little"
    table = out[out.index("Best candidates") :]
    places = [table.find(one) for one in ids]
    assert places[:5] == sorted(places[:5]) and places[0] > 0 and set(places[5:]) == {-1}


def test_pick_json_is_one_document_and_names_the_files(run: Run, copy: Path) -> None:
    code, out, err = run("pick", copy, "--networks", 3, "--seed", 5, "--workers", 2, "--json")
    found = strictly(out)
    assert code == 0 and "candidates: 3 of 3 networks" in err
    assert found.pop("files") == ["copy/pick.json", "copy/architecture.json"]
    assert found == strictly((copy / "pick.json").read_text())
    assert (found["networks"], found["seed"], len(found["candidates"])) == (3, 5, 3)
    code, again, err = run("pick", copy, "--networks", 3, "--seed", 5, "--json")
    assert code == 0 and again == out and err == "", "nothing was scored again"
    shown = strictly(run("show", "copy/architecture.json", "--json")[1])
    assert shown["id"] == found["architecture"]["id"] and shown["flops"] == found["complexity"]["flops"]


def test_a_single_point_is_the_only_architecture(run: Run, copy: Path, monkeypatch) -> None:
    # With principles from one network, there is one candidate.
    monkeypatch.setattr(write, "write_report", no_report)
    assert run("refine", *SHORT, "--networks", 1, "--out", "one")[0] == 0
    code, out, _ = run("pick", "one")
    assert code == 0 and out.startswith(
        "synflow on noise, refined with seed 0: the only architecture that its principles and the budget leave."
    )


def test_candidates_that_fail_are_counted_and_listed_and_the_code_is_3(
    run: Run, failing: Path, elsewhere: Path, monkeypatch
) -> None:
    monkeypatch.setitem(PREDICTORS._objects, "fickle", fickle)
    copy = shutil.copytree(failing, elsewhere / "copy")
    code, out, _ = run("pick", copy)
    assert code == 3 and "missing:" in out and "degenerate, the sixth digit is unlucky" in out
    code, out, _ = run("pick", copy, "--json")
    assert code == 3 and strictly(out)["failed"] > 0, "also when nothing is scored again"


@pytest.mark.usefixtures("without_report")
def test_an_unfinished_refinement_is_said_to_be(run: Run, monkeypatch) -> None:
    with monkeypatch.context() as patched:

        def stop(self: object, label: str, done: int, total: int) -> None:
            if (label, done) == ("round 2", 3):
                raise KeyboardInterrupt

        patched.setattr(console._Lines, "__call__", stop)
        assert run("refine", *SHORT, "--out", "out")[0] == 130
    code, out, _ = run("pick", "out")
    assert code == 0
    assert (
        "The refinement is unfinished, these are the principles of 1 round: go on with it" in out.splitlines()[0]
    )
    assert strictly(run("pick", "out", "--json")[1])["stopped_because"] == "unfinished"


def test_an_interruption_says_that_nothing_is_kept(run: Run, copy: Path, monkeypatch) -> None:
    def stop(self: object, label: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(console._Lines, "__call__", stop)
    code, out, err = run("pick", copy, "--json")
    assert code == 130 and out == "" and err.count("\n") == 1
    assert "interrupted; this command keeps nothing, so start it again." in err
    assert not (copy / "pick.json").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("copy", "--networks", 0), "networks = 0 is not positive; choose 1 or more."),
        (("copy", "--seed", -1), "seed = -1 is negative; choose 0 or more."),
        (("copy", "--replicate", 1), "copy has no replicate of seed 1; choose one of 0."),
        (("copy", "--workers", 0), "'--workers'"),
        (("copy", "--device", "abacus"), "device 'abacus' cannot be used"),
        (("absent",), "absent holds no readable run.json, so it is not a run; name a run's folder."),
        (("sample",), "sample holds a score run, which has no principles to pick from; name a refinement."),
        ((), "Missing argument"),
    ],
)
def test_bad_input_is_one_line_with_code_2_and_leaves_nothing(run: Run, copy: Path, words, message) -> None:
    Path("sample").mkdir()
    configuration = {"data": "noise", "predictors": ["synflow"]}
    Path("sample/run.json").write_text(json.dumps({"command": "score", "configuration": configuration}))
    before = {name for name in files(Path.cwd()) if "sqlite" not in name}
    code, out, err = run("pick", *words)
    assert code == 2 and out == ""
    assert err.startswith("netlore: ") and err.count("\n") == 1 and message in err
    assert {name for name in files(Path.cwd()) if "sqlite" not in name} == before
