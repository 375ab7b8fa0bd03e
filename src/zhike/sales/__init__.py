"""Products, prices and orders."""
