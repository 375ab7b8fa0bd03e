"""Kinds of analysis, and what carries them out. `kinds.KINDS` lists them; docs/domains/value.md says how to add one."""
