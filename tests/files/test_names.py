"""A name is shown and suggested; it never leads anywhere and never lies about its end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.names import LONGEST, clean_name, extension_of


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("C:\\Users\\me\\report.docx", "report.docx"),
        ("/", "file"),
        ("..", "file"),
        (". .", "file"),
        ("", "file"),
        (".env", ".env"),
        ("a\0b\nc\r\td.txt", "abcd.txt"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("a\u2066b\u200f\u061c\ufeff.txt", "ab.txt"),
        ("line\u2028two.txt", "linetwo.txt"),
        ("تقرير.pdf", "تقرير.pdf"),
        ("re\u0301sume\u0301.pdf", "r\u00e9sum\u00e9.pdf"),
        ("  a   b .txt ", "a b .txt"),
        ('quo"te;.txt', 'quo"te;.txt'),
        ("x" * 300 + ".tar.gz", "x" * 252 + ".gz"),
    ],
)
def test_a_name_is_its_last_part_as_it_is_stored(said: str, kept: str) -> None:
    assert clean_name(said) == kept


@given(st.text())
def test_every_name_ends_up_short_one_line_and_without_a_path(said: str) -> None:
    name = clean_name(said)
    assert 1 <= len(name) <= LONGEST
    assert not set(name) & set("/\\\0\n\r\u202e")
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("name", "extension"),
    [("a.PNG", "png"), ("a", ""), (".env", ""), ("a.tar.gz", "gz"), ("a." + "x" * 30, "")],
)
def test_the_extension_is_what_stands_behind_the_last_point(name: str, extension: str) -> None:
    assert extension_of(name) == extension
