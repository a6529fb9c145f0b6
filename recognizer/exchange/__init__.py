"""Drawings as files: the ZIP of an export, its CSV and its IDX files. No Django, no Chainer."""
