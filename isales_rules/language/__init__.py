"""What a rule set may say, and what it means."""
