"""REST: a person's keys, a key about itself, and reports of leaked ones."""

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.models import User
from apikeys import leaks, narrowing
from apikeys.api.paging import Pages
from apikeys.api.permissions import KeyOnly, PersonOnly, confirm_password
from apikeys.api.serializers import (
    ChangeSerializer,
    CreateSerializer,
    EventSerializer,
    KeySerializer,
    LeakSerializer,
    NewKeySerializer,
    RevokedSerializer,
    RotateSerializer,
    UnusedSerializer,
)
from apikeys.authentication import Limited
from apikeys.limiting import LIMITS, REPORTS, TooMany, network_of
from apikeys.models import Key, KeyEvent, PolicyRefused, RotationRefused
from apikeys.openapi import PLACES
from apikeys.verify import Caller

# drf-spectacular takes OpenAPI's security requirements here, though its types name texts.
_BY_SESSION: Any = [{"cookieAuth": []}]
_BY_KEY: Any = [{name: []} for name in PLACES]
STATES = ["live", "replaced", "retired", "expired", "revoked"]


class CannotRotate(APIException):
    status_code = 409
    default_code = "cannot_rotate"


class NewestFirst(Pages):
    ordering = ("-created_at", "-id")


class EventsNewestFirst(Pages):
    ordering = "-id"


def _address(request: Request) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _person(request: Request) -> User:
    return cast(User, request.user)


