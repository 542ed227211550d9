"""What vision transformers have beside linear layers and layer norms."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Tokens(nn.Module):
    """The positions of an image in rows, (N, C, H, W) to (N, H W + 1, C), behind a class token.

    Each gets a learned vector for its place. There are `side` x `side` of them; for images with more or fewer
    positions they are interpolated.
    """

    acts_on_each_image = True

    def __init__(self, width: int, side: int) -> None:
        super().__init__()
        self.side = side
        self.class_token = nn.Parameter(torch.zeros(width))
        self.places = nn.Parameter(torch.zeros(side**2 + 1, width))

    def forward(self, x: Tensor) -> Tensor:
        """Class token first, then row by row."""
        rows = torch.cat((self.class_token.expand(x.shape[0], 1, -1), x.flatten(2).transpose(1, 2)), dim=1)
        return rows + self._places(x.shape[2], x.shape[3])

    def _places(self, height: int, width: int) -> Tensor:
        if (height, width) == (self.side, self.side):
            return self.places
        square = self.places[1:].T.reshape(1, -1, self.side, self.side)
        fitted = F.interpolate(square, (height, width), mode="bilinear", align_corners=False)
        return torch.cat((self.places[:1], fitted.flatten(2)[0].T))


class Attention(nn.Module):
    """Scaled dot-product attention (Vaswani et al. 2017): (N, T, 3 C), which is q, k and v, to (N, T, C).

    In each of the heads of width w = C / heads, softmax(q k' / sqrt(w)) v.
    """

    acts_on_each_image = True

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        """Written out, since the fused operation has no derivatives of second order."""
        queries, keys, values = x.reshape(*x.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        likeness = (queries @ keys.transpose(2, 3)) / math.sqrt(queries.shape[3])
        found: Tensor = likeness.softmax(dim=3) @ values
        return found.transpose(1, 2).flatten(2)


class TokenPool(nn.Module):
    """Averages the tokens of all positions, the class token left out: (N, T, C) to (N, C)."""

    acts_on_each_image = True

    def forward(self, x: Tensor) -> Tensor:
        """The mean over all rows but the first."""
        return x[:, 1:].mean(dim=1)
