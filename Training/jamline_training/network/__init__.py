"""The networks: their layers, caches, sampling, files and checkpoints."""
