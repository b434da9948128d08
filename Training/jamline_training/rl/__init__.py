"""Reinforcement learning: rewards, a learner and its runs."""
