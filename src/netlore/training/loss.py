"""What a step minimises, and how low the best constant answer gets it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from netlore.training.recipe import Recipe


def class_weights(labels: Tensor, num_classes: int) -> Tensor:
    """n / (k n_c) for each class c: n images, of which n_c are of class c, of k classes that have any; else 0.

    The mean of the weights over all images is 1.

    Labels (n,), int64; the result has shape (num_classes,), float32, on the same device.

    >>> class_weights(torch.tensor([0, 0, 0, 2]), 3)
    tensor([0.6667, 0.0000, 2.0000])
    """
    counts = torch.bincount(labels, minlength=num_classes)
    weights = len(labels) / ((counts > 0).sum() * counts)
    return torch.where(counts > 0, weights, 0.0).float()


def training_loss(logits: Tensor, shown: Tensor, recipe: Recipe, weights: Tensor | None) -> Tensor:
    """Mean cross-entropy with the recipe's label smoothing, each image's multiplied by the weight of its class.

    It is divided by the number of images, not by the sum of their weights as torch does it: then a batch of common
    classes weighs as little as it should. Nor are smoothed parts of a label weighted by the classes that they fall
    to, as torch does it: those of all other images would outweigh a rare class's own.

    Args:
        logits: Shape (N, k).
        shown: Labels (N,), or shares of the classes, shape (N, k): of these each counts with its class's weight.
        recipe: Has the label smoothing.
        weights: Of the classes, shape (k,), or None.
    """
    if weights is None:
        return F.cross_entropy(logits, shown, label_smoothing=recipe.label_smoothing)
    if shown.ndim == 1:
        of_images, target = weights[shown], shown
    else:
        counted = shown * weights
        of_images = counted.sum(dim=1)
        target = counted / of_images[:, None]
    losses = F.cross_entropy(logits, target, label_smoothing=recipe.label_smoothing, reduction="none")
    return (of_images * losses).mean()


def shown_class(shown: Tensor) -> Tensor:
    """The label of each image, shape (N,); of one that is mixed, the class with the largest share."""
    return shown if shown.ndim == 1 else shown.argmax(dim=1)


def chance_loss(labels: Tensor, num_classes: int, recipe: Recipe) -> float:
    """The training loss of the best answer that does not look at the image, in expectation.

    The entropy, in nats, of the class frequencies q_c = (1 - e) f_c + e / k with label smoothing e, where f_c are
    the shares of the classes in what is shown, or in the weights of the loss. Mixing images does not change it.

    >>> from netlore.training.recipe import recipe
    >>> chance_loss(torch.tensor([0, 1]), 2, recipe("quick"))  # ln 2
    0.6931471805599453
    """
    counts = torch.bincount(labels.cpu(), minlength=num_classes).double()
    if "balanced" in (recipe.class_weights, recipe.sampling):
        counts = (counts > 0).double()
    shares = (1 - recipe.label_smoothing) * counts / counts.sum() + recipe.label_smoothing / num_classes
    return float(torch.special.entr(shares).sum())
