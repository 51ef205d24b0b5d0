"""Packs: what a board is given to read and decide, made of a plan at a moment, and kept as data once issued."""
