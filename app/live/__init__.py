"""The teacher's board, the next group's card and their stream."""
