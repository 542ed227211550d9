"""Data sets and the one mini-batch by which every network of a run is judged.

`task(name, batch_size, seed)` is the door: it turns a registered name or a path into a `Task`. Behind it, a
*loader* turns a name into an `ImageSet` (labels, and images that are decoded only when they are asked for), and
`draw_batch` takes a balanced, normalised batch out of it. Other packages add data sets through the entry-point
group `netlore.data`: a loader takes a seed and returns an `ImageSet`.

`split(name, validation)` is the door for training: it gives a `Split`, images to learn from and images to judge
by. Other packages add theirs through the group `netlore.splits`: a loader takes a seed and returns a `Split`.
"""

from netlore.data.batch import Batch, draw_batch, draw_indices
from netlore.data.image_set import ArrayImages, ImageSet, ImageSource
from netlore.data.registry import DATA, SPLITS, Loader, SplitLoader, load, names, split, split_names
from netlore.data.sources.folder import read_folder
from netlore.data.sources.parquet import read_parquet
from netlore.data.split import Split, paired
from netlore.data.statistics import channel_statistics, image_set
from netlore.data.task import Task, task

__all__ = [
    "DATA",
    "SPLITS",
    "ArrayImages",
    "Batch",
    "ImageSet",
    "ImageSource",
    "Loader",
    "Split",
    "SplitLoader",
    "Task",
    "channel_statistics",
    "draw_batch",
    "draw_indices",
    "image_set",
    "load",
    "names",
    "paired",
    "read_folder",
    "read_parquet",
    "split",
    "split_names",
    "task",
]
