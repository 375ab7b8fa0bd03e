"""The words the demo company is made of."""
