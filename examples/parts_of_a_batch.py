"""A predictor of one's own on parts of a batch and other initial weights, like ZiCo (Li et al. 2023).

Where the halves of a batch agree about the size of a weight's gradient, training goes fast, it says.
"""

import torch
from torch import Tensor

import netlore as nl

GRADIENTS = nl.part_gradients(2, view=nl.View(initialisation="kaiming_fan_in", draws=2))


@nl.predictor("agreement", needs=GRADIENTS, source="after arXiv:2301.11300", transform="identity")
def agreement(probe: nl.Probe) -> Tensor:
    """S = mean over draws of sum over layers of ln sum over weights of mean |g| / std |g|, over the parts."""
    scores = []
    for of_draw in probe[GRADIENTS]:
        sizes = [g.abs().double() for g in of_draw.values()]
        ratios = [g.mean(dim=0) / g.std(dim=0, unbiased=False) for g in sizes]
        scores.append(torch.stack([ratio[ratio.isfinite()].sum().log() for ratio in ratios]).sum())
    return torch.stack(scores).mean()


def main() -> None:
    """Score two networks of the paper, and say which passes that takes."""
    task = nl.task("cifar10", batch_size=16)
    named = [nl.named("paper/cifar10/jacov"), nl.named("paper/cifar10/synflow")]
    table = nl.score(named, ("snip", agreement), task)
    print(table.wide[["architecture", "params", "snip", "agreement"]].to_string(index=False))
    print(f"{GRADIENTS.name}: {GRADIENTS.passes}")


if __name__ == "__main__":
    main()
