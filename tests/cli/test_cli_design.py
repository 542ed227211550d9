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
    *("--flops", "0", "8M", "--params", "0", "20k", "--predictor", "synflow", "--networks", "30"),
    *("--round-limit", "1", "--recipe", "smoke", "--epochs", "1", "--finalists", "3", "--skip-bad"),
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
    assert [one["part"] for one in found["parts"]] == [
        "refinement",
        *(f"finalist-{number}" for number in (1, 2, 3)),
        "training",
    ]


def test_it_ends_in_a_file_and_its_commands_do_it_again(run: Run, pictures: Path) -> None:
    code, out, err = run("design", pictures, *SMALL, "--out", "mine", "--json")
    assert code == 0, err
    found = strictly(out)
    assert Path(found["onnx"]).is_file() and "resnet" in err
    page = Path("mine/design.html").read_text()
    commands = [
        line.partition("<code>")[2].partition("</code>")[0] for line in page.splitlines() if "<code>" in line
    ]
    written = [shlex.split(one.replace("&#39;", "'").replace("&#34;", '"')) for one in commands]
    last = ["train", "export", "latency", "report"]
    assert [words[1] for words in written] == ["design", "refine", "pick", *["train"] * 3, *last]
    Path("mine").rename("first")
    for words in written[1:8]:
        code, _, err = run(*words[1:])
        assert code == 0, (words, err)
    assert Path("mine/network.onnx").read_bytes() == Path("first/network.onnx").read_bytes()
    for file in ("refinement/pick.json", *(f"finalist-{number}/training.json" for number in (1, 2, 3))):
        first, again = (json.loads((Path(folder) / file).read_text()) for folder in ("first", "mine"))
        assert first["architecture"] == again["architecture"] and first.get("error") == again.get("error")


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
