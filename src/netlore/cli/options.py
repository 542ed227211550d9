"""Options and arguments that several commands share, and from a command's options to a configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel

from netlore.cli.named_values import kept_of, limits_of, pairs, space_arguments
from netlore.errors import InvalidInput
from netlore.space.budget import number
from netlore.storage.documents import checked

C = TypeVar("C", bound=BaseModel)


def size(given: str | float) -> int:
    """A whole number of bytes as people write it, such as 4G; `ValueError` if it is none."""
    found = number(given)
    if not 0 < found < float("inf"):
        raise ValueError(f"{given!r} is no size; write, for example, 4G")
    return int(found)


_PATH = " or package.module:name"
Data = Annotated[
    str, typer.Option(help=f"Data set: a name of `netlore list data`, a .parquet file, a folder{_PATH}.")
]
Predictors = Annotated[
    list[str], typer.Option("--predictor", help=f"A predictor by name{_PATH}, or `all`; may be repeated.")
]
Space = Annotated[str, typer.Option(help=f"Design space: a name of `netlore list spaces`{_PATH}.")]
SpaceOptions = Annotated[
    list[str],
    typer.Option(
        "--space-option", metavar="NAME=VALUE", help="An argument of the design space's function; may be repeated."
    ),
]
Restrict = Annotated[
    list[str],
    typer.Option(
        metavar="NAME=LOW:HIGH",
        help="Keep a hyperparameter of the space in an interval, or by NAME=A,B a category among names; may be "
        "repeated.",
    ),
]
Flops = Annotated[
    tuple[float, float],
    typer.Option(
        parser=number, metavar="LOW HIGH", help="Budget in multiply-adds, such as 10M 50M; `0 inf` for none."
    ),
]
Limits = Annotated[
    tuple[float, float],
    typer.Option(parser=number, metavar="LOW HIGH", help="A further budget; `0 inf` for none."),
]
Budget = Annotated[
    list[str],
    typer.Option(metavar="NAME=LOW:HIGH", help="Limits of any measure of complexity, by name; may be repeated."),
]
DeviceTables = Annotated[
    list[str],
    typer.Option(
        "--device-table",
        metavar="FILE",
        help="A table of a device, which `netlore latency --table` makes, or BENCHMARK/DATA-DEVICE-QUANTITY; then "
        "--budget latency=0:5 limits milliseconds; may be repeated.",
    ),
]
Seed = Annotated[int, typer.Option(help="Decides architectures and initial weights.")]
Workers = Annotated[
    int,
    typer.Option(
        min=1,
        max=1024,
        help="Processes; of --executor workers, as many as there is room for if not given. Results do not depend "
        "on it.",
    ),
]
Executor = Annotated[
    str | None,
    typer.Option(help=f"Compute where this executor does, such as ray, instead of in processes: its name{_PATH}."),
]
Address = Annotated[
    str | None,
    typer.Option(
        help="Of the executor's cluster: HOST:PORT, or auto; if not given RAY_ADDRESS, or this machine alone."
    ),
]
WorkerCpus = Annotated[float | None, typer.Option(metavar="NUMBER", help="CPUs of each worker on a cluster; 1.")]
WorkerMemory = Annotated[
    int | None,
    typer.Option(parser=size, metavar="SIZE", help="Memory set aside for each worker on a cluster, such as 4G."),
]
WorkerGpus = Annotated[
    float | None, typer.Option(metavar="NUMBER", help="GPUs of each worker on a cluster, or a share of one; none.")
]
NetworkTimeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help="End a network that takes longer to score; its status is timeout. No limit if not given.",
    ),
]
NetworkMemory = Annotated[
    int | None,
    typer.Option(
        parser=size,
        metavar="SIZE",
        help="End a network whose process takes more memory, such as 4G, libraries included; its status is "
        "out_of_memory. No limit if not given.",
    ),
]
BatchSize = Annotated[int, typer.Option(help="Images in the batch.")]
DataSeed = Annotated[int, typer.Option(help="Decides which images.")]
Dtype = Annotated[str, typer.Option(help="Precision: float32 or float64.")]
Device = Annotated[str, typer.Option(help="Where to compute: cpu or cuda.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else there.")]
Run = Annotated[Path, typer.Argument(help="A run's folder.")]

NO_LIMIT = (0.0, float("inf"))

Group = Mapping[str, tuple[Any, Any]]
"""Options that belong together: the kind and the default of each, by name."""

SPACE: Group = {
    "space": (Space, "anynet"),
    "space_options": (SpaceOptions, []),
    "restrict": (Restrict, []),
    "flops": (Flops, (10e6, 50e6)),
    "params": (Limits, NO_LIMIT),
    "activations": (Limits, NO_LIMIT),
    "budget": (Budget, []),
    "device_tables": (DeviceTables, []),
}
"""Which networks: a design space within a budget."""
PASS: Group = {
    "batch_size": (BatchSize, 64),
    "data_seed": (DataSeed, 0),
    "dtype": (Dtype, "float32"),
    "device": (Device, "cpu"),
}
"""How networks are evaluated: on which images, in which precision, and where."""


def configured(kind: type[C], given: Mapping[str, Any], fixed: Sequence[str] = ()) -> C:
    """The configuration that a command's options make, those left out that are no part of it.

    What the command has no option for must be named as `fixed`, so that the default counts; raises TypeError
    where it is not.
    """
    wanted = [name for name in kind.model_fields if name not in fixed]
    missing = [name for name in wanted if name not in given]
    if missing:
        raise TypeError(f"no option is called {missing[0]}, and it is not fixed")
    values = {name: None if given[name] == NO_LIMIT else given[name] for name in wanted}
    if "space_options" in values:
        values["space_options"] = space_arguments(given["space_options"])
    if "restrict" in values:
        values["restrict"] = kept_of(given["restrict"])
    if "budget" in values:
        values["budget"] = limits_of(given["budget"]) or None
    return checked(kind, values)


def of_modules(context: typer.Context) -> dict[str, Any]:
    """The options of `score`, with the defaults of what is scored; options that say nothing of it are refused."""
    given = {**context.params}
    named = [f"--{name[:-1]}" for name in ("modules", "architectures") if given[name]]
    if len(named) > 1:
        raise typer.BadParameter("--module and --architecture exclude each other; give one of them.")
    for option, name in (("--arg", "arguments"), ("--loss", "loss"), ("--output", "output")):
        if not given["modules"] and is_given(context, name):
            raise InvalidInput(f"{option} is for modules, and none is named; name one by --module.")
    given["arguments"] = pairs(given["arguments"], "--arg")
    if given["networks"] is None:
        given["networks"] = 1 if given["modules"] else 100
    if given["modules"]:
        for name in SPACE:
            if is_given(context, name):
                option = name.removesuffix("s").replace("_", "-") if "_" in name else name
                raise InvalidInput(
                    f"--{option} chooses architectures of a design space, not modules; leave it out."
                )
        if not is_given(context, "dtype"):
            given["dtype"] = "own"
    return given


def having(*groups: Group) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of groups, which it reads from its context."""
    added = {name: one for group in groups for name, one in group.items()}

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def wrapper(**given: Any) -> None:
            command(**{name: value for name, value in given.items() if name not in added})

        return with_options(wrapper, command, added)

    return decorated


def with_options(wrapper: Callable[..., None], command: Callable[..., None], added: Group) -> Callable[..., None]:
    """The wrapper of a command, which typer sees with the options of both; `--json` is the last."""
    known = signature(command, eval_str=True)
    own = [*known.parameters.values()]
    more = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in added.items()
    ]
    place = next((place for place, one in enumerate(own) if one.name == "as_json"), len(own))
    ordered = [*own[:place], *more, *own[place:]]
    wrapper.__annotations__ = {**command.__annotations__, **{name: kind for name, (kind, _) in added.items()}}
    wrapper.__signature__ = known.replace(  # type: ignore[attr-defined]
        parameters=[one.replace(kind=Parameter.KEYWORD_ONLY) for one in ordered]
    )
    return wrapper


def is_given(context: typer.Context, name: str) -> bool:
    """Whether an option of a command was given, even with the default's value."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"
