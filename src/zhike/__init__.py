"""Zhike 知客: know each customer, understand their worth, act, learn."""

__version__ = "0.1.0"
