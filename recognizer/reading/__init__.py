"""Reading a picture: bytes -> picture -> ink -> glyph -> scores. No Django.

`recognizer.inference` puts the steps together and adds the verdict.
"""
