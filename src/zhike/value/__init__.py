"""What each customer is worth: runs, scores, grades, lifecycle."""
