"""Rows as lines: what is typed, and that nothing is lost on the way to the page and back."""

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from dynamic.pages.rows_field import RowsField

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
# What is about to be taken for a border or an escape is tried most.
TRICKY = st.text(st.sampled_from("\\:nr\n\ra ")) | TEXT
ROW = st.fixed_dictionaries(
    {"label": TRICKY, "key": TRICKY.filter(bool), "value": TRICKY},
    optional={"filename": TRICKY.filter(bool), "content_type": TRICKY.filter(bool)},
)


def form_of(text, **options):
    class Form(forms.Form):
        rows = RowsField(required=False, **options)

    return Form({"rows": text})


def read(text, **options):
    form = form_of(text, **options)
    assert form.is_valid(), form.errors
    return form.cleaned_data["rows"]


def fault_of(text, **options):
    return form_of(text, **options).errors["rows"]


def plain(row):
    return {part: row[part] for part in ("label", "key", "value")}


@given(st.lists(ROW))
def test_it_reads_what_it_wrote(rows):
    field = RowsField(required=False)
    as_sent = field.prepare_value(rows).replace("\n", "\r\n")
    assert field.clean(as_sent) == [plain(row) for row in rows]


@given(st.lists(ROW))
def test_it_reads_the_files_it_wrote(rows):
    field = RowsField(required=False, files=True)
    assert field.clean(field.prepare_value(rows).replace("\n", "\r\n")) == rows


@pytest.mark.parametrize(
    ("line", "label", "key", "value"),
    [
        ("Article::sku::{{ sku }}", "Article", "sku", "{{ sku }}"),
        ("sku::A", "", "sku", "A"),
        ("sku::", "", "sku", ""),
        ("::sku::A::B", "", "sku", "A::B"),
        ("a:b::c:d:::e", "a:b", "c:d", ":e"),
        (r"a::b::one\ntwo\\n\d\:", "a", "b", "one\ntwo\\n\\d:"),
        (r"a\:::b::c", "a:", "b", "c"),
        ("a::b::  c ", "a", "b", "  c "),
        ("a::b::\u2028\x0b", "a", "b", "\u2028\x0b"),
    ],
)
def test_it_reads_a_line(line, label, key, value):
    assert read(line) == [{"label": label, "key": key, "value": value}]


def test_it_skips_blank_lines():
    assert [row["key"] for row in read("\r\na::1\r\n  \r\n\r\nb::2\r\n")] == ["a", "b"]
    assert read("") == read(" \n ") == []


def test_it_reads_files():
    lines = "A::a::{{ pdf }}::a.pdf::application/pdf\nb::x\n::c::d::e.txt"
    assert read(lines, files=True) == [
        {
            "label": "A",
            "key": "a",
            "value": "{{ pdf }}",
            "filename": "a.pdf",
            "content_type": "application/pdf",
        },
        {"label": "", "key": "b", "value": "x"},
        {"label": "", "key": "c", "value": "d", "filename": "e.txt"},
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a::1\n\nnothing", "Row 2 is “nothing”: write label::key::value."),
        ("a::::1", "Row 1 has no key: write label::key::value."),
        ("::1", "Row 1 has no key: write label::key::value."),
        ("a::\0", "A row cannot hold the character of the number 0."),
    ],
)
def test_it_says_what_is_wrong(text, fault):
    assert fault_of(text) == [fault]


def test_it_keeps_what_was_typed():
    assert ">\nnothing</textarea>" in str(form_of("nothing")["rows"])


def test_it_asks_for_rows_where_they_are_required():
    field = RowsField()
    with pytest.raises(forms.ValidationError, match="required"):
        field.clean(" ")


def test_it_shows_its_initial_value():
    field = RowsField(initial=[{"key": "a", "value": "b"}])
    assert field.prepare_value(field.initial) == "::a::b"
