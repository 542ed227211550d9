"""From images and a budget to a network, as `netlore design` does it; here small, on scikit-learn's digits.

Needs the extras: pip install 'netlore[train,onnx]'.
"""

import tempfile
from pathlib import Path

import netlore as nl


def main() -> None:
    """Look at the images, choose, and do what is chosen, in half a minute."""
    asked = nl.DesignConfiguration(
        data="digits",
        flops=(0, 3e6),
        params=(0, 30_000),
        networks=24,
        round_limit=2,
        epochs=4,
    )
    chosen = nl.planned_design(asked)
    for reason in chosen.reasons:
        print(reason)
    with tempfile.TemporaryDirectory() as folder:
        run = nl.run_design(chosen, Path(folder) / "design")
        found = run.document()
        print(f"{run.data.architecture}: error {found['error']:.1f} %, {found['params']:,} parameters")
        print(f"a pass takes {found['latency_ms']:.2f} ms; the file has {run.data.onnx.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
