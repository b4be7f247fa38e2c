"""Commands of lessons at stations."""
