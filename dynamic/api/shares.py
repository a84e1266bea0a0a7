"""Who else has a system, a flow or a pipe: given, changed and withdrawn by its owner."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.functional import cached_property
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request

from apikeys.api.paging import Pages
from apikeys.api.serializers import StrictSerializer
from dynamic.api.owner import IN_PATH, owner, permitted
from dynamic.api.permissions import BY_SESSION, NoKeysForShares
from dynamic.api.roles import require_own
from dynamic.models import Flow, Pipe, Role, Share, System
from dynamic.systems.sharing import NotShared, give, tell


class ShareSerializer(StrictSerializer, serializers.ModelSerializer[Share]):
    account = serializers.EmailField(
        source="account.email", help_text="The address of an account that is active."
    )
    role = serializers.ChoiceField(choices=Role.choices)

    class Meta:
        model = Share
        fields: ClassVar = ["id", "account", "role", "created_at"]
        read_only_fields: ClassVar = ["created_at"]

    def validate_account(self, email: str) -> str:
        if self.instance and email.strip().lower() != self.instance.account.email:
            raise serializers.ValidationError("It stays: withdraw this one, and make another.")
        return email

    def create(self, validated_data: dict[str, Any]) -> Share:
        thing = self.context["view"].thing
        try:
            share = give(thing, validated_data["account"]["email"], validated_data["role"])
        except NotShared as error:
            raise serializers.ValidationError({"account": [str(error)]}) from None
        tell(share, thing)
        return share

    def update(self, instance: Share, validated_data: dict[str, Any]) -> Share:
        instance.role = validated_data.get("role", instance.role)
        instance.save(update_fields=["role"])
        return instance


class ByAccount(Pages):
    ordering = ("account__email", "id")


@extend_schema(
    auth=BY_SESSION, parameters=[OpenApiParameter("ref", IN_PATH, OpenApiParameter.PATH)]
)
class ShareViewSet(
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet[Share],
):
    """Who else has it, and as what: for its owner, by session alone. One is made with the address
    of an active account, which gets a mail; `role` can be changed.

    The other account sees its own, and can give it back by deleting it.
    """

    queryset = Share.objects.none()  # for the OpenAPI description
    permission_classes = [NoKeysForShares]
    serializer_class = ShareSerializer
    pagination_class = ByAccount
    lookup_value_regex = "[0-9]{1,18}"
    http_method_names = ["get", "head", "options", "post", "patch", "delete"]

    def found(self) -> Any:
        """What the address names, of what who asks may see."""
        raise NotImplementedError

    @cached_property
    def thing(self) -> Any:
        return permitted(self, self.found())

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in {"POST", "PATCH"}:
            require_own(self.thing)

    def get_queryset(self) -> QuerySet[Share]:
        shares: QuerySet[Share] = self.thing.shares.select_related("account")
        return shares if self.thing.is_own else shares.filter(account=owner(self.request))


@extend_schema(tags=["Systems"])
class SystemShareViewSet(ShareViewSet):
    def found(self) -> Any:
        return System.objects.visible_to(owner(self.request)).named(self.kwargs["ref"])


@extend_schema(tags=["Flows"])
class FlowShareViewSet(ShareViewSet):
    def found(self) -> Any:
        return Flow.objects.visible_to(owner(self.request)).named(self.kwargs["ref"])


@extend_schema(tags=["Pipes"])
class PipeShareViewSet(ShareViewSet):
    def found(self) -> Any:
        return Pipe.objects.visible_to(owner(self.request)).filter(pk=self.kwargs["ref"])
