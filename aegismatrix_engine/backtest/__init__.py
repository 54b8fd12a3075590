"""What the forecasters would have said: the walk through the past that every measured number comes from."""
