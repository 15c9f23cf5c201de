"""Prompts mixed into pre-training: problems with their working."""
