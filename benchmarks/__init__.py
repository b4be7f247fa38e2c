"""What targets.md asks for, measured on our code and on its peers in one run."""
