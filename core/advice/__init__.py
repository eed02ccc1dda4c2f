"""What a run's numbers say: is it good, and what next (docs/verdict.md has the rules)."""
