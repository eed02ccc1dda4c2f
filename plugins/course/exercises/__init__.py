"""The exercises: each says what a right solution must do, and names the usual mistakes."""
