"""`netlore score --module`: scores of torch modules that others define, printed or in a folder."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput
from netlore.executors import Workers, opened
from netlore.experiments.config import ModulesConfiguration
from netlore.experiments.record import identity, omitted, record, saying_all
from netlore.experiments.score import ScoreRun, settings_of
from netlore.scoring.draws import Network, network_seed
from netlore.scoring.fingerprint import fingerprint
from netlore.scoring.module_scorer import prepared_modules
from netlore.scoring.objective import Objective
from netlore.scoring.scorer import Progress, opened_store, score_networks
from netlore.scoring.settings import Settings
from netlore.scoring.sources import Factory, Source, arguments_of, function_at
from netlore.space.module import ModuleArchitecture
from netlore.storage.score_store import Store


def score_modules_run(
    configuration: ModulesConfiguration,
    folder: Path | None = None,
    workers: Workers = 1,
    progress: Progress | None = None,
) -> ScoreRun:
    """Score modules; in a folder, go on with what is there, if configuration and definitions are the same."""
    start = time.perf_counter()
    settings, networks, factories, facts = prepared_modules_of(configuration)
    files: tuple[Path, ...] = ()
    with ExitStack() as stack:
        store = None
        if folder is not None:
            stack.enter_context(saying_all())
            store = stack.enter_context(Store(folder, facts))
            stack.enter_context(opened_store(store, settings))
            space = configuration.make_space(settings.task).to_document()
            libraries = {one.library: None for one in sources_of(configuration, settings) if one.library}
            more = {"space": space, **omitted(settings.task)}
            files = (store.path, record(folder, "score", configuration, *libraries, **more))
        running = stack.enter_context(opened(workers))
        table = score_networks(networks, settings, running, store, progress, factories)
    return ScoreRun(table, time.perf_counter() - start, files)


def prepared_modules_of(
    asked: ModulesConfiguration,
) -> tuple[Settings, list[Network], dict[str, Factory], dict[str, Any]]:
    """How to score, what, what makes it, and all that scores in a folder depend on.

    Raises:
        InvalidInput: A module cannot be loaded, built or scored under this configuration, or is named twice.
    """
    settings = settings_of(asked)
    if len(set(asked.modules)) < len(asked.modules):
        raise InvalidInput(
            f"modules {', '.join(asked.modules)} name one twice; name each once, and draw more networks "
            "of it by --networks."
        )
    factories = {
        # What a file builds while it is imported is the same whichever of its names is asked for.
        str(one): one.resolved(network_seed(asked.seed, one.path.partition(":")[0], 0))
        for one in sources_of(asked, settings)
    }
    # After the modules, whose files are imported under their own seeds.
    objective = objective_of(asked)
    settings = replace(settings, objective=objective)
    networks, made = prepared_modules(factories, settings, asked.networks)
    known = {network.architecture for network in networks}
    definitions = {one.source: one.definition for one in known if isinstance(one, ModuleArchitecture)}
    for path, found in ((asked.loss, objective.loss), (asked.output, objective.output)):
        if path is not None and callable(found):
            definitions[path] = fingerprint(found)
    facts = {**identity("score", asked, settings.task), "definitions": definitions}
    return settings, networks, made, facts


def objective_of(configuration: ModulesConfiguration) -> Objective:
    """The loss, and the output that it looks at.

    Raises:
        InvalidInput: One of them is not known, cannot be imported, or is no function.
    """
    found: dict[str, Any] = {"loss": configuration.loss, "output": configuration.output}
    for what, text in found.items():
        if text is not None and ":" in text:
            seed = network_seed(configuration.seed, text.partition(":")[0], 0)
            found[what] = function_at(what, text, seed)
    return Objective(**found)


def sources_of(configuration: ModulesConfiguration, settings: Settings) -> list[Source]:
    """The modules, with their arguments; models of libraries fit the data unless it is said otherwise."""
    given, task = arguments_of(configuration.arguments), settings.task
    found = []
    for path in configuration.modules:
        arguments: dict[str, Any] = {}
        if Source(path).library:
            arguments["num_classes"] = task.num_classes
        if Source(path).library == "timm" and task.images.shape[1] != 3:
            arguments["in_chans"] = task.images.shape[1]
        found.append(Source(path, tuple({**arguments, **given}.items())))
    return found
