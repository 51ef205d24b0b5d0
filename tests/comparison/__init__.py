"""Tests of what changed between two moments."""
