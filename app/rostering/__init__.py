"""Districts, schools, classes, people and how they sign in."""
