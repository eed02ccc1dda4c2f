"""Setuptools entry point; metadata lies in pyproject.toml."""

from setuptools import setup

setup()