@extend_schema(tags=["API keys"], auth=_BY_SESSION)
class KeyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Key]):
    """Your keys. By session alone; making and changing want the account password, too."""

    queryset = Key.objects.none()  # for the OpenAPI description
    permission_classes = [PersonOnly]
    serializer_class: type[BaseSerializer[Any]] = KeySerializer
    pagination_class = NewestFirst
    lookup_field = "public_id"
    lookup_value_regex = "[0-9A-Za-z]{10}"

    def get_queryset(self) -> QuerySet[Key]:
        keys = _person(self.request).keys.select_related("use", "predecessor", "successor")
        state = self.request.query_params.get("state", "")
        if self.action != "list" or not state:
            return keys
        if state not in STATES:
            raise ValidationError({"state": [f"It is one of {', '.join(STATES)}."]})
        return keys.in_state(state)

    @extend_schema(parameters=[OpenApiParameter("state", str, enum=STATES)])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=CreateSerializer, responses={201: NewKeySerializer})
    def create(self, request: Request) -> Response:
        """Make a key. Its `secret` stands in this answer and nowhere else."""
        values = self._confirmed(CreateSerializer(data=request.data, context=self._owner()))
        try:
            key, text = Key.objects.issue(
                _person(request),
                values.pop("name"),
                values.pop("kind"),
                values.pop("days"),
                actor=_person(request),
                address=_address(request),
                **values,
            )
        except PolicyRefused as refused:
            raise ValidationError({refused.field: [str(refused)]}) from None
        return self._shown(key, text)

    @extend_schema(request=ChangeSerializer, responses=KeySerializer)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change name and limits; what is left out stays."""
        key = self._working()
        values = self._confirmed(
            ChangeSerializer(data=request.data, context=self._owner(), partial=False)
        )
        key.change(_person(request), _address(request), **values)
        return Response(KeySerializer(key).data)

    @extend_schema(request=RotateSerializer, responses={201: NewKeySerializer})
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, public_id: str) -> Response:
        """Replace the secret; the old one works on for the grace. A repeat answers 409."""
        key = self.get_object()
        values = self._confirmed(RotateSerializer(data=request.data))
        try:
            successor, text = key.rotate(_person(request), _address(request), **values)
        except RotationRefused as refused:
            raise CannotRotate(str(refused)) from None
        except PolicyRefused as refused:
            raise ValidationError({refused.field: [str(refused)]}) from None
        return self._shown(successor, text)

    @extend_schema(request=None, responses=KeySerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, public_id: str) -> Response:
        """End the key, for good. Repeating it changes nothing."""
        key = self.get_object()
        key.revoke(_person(request), _address(request))
        return Response(KeySerializer(key).data)

    @extend_schema(request=None, responses=RevokedSerializer)
    @action(detail=False, methods=["post"], url_path="revoke-all")
    def revoke_all(self, request: Request) -> Response:
        """End all your keys that work."""
        keys = Key.objects.live().filter(owner=_person(request))
        return Response({"revoked": keys.revoke(_person(request), _address(request))})

    @extend_schema(responses=UnusedSerializer)
    @action(detail=True)
    def unused(self, request: Request, public_id: str) -> Response:
        """What the key may do and never did; 404 for a key that was never used."""
        found = narrowing.unused(self.get_object())
        if found is None:
            raise NotFound("This key has not been used yet.")
        return Response(UnusedSerializer(found).data)

    @extend_schema(request=None, responses=KeySerializer)
    @action(detail=True, methods=["post"])
    def narrow(self, request: Request, public_id: str) -> Response:
        """Take away what it never used."""
        key = self._working()
        narrowing.narrow(key, _person(request), _address(request))
        return Response(KeySerializer(key).data)

    @extend_schema(responses=EventSerializer(many=True))
    @action(detail=True, pagination_class=EventsNewestFirst)
    def events(self, request: Request, public_id: str) -> Response:
        """What happened to the key, newest first."""
        events = self.get_object().events.select_related("actor")
        page = self.paginate_queryset(cast(Any, events))
        return self.get_paginated_response(EventSerializer(page, many=True).data)

    @extend_schema(responses=EventSerializer)
    @action(detail=False, url_path="denials/(?P<request_id>[0-9a-f]{32})", url_name="denial")
    def denial(self, request: Request, request_id: str) -> Response:
        """Why the request of this Request-Id was denied, where it named a key of yours."""
        events = _person(request).key_events.filter(kind=KeyEvent.Kind.DENIED)
        event = events.filter(request_id=request_id).first()
        if event is None:
            raise NotFound("Nothing is known of this request.")
        return Response(EventSerializer(event).data)

    @extend_schema(responses=KeySerializer, auth=_BY_KEY)
    @action(detail=False, permission_classes=[KeyOnly], url_path="self", url_name="self")
    def itself(self, request: Request) -> Response:
        """About the key that asks."""
        caller = cast(Caller, request.auth)
        keys = Key.objects.select_related("use", "predecessor", "successor")
        return Response(KeySerializer(keys.get(pk=caller.record.key_id)).data)

    def _owner(self) -> dict[str, Any]:
        return {"owner": self.request.user}

    def _working(self) -> Key:
        key: Key = self.get_object()
        if not key.works:
            raise NotFound("This key has ended: it cannot be changed any more.")
        return key

    def _confirmed(self, serializer: BaseSerializer[Any]) -> dict[str, Any]:
        """The checked values. The password is tried last: each try counts for the lock-out."""
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        confirm_password(self.request, values.pop("password"))
        return values

    def _shown(self, key: Key, text: str) -> Response:
        key.record(KeyEvent.Kind.SHOWN, _person(self.request), _address(self.request))
        return Response({**KeySerializer(key).data, "secret": text}, 201)


@extend_schema(tags=["API keys"])
class LeakView(GenericAPIView[Any]):
    """End leaked keys: for anyone who holds them.

    The answer is the same whatever they are, so that it tells a thief nothing.
    """

    authentication_classes = []
    permission_classes = []
    serializer_class = LeakSerializer

    @extend_schema(operation_id="credentials_revoke", responses={202: None}, auth=[])
    def post(self, request: Request) -> Response:
        window = LIMITS.hit(REPORTS, network_of(_address(request)))
        if not window.allowed:
            raise Limited(TooMany(window))
        serializer = LeakSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        leaks.revoke(serializer.validated_data["credentials"], _address(request))
        return Response(status=202)
