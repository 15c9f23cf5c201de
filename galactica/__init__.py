"""Galactica: an open scientific language model that cannot invent a reference."""
