"""How item banks come in: checks, imports, publishing."""
