"""EPE-NAS: do images of one class get similar local linear maps?"""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate, Saturated
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import predictor
from netlore.scoring.predictors.jacov import correlations
from netlore.scoring.probe import Probe

_K = 1e-5
_MANY = 100  # classes, from which on their sums are compared with each other


@predictor(
    "epe_nas",
    needs=Evidence.INPUT_JACOBIAN | Evidence.TARGETS,
    source="Lopes et al. 2021, arXiv:2102.08099; "
    "automl/NASLib:naslib/predictors/utils/pruners/measures/epe_nas.py:33-112",
    applies_to=(
        "Networks that can be differentiated by their inputs, and batches of labelled images with two or more of "
        "some class; only batches with equal numbers of images of each class can be compared."
    ),
    layers="inputs",
    reduction="sum over classes of the absolute value of the sum over pairs of images",
    version=1,
)
def epe_nas(probe: Probe) -> Tensor:
    """S = sum_c |sum_ij ln(|r_ij| + k)|, r the correlations of the rows of jacov for images i, j of class c.

    k = 1e-5. If the batch has more than 100 classes, s_c is the mean over i of the sum over j, classes with one
    image are left out, and S = sum over classes c, d of |s_c - s_d| / number of classes.

    The public code asks for more than 100 outputs of the network, and gives NaN where anything fails.
    """
    labels = _classes_of(probe.targets).to(probe.device)
    logs = (correlations(probe).abs() + _K).log()
    classes, sizes = labels.unique(return_counts=True)  # type: ignore[no-untyped-call]
    if int(sizes.max()) < 2:
        raise Saturated(
            "every image is the only one of its class, so that each correlation is 1; give a batch with two or "
            f"more images of each class, such as {2 * len(classes)} images of these"
        )
    sums = torch.stack([logs[labels == one][:, labels == one].sum() for one in classes])
    if len(classes) > _MANY:
        of_pairs = (sums / sizes)[sizes > 1]
        apart: Tensor = (of_pairs[:, None] - of_pairs[None, :]).abs().sum() / len(of_pairs)
        return apart
    return sums.abs().sum()


def _classes_of(targets: Tensor) -> Tensor:
    """A class for each image; of shares of classes the largest, as in the public code."""
    labels = targets.argmax(dim=1) if targets.ndim == 2 else targets
    if labels.ndim != 1:
        raise Degenerate("it compares images of one class, and targets are no classes of images")
    return labels
