"""Pre-training: recipes, losses, runs and export."""
