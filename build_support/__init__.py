"""How the compiled parts are built; used by setup.py and by the tests of the build."""
