"""Which scores are not there yet, and the jobs that find them: the largest networks first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from netlore.data import Task
from netlore.scoring.draws import Job, Network
from netlore.scoring.kept import PIECE, Kept, keys_of, pieces
from netlore.scoring.settings import Settings, plan_of
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import check_size, complexity
from netlore.space.family import has_plans
from netlore.space.module import ModuleArchitecture

_SMALL = 4096  # widths and depths from which on sizes of some networks are beyond 64-bit integers


def missing(networks: Sequence[Network], settings: Settings, kept: Kept) -> NDArray[np.int64]:
    """The places of the networks that lack a score, the largest network first; 16 bytes each.

    So no worker is left with a large one at the end.

    Raises:
        InvalidArchitecture: The values do not describe a network of the family.
        InvalidInput: A network is too large to be built.
    """
    names = [predictor.name for predictor in settings.examining]
    places, sizes = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for start, piece in pieces(networks):
        keys = [keys_of(network, settings.seed, names) for network in piece]
        found = kept.find(key for of_one in keys for key in of_one)
        lacking = [i for i, of_one in enumerate(keys) if any(key not in found for key in of_one)]
        places.append(np.asarray(lacking, dtype=np.int64) + start)
        sizes.append(costs([piece[i].architecture for i in lacking], settings.task))
    return np.concatenate(places)[np.argsort(-np.concatenate(sizes), kind="stable")]


def jobs(networks: Sequence[Network], places: NDArray[np.int64], settings: Settings, kept: Kept) -> Iterator[Job]:
    """The jobs of the networks at these places, each made shortly before it is needed."""
    names = [predictor.name for predictor in settings.examining]
    for start in range(0, len(places), PIECE):
        chosen = [networks[place] for place in places[start : start + PIECE].tolist()]
        keys = [keys_of(network, settings.seed, names) for network in chosen]
        found = kept.find(key for of_one in keys for key in of_one)
        for network, of_one in zip(chosen, keys, strict=True):
            yield Job(network, tuple(key[3] for key in of_one if key not in found))


def cost(architecture: Architecture, task: Task) -> int:
    """Activations: time to score grows with them more than with anything else.

    Raises:
        InvalidArchitecture: The values do not describe a network of the family.
        InvalidInput: The network is too large to be built.
    """
    if isinstance(architecture, ModuleArchitecture):
        return dict(architecture.measures).get("activations", 0)
    families.check(architecture)
    if not has_plans(architecture.family):
        sizes = (task.num_classes, task.resolution, task.images.shape[1])
        return int(complexity(architecture, *sizes).activations)
    return int(check_size(plan_of(architecture, task), task.resolution).activations)


def costs(architectures: Sequence[Architecture], task: Task) -> NDArray[np.int64]:
    """The cost of each; one fold for all that share a family."""
    found = np.zeros(len(architectures), dtype=np.int64)
    together: dict[str, list[int]] = {}
    for place, one in enumerate(architectures):
        if _folds(one):
            families.check(one)
            together.setdefault(one.family, []).append(place)
        else:
            found[place] = cost(one, task)
    for family, places in together.items():
        members = [architectures[place].values for place in places]
        values = {name: np.asarray([one[name] for one in members]) for name in members[0]}
        plan = families.plan_of(family, values, task.num_classes, task.images.shape[1])
        found[places] = check_size(plan, task.resolution).activations
    return found


def _folds(architecture: Architecture) -> bool:
    """Whether it has a plan, whose sizes 64-bit integers hold."""
    is_plan = not isinstance(architecture, ModuleArchitecture) and has_plans(architecture.family)
    return is_plan and all(isinstance(value, str) or -_SMALL <= value <= _SMALL for _, value in architecture.items)
