"""The look of forms is that of `accounts.rendering`; its colours are looked at in tests/browser."""

import pytest
from django import forms


class Order(forms.Form):
    name = forms.CharField(help_text="As on the invoice.")
    note = forms.CharField(widget=forms.Textarea(attrs={"class": "wide"}), required=False)
    size = forms.ChoiceField(choices=[("s", "Small"), ("l", "Large")])
    colour = forms.ChoiceField(choices=[("r", "Red"), ("g", "Green")], widget=forms.RadioSelect)
    gift = forms.BooleanField(required=False, label="It is a gift")
    batch = forms.CharField(widget=forms.HiddenInput)


@pytest.fixture
def empty():
    return Order()


@pytest.fixture
def wrong():
    form = Order({"size": "s", "batch": "7"})
    form.add_error(None, "The shop is <closed>.")
    return form


def test_it_labels_every_control(empty):
    page = str(empty)
    for name in ("name", "note", "size", "gift"):
        assert f'for="id_{name}"' in page
        assert f'id="id_{name}"' in page


def test_it_ties_help_and_errors_to_the_control(wrong):
    field = wrong["name"].as_field_group()
    assert 'aria-describedby="id_name_helptext id_name_error"' in field
    assert 'aria-invalid="true"' in field
    assert 'id="id_name_helptext">As on the invoice.' in field
    assert 'id="id_name_error"><div>This field is required.' in field


def test_it_says_nothing_of_errors_where_there_are_none(empty):
    page = str(empty)
    assert "aria-invalid" not in page
    assert "_error" not in page
    assert "is-invalid" not in page


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("name", "form-control"),
        ("note", "wide form-control"),
        ("size", "form-select"),
        ("colour", "form-check-input"),
        ("gift", "form-check-input"),
    ],
)
def test_it_gives_each_kind_of_control_its_look(empty, name, names):
    assert f'class="{names}"' in str(empty[name])


def test_it_marks_a_wrong_control(wrong):
    assert 'class="form-control is-invalid"' in str(wrong["name"])


def test_it_shows_choices_as_a_group_with_a_name(wrong):
    group = wrong["colour"].as_field_group()
    assert group.startswith('<fieldset class="form-field" aria-describedby="id_colour_error">')
    assert '<legend class="form-label">Colour</legend>' in group
    assert '<label class="form-check-label" for="id_colour_1">Green</label>' in group


def test_it_says_which_fields_may_stay_empty(empty):
    assert "(optional)" in empty["note"].as_field_group()
    assert "(optional)" not in empty["name"].as_field_group()


def test_it_shows_errors_of_the_whole_form_as_text(wrong):
    assert '<div class="alert alert-danger" role="alert"><div>The shop is &lt;closed&gt;.' in str(
        wrong
    )


def test_it_neither_labels_nor_styles_hidden_fields(empty):
    page = str(empty)
    assert '<input type="hidden" name="batch" id="id_batch">' in page
    assert 'for="id_batch"' not in page
