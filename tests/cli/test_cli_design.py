"""`netlore design` as a user types it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from benchmarks.odd_images import write_odd_images

from tests.cli.running import Run
from tests.experiments.documents import strictly

SMALL = (
    *("--flops", "0", "2M", "--params", "0", "20k", "--predictor", "synflow", "--networks", "14"),
    *("--round-limit", "1", "--recipe", "smoke", "--epochs", "1", "--skip-bad"),
)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    write_odd_images(tmp_path / "my pictures", 16)
    return tmp_path / "my pictures"


def test_a_plan_says_what_is_found_and_chosen_and_writes_nothing(run: Run, pictures: Path) -> None:
    code, out, err = run("design", pictures, *SMALL, "--dry-run")
    assert code == 0, err
    assert "56 images to learn from and 8 to judge by; 4 classes" in out and "--resize" in out
    assert "training" in out and "About" in out and not Path("runs").exists()
    code, out, _ = run("design", pictures, *SMALL, "--latency", "0", "5", "--dry-run", "--json")
    found = strictly(out)
    assert code == 0 and found["makes_latency_table"] and found["seconds"] > 0
    assert [one["part"] for one in found["parts"]] == ["refinement", "training"]


def test_it_ends_in_a_file_and_its_commands_do_it_again(run: Run, pictures: Path) -> None:
    code, out, err = run("design", pictures, *SMALL, "--out", "mine", "--json")
    assert code == 0, err
    found = strictly(out)
    assert Path(found["onnx"]).is_file() and "anynet" in err
    page = Path("mine/design.html").read_text()
    commands = [
        line.partition("<code>")[2].partition("</code>")[0] for line in page.splitlines() if "<code>" in line
    ]
    written = [shlex.split(one.replace("&#39;", "'").replace("&#34;", '"')) for one in commands]
    assert [words[1] for words in written] == ["design", "refine", "pick", "train", "export", "latency", "report"]
    onnx = Path("mine/network.onnx").read_bytes()
    Path("mine").rename("first")
    for words in written[1:5]:
        code, _, err = run(*words[1:])
        assert code == 0, (words, err)
    assert Path("mine/network.onnx").read_bytes() == onnx
    assert (
        json.loads(Path("mine/refinement/pick.json").read_text())["architecture"]["id"]
        == found["architecture"]["id"]
    )


def test_what_cannot_be_done_is_one_line(run: Run, pictures: Path) -> None:
    for words, said in (
        (("nowhere",), "neither a registered name nor an existing path"),
        ((pictures,), "--skip-bad"),
        ((pictures, "--skip-bad", "--flops", "0", "10"), "budget"),
        ((pictures, "--skip-bad", "--space", "nothing"), "nothing"),
        ((pictures, "--skip-bad", "--latency", "5", "1"), "latency"),
    ):
        code, _, err = run("design", *words)
        assert code == 2 and said in err.splitlines()[-1], (words, err)
        assert not Path("runs").exists()
