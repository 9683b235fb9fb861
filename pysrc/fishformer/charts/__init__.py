"""Charts: arrays in, a list of marks out. Nothing here knows of a browser."""
