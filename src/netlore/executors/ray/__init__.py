"""Jobs on a cluster of several machines, by Ray, which is imported when the first job comes.

`executor` hands out jobs, `crew` knows the workers, `cluster` connects; `head` is the process that a cluster of
our own hangs on. On the nodes, `slot` is a worker, and `parcel` and `code` what is sent there.
"""

from netlore.executors.ray.executor import RayExecutor, on_ray

__all__ = ["RayExecutor", "on_ray"]
