"""What the queue runs. Every task is safe to run twice: a killed worker's job is taken up again."""
