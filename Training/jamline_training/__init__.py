"""Trains the accompanist's network and measures what the agent plays.

Packages import from those before them alone, a rule that tests/test_layers.py holds them to:
errors, data, network, reference, training, agent, evaluation, rl, studies.
"""
