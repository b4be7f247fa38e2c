"""What authors write: item banks, their checks, their answer types. No web, no database, no numpy."""
