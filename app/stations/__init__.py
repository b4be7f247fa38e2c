"""Blocks, groups, rotations and the clock."""
