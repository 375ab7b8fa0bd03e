"""Django's backend for PostgreSQL, with a cheaper look at whether a kept connection is still alive, and moments read in C."""
