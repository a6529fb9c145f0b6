from django.contrib import admin
from django.urls import include, path

handler400 = "recognizer.errors.bad_request"
handler403 = "recognizer.errors.permission_denied"
handler404 = "recognizer.errors.page_not_found"
handler500 = "recognizer.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("recognizer.urls")),
]
