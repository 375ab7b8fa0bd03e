"""Answers of customers to questionnaires: recognised in a file, brought in by an import, taken back with it."""
