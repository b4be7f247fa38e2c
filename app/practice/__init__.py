"""Sittings, servings, answers, and what we believe about each student's skills."""
