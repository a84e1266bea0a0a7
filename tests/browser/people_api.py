"""A small API over people, as a site map: the browsable API is looked at on it."""

from django.urls import path
from rest_framework.authentication import SessionAuthentication
from rest_framework.generics import ListCreateAPIView, RetrieveUpdateDestroyAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.serializers import ModelSerializer

from accounts.models import User
from integrator.urls import urlpatterns as site


class PersonSerializer(ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "email", "first_name"]


class OnePerPage(PageNumberPagination):
    page_size = 1


class People(ListCreateAPIView):
    """The people who can sign in."""

    queryset = User.objects.order_by("id")
    serializer_class = PersonSerializer
    pagination_class = OnePerPage
    authentication_classes = [SessionAuthentication]


class Person(RetrieveUpdateDestroyAPIView):
    queryset = User.objects.all()
    serializer_class = PersonSerializer
    authentication_classes = [SessionAuthentication]


urlpatterns = [
    path("v1/people/", People.as_view(), name="people"),
    path("v1/people/<int:pk>/", Person.as_view(), name="person"),
    *site,
]
