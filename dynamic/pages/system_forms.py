"""The forms of a system. A page puts several together."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from accounts.models import User
from dynamic.models import System
from dynamic.models.system import NOT_FOR_SLUGS
from dynamic.pages.rows_field import RowsField


class GeneralForm(forms.Form):
    """What a system is called and where it is. A slug that is left empty comes from the name."""

    name = forms.CharField(label="Name", max_length=100, help_text="Such as “ERP, live”.")
    slug = forms.SlugField(
        label="Slug",
        max_length=50,
        required=False,
        help_text="What flows call it: slug/call. Empty: made from the name.",
    )
    description = forms.CharField(
        label="Description",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    base_url = forms.CharField(
        label="Base URL",
        max_length=500,
        error_messages={"required": "Write where it is, such as https://api.example.com/v2."},
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
        help_text="What all its calls begin with, such as https://api.example.com/v2.",
    )
    where = forms.ChoiceField(
        label="The base URL is",
        choices=[("same", "The same for all"), ("own", "Each credential has its own")],
        initial="same",
        widget=forms.RadioSelect,
        help_text="Its own where one system stands for many, as with one shop a customer: the one "
        "above is then the first credential’s.",
    )

    def __init__(self, owner: User, data: Any = None, *, system: System | None = None) -> None:
        """Who edits somebody else's system does not say where it is, as credentials go there, nor
        by which name: the owner's flows call it.
        """
        initial: dict[str, Any] = {}
        if system:
            names = ("name", "slug", "description", "base_url")
            initial = {name: getattr(system, name) for name in names}
            initial["where"] = "same" if system.base_url else "own"
        super().__init__(data, initial=initial)
        self._is_changed = system is not None
        self._others = owner.systems.exclude(pk=system.pk) if system else owner.systems.all()
        if system:
            self.fields[
                "slug"
            ].help_text = "What flows call it: slug/call. After a change they must use the new one."
        if system and not system.is_own:
            del self.fields["base_url"], self.fields["where"], self.fields["slug"]

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if not slug and "name" in self.cleaned_data:
            return self._free_slug(slugify(self.cleaned_data["name"])[:50])
        other = self._others.filter(slug=slug).first()
        if other:
            archived = " It is archived." if other.archived_at else ""
            raise ValidationError(f"Your system “{other}” has this slug.{archived}")
        return slug

    def _free_slug(self, slug: str) -> str:
        if not slug:
            raise ValidationError("Write one: letters a to z, digits, - and _.")
        taken = NOT_FOR_SLUGS | set(self._others.values_list("slug", flat=True))
        numbered = (f"{slug[:46]}-{number}" for number in range(2, len(taken) + 3))
        return slug if slug not in taken else next(one for one in numbered if one not in taken)

    def clean(self) -> dict[str, Any]:
        if self._is_changed and self.cleaned_data.get("where") == "own":
            self.errors.pop("base_url", None)  # the credentials have theirs already
        return self.cleaned_data

    def fill(self, system: System) -> None:
        for name in ("name", "slug", "description"):
            if name in self.fields:
                setattr(system, name, self.cleaned_data[name])
        if "base_url" in self.fields:
            system.base_url = "" if self._is_own() else self.cleaned_data["base_url"]

    def own_base_url(self) -> str:
        """What was written for the first credential, where each has its own."""
        return self.cleaned_data["base_url"] if self._is_own() else ""

    def _is_own(self) -> bool:
        return bool(self.cleaned_data["where"] == "own")


class _FieldsOfSystem(forms.Form):
    """Its fields are the system's, by name."""

    def __init__(self, system: System, data: Any = None) -> None:
        super().__init__(data, initial={name: getattr(system, name) for name in self.base_fields})

    def fill(self, system: System) -> None:
        for name, value in self.cleaned_data.items():
            setattr(system, name, value)


class CallingForm(_FieldsOfSystem):
    connect_timeout = forms.IntegerField(
        label="Connect timeout", min_value=1, max_value=9999, help_text="Seconds, at most 9999."
    )
    read_timeout = forms.IntegerField(
        label="Read timeout",
        min_value=1,
        max_value=9999,
        help_text="Seconds for the whole answer, at most 9999.",
    )
    most_at_once = forms.IntegerField(
        label="Calls at once",
        min_value=0,
        max_value=1000,
        help_text="How many each server process has under way; the others wait. 0 = no limit.",
    )
    token_failures = forms.CharField(
        label="Token-failure statuses",
        max_length=100,
        required=False,
        help_text="Answers that mean: the token is no good, such as 401, 403. It is renewed once, "
        "and the call repeated.",
    )


class HealthForm(_FieldsOfSystem):
    health_minutes = forms.IntegerField(
        label="Minutes between checks",
        min_value=0,
        max_value=1440,
        help_text="Its owner gets a mail when it is down and when it is back. 0 = never.",
    )
    health_path = forms.CharField(
        label="Health check path",
        max_length=500,
        required=False,
        help_text="Asked for with GET by checks and connection tests, such as /health. "
        "Empty: the base URL.",
    )


class CommonFieldsForm(_FieldsOfSystem):
    """Rows that each call of the system has, unless it sets the same key itself."""

    common_query = RowsField(label="Query string", required=False)
    common_headers = RowsField(label="Headers", required=False)
    common_body = RowsField(
        label="Body", required=False, help_text="For bodies that are forms or JSON objects."
    )
