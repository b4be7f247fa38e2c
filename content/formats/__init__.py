"""Banks in other people's formats: each module reads one, accounts for everything in it, and invents nothing."""
