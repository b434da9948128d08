"""Single questions, each asked by a command of its own."""
