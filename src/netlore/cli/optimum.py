"""`netlore optimum`: the best architectures of a space by a predictor's closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlore.cli import options
from netlore.cli.console import print_json, show_table
from netlore.cli.spaces import space_of

if TYPE_CHECKING:
    from netlore.closed_forms.optimum import Optimum

_LISTED = 20  # architectures that are tied


@options.having(options.SPACE)
def optimum(
    context: typer.Context,
    predictor: Annotated[
        str, typer.Option(help="A predictor with a closed form that adds up over stages: synflow or logdet.")
    ] = "synflow",
    share: Annotated[
        float, typer.Option(help="Of the architectures within the budget, the best of which are looked at.")
    ] = 1e-5,
    classes: Annotated[int | None, typer.Option(min=1, help="Classes; the space's own if not given.")] = None,
    resolution: Annotated[
        int | None, typer.Option(min=1, help="Side of the square input images, in pixels; the space's own.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Find the exact optimum of a space by a predictor's closed form; nothing is scored."""
    from netlore.closed_forms.optimum import optimum as found_by

    made = space_of(context.params, classes, resolution)
    found = found_by(made, predictor, share)
    print_json(document(found, predictor)) if as_json else _show(found, predictor)


def document(found: Optimum, predictor: str) -> dict[str, Any]:
    """The optimum as JSON-able values."""
    measures = {name: column[0].item() for name, column in found.measures.items()}
    following = found.next_best
    return {
        "predictor": predictor,
        "objective": found.objective.stands,
        "family": found.space.family,
        "budget": str(found.space.budget),
        "cardinality_within_budget": found.within_budget.value,
        "cardinality_is_exact": found.within_budget.exact,
        "optimum": {"id": found.best.id, "values": found.best.values, "objective": found.value(), **measures},
        "tied": [one.values for one in found.tied[:_LISTED]],
        "tied_count": len(found.tied),
        "tied_intervals": _plain(found, len(found.tied)),
        "next_best": following and {"values": following.values, "objective": found.value(len(found.tied))},
        "share": found.share,
        "share_networks": len(found.highest),
        "share_objective": found.value(-1),
        "share_intervals": _plain(found, None),
    }


def _plain(found: Optimum, count: int | None) -> dict[str, list[Any]]:
    return {name: list(kept) for name, kept in found.intervals(count).items()}


def _show(found: Optimum, predictor: str) -> None:
    ties, highest = len(found.tied), found.value()
    print(
        f"{predictor} in {found.space.family}, {found.space.budget}: of {found.within_budget} architectures the "
        f"best is {found.best}."
    )
    print(f"What is highest there, {highest:,.10g}, is {found.objective.stands}.")
    if ties > 1:
        print(f"{ties:,} architectures are equal in it; this one has least of what the budget limits first.")
    if (following := found.next_best) is not None:
        print(f"Next: {following}, {found.value(ties):,.10g}.")
    number, level = len(found.highest), found.value(-1)
    print(f"The best {100 * found.share:g} %: {number:,} architectures, {level:,.10g} or more.")
    equal, best = found.intervals(ties), found.intervals()
    show_table(
        "Hyperparameters",
        [
            {"name": name, "optimum": one, "of equals": str(equal[name]), "of the best": str(best[name])}
            for name, one in found.best.items
        ],
    )
    show_table(
        "Complexity",
        [
            {
                "name": name,
                "optimum": one[0].item(),
                "of the best": f"{one.min().item():,} to {one.max().item():,}",
            }
            for name, one in found.measures.items()
        ],
    )
