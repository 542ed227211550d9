"""The progress of a study, and its tables."""

from __future__ import annotations

from pathlib import Path


class Progress:
    """Records a study's progress, and interrupts it at a label."""

    def __init__(self, stop_at: str | None = None) -> None:
        self.labels: list[str] = []
        self.units: set[str] = set()
        self._stop_at = stop_at

    def __call__(self, label: str, done: int, total: int, unit: str = "networks") -> None:
        self.labels.append(label)
        self.units.add(unit)
        if label == self._stop_at and done == 2:
            raise KeyboardInterrupt


def tables_of(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / "tables").glob("*.csv"))}
