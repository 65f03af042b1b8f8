"""Asterisk's REST interface: typed operations and events, under ARI's own names."""
