"""Many architectures in little memory: places on grids, from which each is made when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace

_PIECE = 1024  # architectures that are made at a time
_FEW = 4  # sorted pieces of rows are joined when the older one is at most this many times as long


@dataclass(frozen=True, eq=False)
class Drawn(Sequence[Architecture]):
    """Architectures of a space, in an order. The paper's take 6 bytes each; a list of them takes 1,000 bytes each.

    Attributes:
        places: A row per architecture and a column per distribution of the space: which of its rows it is.
    """

    space: DesignSpace
    places: NDArray[np.unsignedinteger[Any]]

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, which: int) -> Architecture: ...
    @overload
    def __getitem__(self, which: slice) -> Drawn: ...
    def __getitem__(self, which: int | slice) -> Architecture | Drawn:
        if isinstance(which, slice):
            return Drawn(self.space, self.places[which])
        (found,) = self._made(self.places[which][None])
        return found

    def __iter__(self) -> Iterator[Architecture]:
        for start in range(0, len(self), _PIECE):
            yield from self._made(self.places[start : start + _PIECE])

    def _made(self, places: NDArray[np.unsignedinteger[Any]]) -> list[Architecture]:
        return self.space.architectures(self.space.values_at([*places.T.astype(np.int64)]))


class Distinct:
    """Rows of small whole numbers, each once, in the order in which they came first.

    Kept are the rows in the smallest type that holds them, and once more sorted, so that a repeated one is found.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._type = np.min_scalar_type(max(*sizes, 1) - 1)
        self._columns = len(sizes)
        self._kept: list[NDArray[np.unsignedinteger[Any]]] = []
        self._sorted: list[NDArray[np.void]] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, rows: NDArray[np.int64]) -> None:
        """Add those rows that are not there yet."""
        small = np.ascontiguousarray(rows, dtype=self._type)
        keys, first = np.unique(_as_bytes(small), return_index=True)
        fresh = np.ones(len(keys), dtype=np.bool_)
        for known in self._sorted:
            found = known[np.minimum(np.searchsorted(known, keys), len(known) - 1)]
            fresh &= found != keys
        if fresh.any():
            self._kept.append(small[np.sort(first[fresh])])
            self._count += len(self._kept[-1])
            self._join(keys[fresh])

    def _join(self, keys: NDArray[np.void]) -> None:
        """Keep sorted keys, in a few pieces, each much longer than the next."""
        while self._sorted and len(self._sorted[-1]) <= _FEW * len(keys):
            keys = np.sort(np.concatenate([self._sorted.pop(), keys]), kind="stable")
        self._sorted.append(keys)

    def rows(self, count: int) -> NDArray[np.unsignedinteger[Any]]:
        """The first `count` of them; what serves to find others is let go."""
        self._sorted.clear()
        if not self._kept:
            return np.empty((0, self._columns), dtype=self._type)
        self._kept = [np.concatenate(self._kept)]
        return self._kept[0][:count]


def _as_bytes(rows: NDArray[np.unsignedinteger[Any]]) -> NDArray[np.void]:
    """Each row as one value, by which rows can be sorted and compared."""
    return rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
