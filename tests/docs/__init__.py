"""The tutorials in docs/, followed to the letter."""
