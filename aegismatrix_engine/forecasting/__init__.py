"""One moment: features, forecasters, models and origin, and the climatology that takes the place of a model."""
