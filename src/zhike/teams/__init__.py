"""The people who work here: departments, roles, rights, sign-in."""
