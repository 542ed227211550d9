"""The command line's contract: what is printed where, exit codes; bad input is one line and leaves nothing."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from netlore import __version__
from netlore.cli import console
from netlore.scoring.predictor import PREDICTORS
from netlore.storage.score_store import Store
from tests.cli.running import NOISE, SHORT, TINY, Run, files
from tests.experiments.documents import strictly
from tests.refinement.cases import fickle

# refine


@pytest.mark.usefixtures("without_report")
def test_refine_json_is_one_document_and_progress_is_on_stderr(run: Run) -> None:
    code, out, err = run("refine", *SHORT, "--out", "out", "--json")
    assert code == 0
    found = strictly(out)
    assert found["predictor"] == "synflow" and found["rounds"] == 2
    assert found["stopped_because"] in {"round limit", "single point", "fixed point"}
    letters = [f"{letter}{i}" for letter in "dwgb" for i in (1, 2, 3)]
    assert list(found["principles"]) == letters
    assert all(low <= high and isinstance(low, int) for low, high in found["principles"].values())
    assert found["cardinalities"][0] == 10_077_696_000 and len(found["cardinalities"]) == 3
    assert found["networks_scored"] == 12 and found["seconds"] > 0 and found["failed"] == 0
    assert all(Path(path).is_file() for path in found["files"])
    assert "round 1: 0 of 6 networks" in err and "round 2: 6 of 6 networks" in err


@pytest.mark.usefixtures("without_report")
def test_refine_prints_principles_and_ends_with_the_files(run: Run) -> None:
    code, out, err = run("refine", *SHORT, "--out", "out")
    assert code == 0 and "Design principles" in out and "synflow" in out
    assert out.splitlines()[-4:] == ["Wrote:", "  out/refinement.json", "  out/scores.sqlite", "  out/run.json"]
    assert "after 2 rounds and 12 networks" in out and "round 1" not in out
    assert len(err.splitlines()) == 4


@pytest.mark.usefixtures("without_report")
def test_refine_has_a_folder_of_its_own_for_each_predictor_and_data_set(run: Run) -> None:
    assert run("refine", *SHORT)[0] == 0
    assert Path("runs/synflow-noise/refinement.json").is_file()


@pytest.mark.usefixtures("without_report")
def test_replicates_show_what_repeats_and_can_be_added_to(run: Run) -> None:
    code, out, _ = run("refine", *SHORT, "--out", "out", "--replicates", 2)
    assert code == 0 and "What repeats" in out and "pairs that agree" in out
    code, out, err = run("refine", *SHORT, "--out", "out", "--replicates", 3, "--json")
    found = strictly(out)
    assert code == 0 and [one["seed"] for one in found["replicates"]] == [0, 1, 2]
    assert set(found["repeats"]["d1"]) == {"low", "high", "agreement"}
    # The first two are known; only the third is scored.
    assert "seed 2, round 1: 0 of 6" in err and "seed 1, round 1: 0 of 6" not in err


@pytest.mark.usefixtures("without_report")
@pytest.mark.parametrize(
    ("limits", "written"),
    [
        (("--flops", 0, "50e6"), {"flops": [0.0, 50e6], "params": None}),
        (("--flops", 0, "inf", "--params", "1e5", "inf"), {"flops": None, "params": [1e5, None]}),
        (
            ("--budget", "params=0:2e5", "--budget", "activations=1e5:inf"),
            {"budget": {"params": [0.0, 2e5], "activations": [1e5, None]}},
        ),
    ],
)
def test_a_budget_may_be_open_on_one_side(run: Run, limits, written) -> None:
    command = ("refine", *SHORT, *limits, "--round-limit", 1, "--out", "out", "--json")
    code, out, _ = run(*command)
    assert code == 0 and strictly(out)["rounds"] == 1
    configuration = strictly(Path("out/run.json").read_text())["configuration"]
    assert {name: configuration[name] for name in written} == written
    code, again, err = run(*command)
    assert code == 0 and err == "round 1: 6 of 6 networks\n"
    assert strictly(again)["principles"] == strictly(out)["principles"]
    assert run("report", "out")[0] == 0


@pytest.mark.usefixtures("without_report")
def test_networks_that_fail_are_counted_and_listed_and_the_code_is_3(run: Run, monkeypatch) -> None:
    monkeypatch.setitem(PREDICTORS._objects, "fickle", fickle)
    code, out, _ = run("refine", *SHORT, "--predictor", "fickle", "--out", "out")
    assert code == 3 and "scores are missing:" in out and "degenerate, the sixth digit is unlucky" in out
    code, out, _ = run("refine", *SHORT, "--predictor", "fickle", "--out", "out", "--json")
    assert code == 3 and strictly(out)["failed"] > 0


@pytest.mark.usefixtures("without_report")
def test_an_interruption_keeps_everything_and_the_same_command_goes_on(run: Run, monkeypatch, made: Path) -> None:
    with monkeypatch.context() as patched:

        def stop(self: object, label: str, done: int, total: int) -> None:
            if (label, done) == ("round 2", 3):
                raise KeyboardInterrupt

        patched.setattr(console._Lines, "__call__", stop)
        code, out, err = run("refine", *SHORT, "--out", "out", "--json")
    assert code == 130 and out == ""
    assert err == "netlore: interrupted; everything so far is kept, and the same command goes on from there.\n"
    code, out, _ = run("report", "out", "--json")
    begun = strictly(out)
    assert code == 0 and begun["stopped_because"] == "unfinished" and begun["rounds"] == 1
    code, out, err = run("refine", *SHORT, "--out", "out", "--json")
    assert code == 0 and "round 2: 3 of 6 networks" in err
    assert strictly(out)["principles"] == strictly((made / "refinement.json").read_text())["principles"]


# Bad input


def picture(seed: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def write_data() -> None:
    """A file that is no Parquet, one with a label outside its classes, and one that is no data set at all."""
    Path("broken.parquet").write_bytes(b"PAR1 and then nothing")
    Path("notes.txt").write_text("nothing to see")
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    images = pa.array([{"bytes": picture(i), "path": None} for i in range(4)], type=kind)
    table = pa.table({"img": images, "label": pa.array([0, 1, 2, 1])})
    features = {"label": {"names": ["ant", "cat"], "_type": "ClassLabel"}}
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, "labels.parquet")


UNEVEN = json.dumps(
    {"values": {f"{k}{i}": v for k, v in {"d": 1, "w": 24, "g": 16, "b": 1}.items() for i in (1, 2, 3)}}
)
BAD = [
    (("refine", *SHORT, "--predictor", "snap"), "predictor 'snap' is not known; choose one of"),
    (("refine", *SHORT, "--predictor", "all"), "predictor 'all' names 7 predictors; a refinement has one"),
    (
        ("refine", *SHORT, "--data", "cifar11"),
        "data set 'cifar11' is neither a registered name nor an existing path",
    ),
    (("refine", *SHORT, "--data", "notes.txt"), "must be a .parquet file"),
    (("refine", *SHORT, "--data", "broken.parquet"), "broken.parquet must be a whole Parquet file"),
    (("refine", *SHORT, "--data", "labels.parquet", "--batch-size", 2), "label"),
    (("refine", *SHORT, "--batch-size", 20_000), "batch size 20000 is larger than the data set's 10000 images"),
    (("refine", *SHORT, "--space", "nasbench"), "design space 'nasbench' is not known"),
    (("refine", *SHORT, "--fast"), "No such option"),
    (("refine", *SHORT, "--networks", 0), "networks = 0 is not allowed"),
    (("refine", *SHORT, "--networks", "many"), "'--networks'"),
    (("refine", *SHORT, "--flops", "few", 5), "'--flops'"),
    (("refine", *SHORT, "--flops", 1, 2), "acceptance rate 0"),
    (
        ("refine", *SHORT, "--flops", "50e6", "10e6"),
        "the budget flops = 5e+07 to 1e+07 is empty; give 0 <= low <=",
    ),
    (("refine", *SHORT, "--params", "nan", 5), "is empty; give 0 <= low <= high"),
    (("refine", *SHORT, "--budget", "params"), "--budget params is no NAME=LOW:HIGH"),
    (("refine", *SHORT, "--budget", "params=0:1", "--budget", "params=0:2"), "its name came before"),
    (("refine", *SHORT, "--budget", "colour=0:1"), "measure 'colour' is not known"),
    (("refine", *SHORT, "--seed", -1), "seed = -1 is not allowed"),
    (("refine", *SHORT, "--workers", 0), "'--workers'"),
    (("refine", *SHORT, "--replicates", 0), "replicates = 0 is not between 1 and 10,000"),
    (("refine", *SHORT, "--round-limit", 0), "round_limit = 0 is not allowed"),
    (("refine", *SHORT, "--dtype", "float16"), "dtype = 'float16' is not allowed"),
    (("refine", *SHORT, "--device", "abacus"), "device 'abacus' cannot be used"),
    (("refine", *SHORT, "--bootstrap", "shoe"), "bootstrap = 'shoe' is not allowed"),
    (("refine", *SHORT, "--out", "notes.txt"), "output folder notes.txt cannot be used"),
    (("refine", *SHORT, "--out", "notes.txt/run"), "output folder notes.txt/run cannot be used"),
    (("score", *TINY, "--predictor", "snap"), "predictor 'snap' is not known"),
    (("score", *TINY, "--predictor", "snip", "--predictor", "snip"), "name each predictor once"),
    (("score", *TINY, "--architecture", "resnet-20"), "architecture 'resnet-20' is not known"),
    (("score", *TINY, "--architecture", UNEVEN), "24 is not divisible by"),
    (("score", *TINY, "--architecture", "{d1: 1}"), "the architecture is not valid JSON"),
    (("score", *TINY, "--architecture", "absent.json"), "architecture file absent.json cannot be read"),
    (("score", *NOISE, "--module", "no_such_package:network"), "module no_such_package:network cannot be loaded"),
    (("score", *NOISE, "--module", "os:sep"), "module os:sep is of the type str, not a torch module"),
    (("score", *NOISE, "--module", "collections:OrderedDict"), "is of the type OrderedDict, not a torch module"),
    (
        ("score", *NOISE, "--module", "network"),
        "module 'network' does not say from where; write timm:NAME, torchvision:NAME",
    ),
    (("score", *NOISE, "--module", "a:b", "--architecture", "c"), "exclude each other"),
    (("report", "absent"), "absent holds no readable run.json"),
    (("report", "."), "holds no readable run.json"),
    (("export", "absent"), "absent holds no readable run.json"),
    (("show", UNEVEN), "24 is not divisible by"),
    (("show", "resnet-21"), "architecture 'resnet-21' is not known"),
    (("show", "baseline/resnet-20", "--classes", 0), "'--classes'"),
    (("show", "baseline/resnet-20", "--resolution", 0), "'--resolution'"),
    (("list", "colours"), "list 'colours' is not known; choose one of architectures, benchmarks, data, executors"),
    (("list",), "Missing argument"),
    (("dance",), "No such command 'dance'"),
]


@pytest.mark.parametrize(("words", "message"), BAD, ids=[" ".join(map(str, w[:1] + w[-2:]))[:40] for w, _ in BAD])
def test_bad_input_is_one_line_with_code_2_and_leaves_nothing(run: Run, elsewhere: Path, words, message) -> None:
    write_data()
    before = files(elsewhere)
    if words[0] == "refine" and "--out" not in words:
        words = (*words, "--out", "out")
    code, out, err = run(*words)
    assert code == 2 and out == ""
    assert err.startswith("netlore: ") and err.endswith("\n") and err.count("\n") == 1
    assert message in err and "Traceback" not in err
    assert files(elsewhere) == before and sorted(p.name for p in elsewhere.iterdir()) == sorted(before)


def test_no_command_prints_the_help(run: Run) -> None:
    code, out, err = run()
    assert code == 2 and "Usage: netlore" in out + err and "refine" in out + err
    assert "netlore: " not in err


def test_a_folder_of_another_configuration_is_refused_with_the_difference(run: Run, made: Path) -> None:
    before = files(made)
    code, out, err = run("refine", *SHORT, "--seed", 5, "--networks", 7, "--out", made, "--json")
    assert code == 2 and out == "" and err.count("\n") == 1
    assert "belongs to another configuration: networks is 6 there and 7 here; seed is 0 there and 5 here" in err
    assert {name: text for name, text in files(made).items() if "sqlite" not in name} == {
        name: text for name, text in before.items() if "sqlite" not in name
    }


def test_a_folder_that_another_process_holds_is_refused(run: Run, elsewhere: Path) -> None:
    with Store(elsewhere / "out", {}):
        before = files(elsewhere)
        code, _, err = run("refine", *SHORT, "--out", "out")
        assert code == 2 and err.count("\n") == 1
        assert "another process is writing to out; wait for it or choose another output folder." in err
        assert files(elsewhere) == before


def test_a_disk_that_refuses_is_one_line_with_code_1(run: Run, made: Path, elsewhere: Path) -> None:
    copy = shutil.copytree(made, elsewhere / "copy")
    (copy / "scores.csv").mkdir()
    code, _, err = run("export", copy)
    assert code == 1 and err.count("\n") == 1 and "scores.csv cannot be written (Is a directory)" in err
    (copy / "figures").symlink_to("absent/folder")
    code, _, err = run("report", copy)
    assert code in (1, 2) and err.count("\n") == 1 and "figures" in err


# score


def test_score_a_sample(run: Run) -> None:
    code, out, err = run("score", *TINY, "--predictor", "synflow", "--predictor", "snip", "--out", "out", "--json")
    found = strictly(out)
    assert code == 0 and found["networks"] == 6 and set(found["predictors"]) == {"synflow", "snip"}
    assert "scores: 6 of 6 networks" in err
    code, out, err = run("score", *TINY, "--predictor", "synflow", "--predictor", "snip", "--out", "out")
    assert code == 0 and err == "scores: 6 of 6 networks\n", "everything was known"
    assert "Scores" in out and out.splitlines()[-3:] == ["Wrote:", "  out/scores.sqlite", "  out/run.json"]


def test_score_named_architectures(run: Run) -> None:
    words = ("--architecture", "baseline/resnet-20", "--architecture", "paper/cifar10/jacov")
    code, out, _ = run("score", *TINY, *words, "--predictor", "synflow", "--json")
    assert code == 0 and strictly(out)["networks"] == 2
    frame = pd.read_csv(strictly(run("export", "runs/sample", "--json")[1])["files"][0])
    assert set(frame["architecture"].str.split("-").str[0]) == {"resnet", "anynet"}


def test_score_a_module_of_ones_own(run: Run, monkeypatch) -> None:
    Path("own_model.py").write_text(
        "from torch import nn\n"
        "net = nn.Sequential(nn.Conv2d(3, 1, 3), nn.ReLU(), nn.Flatten(), nn.Linear(30 * 30, 10))\n"
        "flat = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))\n"
    )
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "own_model", raising=False)
    code, out, _ = run("score", *NOISE, "--module", "own_model:net", "--json")
    found = strictly(out)
    assert code == 0 and found["module"] == "own_model:net" and len(found["scores"]) == 7
    assert set(found["scores"]["snip"]) == {"value", "status", "reason", "seconds"}
    assert not Path("runs").exists()
    # Without a ReLU there are no codes to compare: that score is missing, and the code says so.
    code, out, _ = run("score", *NOISE, "--module", "own_model:flat")
    assert code == 3 and "degenerate" in out and "logdet" in out


def test_score_counts_networks_that_fail(run: Run) -> None:
    deep = json.dumps({"family": "resnet", "values": {"d1": 300, "d2": 1, "d3": 1, "w1": 2, "w2": 2, "w3": 2}})
    words = (
        "score",
        *TINY,
        "--architecture",
        deep,
        "--architecture",
        "baseline/resnet-20",
        "--predictor",
        "synflow",
    )
    code, out, _ = run(*words)
    assert code == 3 and "1 score is missing:" in out and "nonfinite" in out and "synflow of resnet-" in out
    code, out, _ = run(*words, "--json")
    assert code == 3 and strictly(out)["failed"] == 1


# report, export, show, list


@pytest.mark.usefixtures("without_report")
def test_report_writes_the_same_result_again(run: Run, made: Path, elsewhere: Path) -> None:
    copy = shutil.copytree(made, elsewhere / "copy")
    before = files(copy)
    code, out, _ = run("report", copy, "--json")
    assert code == 0 and strictly(out)["rounds"] == 2
    written = {str(Path(path).relative_to(copy)) for path in strictly(out)["files"]}
    after = files(copy)
    assert written == {"refinement.json"}
    assert {name: after[name] for name in written} == {name: before[name] for name in written}


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_export_is_read_by_pandas(run: Run, made: Path, elsewhere: Path, form: str) -> None:
    copy = shutil.copytree(made, elsewhere / "copy")
    code, out, _ = run("export", copy, "--format", form)
    assert code == 0 and out.splitlines()[0] == "Wrote:"
    read = pd.read_csv if form == "csv" else pd.read_parquet
    scores, networks = read(copy / f"scores.{form}"), read(copy / f"networks.{form}")
    assert len(scores) == len(networks) == 12
    assert {"architecture", "draw", "predictor", "score", "status", "reason", "seconds"} <= set(scores.columns)
    assert {"d1", "w3", "flops", "params", "activations", "synflow"} <= set(networks.columns)


def test_show_takes_a_name_a_document_or_a_file(run: Run) -> None:
    values = dict(zip(("d1", "d2", "d3", "w1", "w2", "w3"), (3, 3, 3, 16, 32, 64), strict=True))
    text = json.dumps({"family": "resnet", "values": values})
    Path("own.json").write_text(text)
    documents = [strictly(run("show", one, "--json")[1]) for one in ("baseline/resnet-20", text, "own.json")]
    assert documents[0] == documents[1] == documents[2]
    # The paper's Table II.
    assert documents[0]["flops"] == 40_813_194 and documents[0]["params"] == 272_474
    assert documents[0]["values"] == values and documents[0]["num_classes"] == 10
    code, out, _ = run("show", "paper/cifar100/synflow")
    assert code == 0 and "100 classes" in out and "46,405,988 FLOPs" in out and "3x3 convolution" in out
    assert strictly(run("show", "paper/cifar100/synflow", "--classes", 10, "--json")[1])["num_classes"] == 10


@pytest.mark.parametrize(
    ("what", "member"),
    [
        ("predictors", "synflow"),
        ("families", "anynet"),
        ("methods", "memory"),
        ("measures", "flops"),
        ("transforms", "signed_log"),
        ("executors", "local"),
        ("spaces", "anynet"),
        ("data", "cifar10"),
        ("architectures", "baseline/resnet-20"),
        ("recipes", "paper"),
    ],
)
def test_list_names_what_can_be_named(run: Run, what: str, member: str) -> None:
    code, out, err = run("list", what, "--json")
    assert code == 0 and err == "" and member in [row["name"] for row in strictly(out)]
    code, out, _ = run("list", what)
    assert code == 0 and member in out and what.capitalize() in out


def test_spaces_name_the_pixels_that_they_are_for(run: Run) -> None:
    pixels = {row["name"]: row["pixels"] for row in strictly(run("list", "spaces", "--json")[1])}
    assert (pixels["anynet"], pixels["regnet"], pixels["transnas-micro"]) == (32, 224, 256)


def test_the_version(run: Run) -> None:
    assert run("--version") == (0, f"netlore {__version__}\n", "")
