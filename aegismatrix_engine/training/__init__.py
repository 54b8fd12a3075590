"""Training a model set, and the walk through the past that measures it."""
