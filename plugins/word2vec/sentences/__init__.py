"""Word2Vec in Python, with gensim's names: texts in memory, options, passes, the class itself."""
