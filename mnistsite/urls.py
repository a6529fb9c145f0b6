from django.contrib import admin
from django.urls import include, path

handler400 = "recognizer.access.errors.bad_request"
handler403 = "recognizer.access.errors.permission_denied"
handler404 = "recognizer.access.errors.page_not_found"
handler500 = "recognizer.access.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("recognizer.urls")),
]
