"""score_modules(): torch modules of others times predictors to a table."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Annotated

import torch
from pydantic import Field
from torch import nn

from netlore.arguments import validated
from netlore.data import Task
from netlore.errors import InvalidInput
from netlore.executors import Limits, Workers
from netlore.executors import opened as opened_executor
from netlore.executors.limits import NONE as NO_LIMITS
from netlore.scoring.draws import Network, network_seed
from netlore.scoring.engine import AutogradEngine
from netlore.scoring.examination import Predictors
from netlore.scoring.module_complexity import module_complexity
from netlore.scoring.objective import Loss, Objective, Output
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import Progress, opened_store, score_networks
from netlore.scoring.settings import OWN, Settings, check_coupling
from netlore.scoring.sources import Factory, Given, built, definition_of
from netlore.space.module import ModuleArchitecture
from netlore.storage.score_store import Store
from netlore.storage.score_table import ScoreTable


@validated
def score_modules(
    modules: Mapping[str, Factory | nn.Module],
    predictors: Predictors,
    task: Task,
    seed: int = 0,
    store: Store | Path | str | None = None,
    workers: Workers = 1,
    dtype: str | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
    *,
    draws: Annotated[int, Field(le=1_000_000)] = 1,
    chunk_size: int | None = None,
    loss: Loss = "cross_entropy",
    output: Output = None,
    limits: Limits = NO_LIMITS,
) -> ScoreTable:
    """Build and score torch modules that others define, as `score` does with architectures.

    Args:
        modules: For each name a function without arguments that makes the network, such as a class or a
            `functools.partial`; or a network, which keeps its weights and has one draw.
        predictors: Names, predictors, or "all" for the paper's seven; their passes are shared.
        task: The batch, the same for every network; its images must fit the networks.
        seed: The run's seed. Functions are called under a seed that is derived from it, the name and the draw, so
            that initial weights repeat.
        store: A store, or a folder for one, as in `score`. A changed definition is scored again.
        workers: Processes to use, or an executor or the name of one; with several, functions must be at the top
            level of a module. Results do not depend on it.
        dtype: Precision, `float32` or `float64`; None: float64 for networks with such parameters, else float32.
        device: A torch device, `cpu` or `cuda`.
        progress: Called with the numbers of networks done and to do.
        draws: Networks of each, with other initial weights.
        chunk_size: As in `probe`.
        loss: As in `probe`.
        output: As in `probe`.
        limits: As in `score`.

    Returns:
        A row per network and predictor, in the order asked for. `wide` has the name as its column `module`, and
        FLOPs, parameters and activations that were measured.

    Raises:
        InvalidInput: Something asked for does not exist or does not fit, a function fails or makes no network, or
            it cannot be sent to worker processes.

    >>> from torch import nn
    >>> import netlore as nl
    >>> def network():
    ...     return nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))
    >>> table = nl.score_modules({"linear": network}, "snip", nl.task("noise", batch_size=8))
    >>> table.wide[["module", "params"]].to_dict("records")
    [{'module': 'linear', 'params': 30730}]
    """
    settings = Settings(task, resolve(predictors), seed, dtype or OWN, device, chunk_size, Objective(loss, output))
    if draws < 1:
        raise InvalidInput(f"draws = {draws} is not positive; choose 1 or more.")
    factories = {name: Given(one) if isinstance(one, nn.Module) else one for name, one in modules.items()}
    networks, made = prepared_modules(factories, settings, draws)
    with opened_store(store, settings) as opened, opened_executor(workers, limits) as running:
        return score_networks(networks, settings, running, opened, progress, made)


def prepared_modules(
    factories: Mapping[str, Factory], settings: Settings, draws: int
) -> tuple[list[Network], dict[str, Factory]]:
    """The networks of all modules, and their factories by ids; each is built once, to know its size.

    Raises:
        InvalidInput: A module cannot be scored under these settings, or has no other draws.
    """
    networks: list[Network] = []
    made: dict[str, Factory] = {}
    for name, factory in factories.items():
        if isinstance(factory, Given) and draws > 1:
            raise InvalidInput(
                f"module {name} is a network already, so it has no {draws} draws of initial weights; name the "
                "class or the function that makes it."
            )
        if not callable(factory):
            raise InvalidInput(
                f"module {name} is of the type {type(factory).__name__}, not a torch module; give a function that "
                "makes one."
            )
        architecture = _known(name, factory, settings)
        made[architecture.id] = factory
        networks += (Network(architecture, draw) for draw in range(draws))
    if not networks:
        raise InvalidInput("no module is named; give one or more.")
    return networks, made


def _known(name: str, factory: Factory, settings: Settings) -> ModuleArchitecture:
    network = built(name, factory, network_seed(settings.seed, name, 0), torch.device(settings.device))
    try:
        engine = AutogradEngine(network)
        check_coupling(engine.batch_coupling, settings)
        dtype = settings.dtype_for(network)
        image = settings.task.images[:1].to(engine.device, dtype)
        measures = module_complexity(deepcopy(network).to(dtype), image)
    except InvalidInput as error:
        raise InvalidInput(f"module {name}: {error}") from None
    return ModuleArchitecture.of(name, definition_of(factory), measures)
