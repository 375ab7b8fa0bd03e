"""The next best action and Today."""
