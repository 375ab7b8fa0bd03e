"""The demo company: a chain of car-service shops, made up from a fixed seed. No row describes a real person, car or company."""
