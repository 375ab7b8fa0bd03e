"""What every domain stands on: audit, settings, search tokens, money, files, the embedded database."""
