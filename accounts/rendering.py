"""How forms look: `FORM_RENDERER` points here. The templates are templates/forms/."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

_CHECKS = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


class Field(BoundField):
    """A field whose control carries Bootstrap's class for its kind."""

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        if widget.is_hidden:
            return attrs
        if isinstance(widget, _CHECKS):
            kind = "form-check-input"
        else:
            kind = "form-select" if isinstance(widget, forms.Select) else "form-control"
        names = [widget.attrs.get("class", ""), kind, "is-invalid" if self.errors else ""]
        attrs["class"] = " ".join(filter(None, names))
        return attrs


class FormRenderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = Field
