"""From answers to item parameters: fit, look, adopt, take back."""
