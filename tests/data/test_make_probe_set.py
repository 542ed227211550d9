from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from paper import make_probe_set as script

BUNDLED = script.BUNDLED
FILES = ("cifar10-probe.parquet", "cifar100-probe.parquet")


def test_two_runs_give_the_shipped_files(cifar, tmp_path, capsys):
    for run in ("first", "second"):
        script.main([str(cifar), "--out", str(tmp_path / run)])
    for name in FILES:
        first, second = (tmp_path / run / name for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
        shipped = BUNDLED / name
        assert pq.read_table(first).equals(pq.read_table(shipped), check_metadata=True)
        # pyarrow writes its version into the file, so that bytes can only be compared within one version.
        if pq.ParquetFile(shipped).metadata.created_by == pq.ParquetFile(first).metadata.created_by:
            assert first.read_bytes() == shipped.read_bytes()
    assert capsys.readouterr().out.count("probe.parquet") == 4


def test_equal_pixels_are_taken_once_also_across_classes(write_parquet, png_of):
    pictures = [png_of(4, 4), png_of(5, 5), png_of(4, 4), png_of(6, 6), png_of(4, 4)]
    table = pq.read_table(write_parquet([0, 0, 0, 1, 1], pictures))
    for seed in range(10):
        rows = script.choose_rows(table, "label", 1, seed)
        assert sorted(table.column("label").take(pa.array(rows)).to_pylist()) == [0, 1]
        assert len({pictures[row] for row in rows}) == 2
    with pytest.raises(ValueError, match="class 0 of label has fewer than 3 different images"):
        script.choose_rows(table, "label", 3, 0)


def test_a_folder_without_the_files_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        script.main([str(tmp_path), "--out", str(tmp_path / "out")])
    assert caught.value.code == 2
    assert "must hold cifar10-train-20k.parquet, but does not" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
