"""The types of arrays, and what the class of a model states about its fields beyond their types."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LENGTH: Final = "length"
"""Key of a field's metadata: how many items a tuple of models has, ``field(metadata={LENGTH: 5})``."""
