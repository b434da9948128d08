"""Figures of what was played, with their intervals, tables and plots."""
