"""From a command's options to a design space, for commands that need no data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netlore.cli import options
from netlore.cli.named_values import kept_of, limits_of, space_arguments
from netlore.errors import InvalidInput, NetloreError

if TYPE_CHECKING:
    from netlore.space.design_space import DesignSpace


def space_of(asked: Mapping[str, Any], classes: int | None, resolution: int | None) -> DesignSpace:
    """The design space that the options of `SPACE` name, within their limits; of its own sizes if not given."""
    from netlore.experiments.device_tables import use_device_table
    from netlore.space.complexity import BUILT_IN
    from netlore.space.design_space import SPACES

    sizes = {name: one for name, one in (("num_classes", classes), ("resolution", resolution)) if one is not None}
    limits = {name: asked[name] for name in BUILT_IN if asked[name] != options.NO_LIMIT}
    limits |= {use_device_table(one).measure: options.NO_LIMIT for one in asked["device_tables"]}
    try:
        function = SPACES.get(asked["space"])
        made = function(**sizes, **space_arguments(asked["space_options"]))
        return made.restrict(kept_of(asked["restrict"])).within(limits | limits_of(asked["budget"]))
    except NetloreError:
        raise
    except TypeError as error:
        raise InvalidInput(
            f"the space {asked['space']} cannot be made so ({error}); change its options."
        ) from None
