"""Commands of practice: starting a sitting, answering, hints, hands, heartbeats, and rebuilding what we believe."""
