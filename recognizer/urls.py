from django.urls import path

from . import views

urlpatterns = [
    path("", views.index, name="index"),
    path("s/<uuid:uuid>/", views.result, name="result"),
    path("s/<uuid:uuid>/claim", views.claim, name="claim"),
    path("send", views.send, name="send"),
    path("healthz", views.healthz, name="healthz"),
]
