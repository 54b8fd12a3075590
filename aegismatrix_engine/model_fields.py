"""What the class of a model says of its fields beyond their types, to whoever reads one from a file."""

from typing import Final

LENGTH: Final = "length"
"""Key of a field's metadata: how many items a tuple of models has, ``field(metadata={LENGTH: 5})``."""
