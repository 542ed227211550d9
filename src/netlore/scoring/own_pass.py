"""What a pass of one's own over a network works on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from netlore.scoring.inputs import Inputs, batch_size, mapped, returned_by
from netlore.scoring.objective import USUAL, Objective, class_range


@dataclass(frozen=True)
class OwnPass:
    """What a pass of one's own over a network works on; all of it may be changed, nothing else sees it.

    Random numbers start from a fixed seed, gradients can be taken, and global random generators are put back.

    Attributes:
        batches: Pairs of inputs, N rows, real numbers in the precision of the passes, and targets, N rows, on the
            network's device; the first is the batch that other evidence is about.
        fresh_network: Returns a copy of the network as it was given, in training mode and the precision of the
            passes; another one at each call.
        objective: The loss, and the output that it looks at.
        notes: What is to be known of the result; it stands in the record of every score made of it.
        finite: Whether each output that was read is finite; if one is not, no score is made of the result.
    """

    batches: tuple[tuple[Any, Tensor], ...]
    fresh_network: Callable[[], nn.Module]
    objective: Objective = USUAL
    notes: list[str] = field(default_factory=list)
    finite: list[Tensor] = field(default_factory=list)

    @property
    def images(self) -> Any:
        """The inputs of the first batch."""
        return self.batches[0][0]

    @property
    def labels(self) -> Tensor:
        """The targets of the first batch."""
        return self.batches[0][1]

    def outputs(self, network: nn.Module, inputs: Inputs) -> tuple[Tensor, list[tuple[float, Tensor]]]:
        """The output that counts, N rows, and those of auxiliary heads with the weights of their losses."""
        # Copies, since a network may overwrite its inputs.
        returned = returned_by(network, mapped(inputs, Tensor.clone))
        found, others = self.objective.read(returned, batch_size(inputs))
        self.finite.append(found.detach().isfinite().all())
        return found, others

    def loss(self, network: nn.Module, inputs: Inputs, targets: Tensor) -> Tensor:
        """L of a batch, a scalar: the loss that the network is probed with, auxiliary heads included."""
        found, others = self.outputs(network, inputs)
        self.objective.check(found, targets, class_range(targets))
        return self.objective.mean(found, others, targets)
