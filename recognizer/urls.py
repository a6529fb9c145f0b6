from django.urls import path

from recognizer import views

urlpatterns = [
    path("", views.index, name="index"),
    path("guess", views.guess, name="guess"),
    path("send", views.send, name="send"),
    path("s/<uuid:uuid>/", views.result, name="result"),
    path("s/<uuid:uuid>/how/", views.how, name="how"),
    path("s/<uuid:uuid>/claim", views.claim, name="claim"),
    path("s/<uuid:uuid>/delete", views.delete, name="delete"),
    path("deleted/", views.deleted, name="deleted"),
    path("about/", views.about, name="about"),
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
]
