"""Confidence intervals and paired tests: over seeds (`student`), over samples (`bootstrap`), of
shares (`proportions`); and `ranks`. Everything that states an uncertainty takes it from here.
"""
