r"""Arrays in, pictures to look at out: PNG files, colour scales, plates with their titles and scales.

The letters are Roboto (Google, Apache-2.0), cut down to those of French and English: Pillow's own font has no
accents. Made from the release on PyPI (`font-roboto` 0.0.1), Regular and Medium, by fontTools:

    fonttools subset Roboto-Regular.ttf --no-hinting --desubroutinize --layout-features=kern,tnum \
        --unicodes=U+20-7E,U+A0-FF,U+152-153,U+2013,U+2014,U+2018,U+2019,U+201C,U+201D,U+2022,U+2026,U+202F,U+2212
"""
