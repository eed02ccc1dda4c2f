"""Many runs of one task: plans and how they are carried out, searches, comparisons."""
