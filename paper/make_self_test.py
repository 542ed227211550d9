"""Make the scores with which `netlore doctor` compares those of a machine.

    python -m paper.make_self_test

Three networks by the paper's seven predictors, 16 bundled images of CIFAR-10, float64, seed 0.
"""

from __future__ import annotations

import json
from pathlib import Path

from netlore.experiments.doctor import SELF_TEST, computed
from netlore.storage.atomic import write_whole


def main() -> None:
    """Write them into the package."""
    print(write_whole(Path(str(SELF_TEST)), (json.dumps(computed(), indent=2) + "\n").encode()))


if __name__ == "__main__":
    main()
