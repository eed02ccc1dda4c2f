"""Many runs of one task: plans, their execution, searches and comparisons."""
