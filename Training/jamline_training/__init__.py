"""Trains Jamline's accompanist: corpus, representation, model, pre-training, export, evaluation."""
