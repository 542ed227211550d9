"""Data sets and the one mini-batch by which every network of a run is judged.

`task(name, batch_size, seed)` is the door: it turns a registered name or a path into a `Task`. Behind it, a
*loader* turns a name into an `ImageSet` (labels, and images that are decoded only when they are asked for), and
`draw_batch` takes a balanced, normalised batch out of it. Other packages add data sets through the entry-point
group `netlore.data`: a loader takes a seed and returns an `ImageSet`.

`split(name, validation)` is the door for training: it gives a `Split`, images to learn from and images to judge
by. Other packages add theirs through the group `netlore.splits`: a loader takes a seed and returns a `Split`.
"""

from netlore.data.batch import Batch as Batch
from netlore.data.batch import draw_batch as draw_batch
from netlore.data.batch import draw_indices as draw_indices
from netlore.data.image_set import ArrayImages as ArrayImages
from netlore.data.image_set import ImageSet as ImageSet
from netlore.data.image_set import ImageSource as ImageSource
from netlore.data.reading import Reading as Reading
from netlore.data.reading import ReadingOptions as ReadingOptions
from netlore.data.registry import DATA as DATA
from netlore.data.registry import SPLITS as SPLITS
from netlore.data.registry import Loader as Loader
from netlore.data.registry import SplitLoader as SplitLoader
from netlore.data.registry import load as load
from netlore.data.registry import names as names
from netlore.data.registry import split as split
from netlore.data.registry import split_names as split_names
from netlore.data.sources.folder import read_folder as read_folder
from netlore.data.sources.parquet import read_parquet as read_parquet
from netlore.data.split import Split as Split
from netlore.data.split import hold_out as hold_out
from netlore.data.split import paired as paired
from netlore.data.statistics import channel_statistics as channel_statistics
from netlore.data.statistics import image_set as image_set
from netlore.data.task import Task as Task
from netlore.data.task import task as task
