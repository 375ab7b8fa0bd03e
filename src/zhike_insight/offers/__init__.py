"""What a customer will buy next: products that go together, products that follow, and how probable each is."""
