"""Published item versions and the parameter sets they are served with."""
