"""Drawings as files: the ZIP of an export, its CSV and its IDX files.

Only exports.py and imports.py know the database. The others know neither Django nor
Chainer.
"""
