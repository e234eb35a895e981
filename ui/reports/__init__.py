"""What a study found, in words and tables, from what a store answers."""
