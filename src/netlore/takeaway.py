"""The name that `netlore.export` had in version 0.1; it works, and warns."""

import warnings

from netlore.export import FORMATS as FORMATS
from netlore.export import TrainedNetwork as TrainedNetwork
from netlore.export import write_onnx as write_onnx
from netlore.export import write_python as write_python
from netlore.export import write_safetensors as write_safetensors

warnings.warn("netlore.takeaway is netlore.export; import from there.", DeprecationWarning, stacklevel=2)
