"""A school to look around in: people, two weeks of history, and simulated students who practise over HTTP."""
