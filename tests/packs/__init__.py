"""Tests of packs: what they say, and their copies."""
