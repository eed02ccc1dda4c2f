"""What `KeyedVectors` is made of, one idea a file; each class extends the one before it.

storage -> editing -> neighbours -> comparisons -> evaluation -> files -> `vectors.KeyedVectors`
"""
