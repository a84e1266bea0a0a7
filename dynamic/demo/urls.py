from django.urls import path

from dynamic.demo.systems import order, stock

urlpatterns = [
    path("shop/orders/<str:number>", order),
    path("warehouse/stock", stock),
]
