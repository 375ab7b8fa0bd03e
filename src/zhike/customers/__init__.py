"""The customer record: customers, contacts, information model, sources and imports, interactions, relationships."""
