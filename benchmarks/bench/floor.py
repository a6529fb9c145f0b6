"""The least that a form with a session, CSRF and one row can take in Django.

python -m benchmarks.bench.floor    creates the tables
gunicorn benchmarks.bench.floor     serves it

The settings of the database and of the server are those of the site.
"""

import django
from django.conf import settings

from mnistsite import settings as site

settings.configure(
    SECRET_KEY=site.SECRET_KEY,
    ALLOWED_HOSTS=site.ALLOWED_HOSTS,
    DATABASES=site.DATABASES,
    INSTALLED_APPS=["django.contrib.sessions"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    SESSION_COOKIE_SECURE=True,
    CSRF_COOKIE_SECURE=True,
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

# A grey PNG of a board, its glyph, and the numbers of a submission and a prediction
SIZE = 2_000 + 784 + 600


class Row(models.Model):
    data = models.BinaryField()

    class Meta:
        app_label = "floor"


def form(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        request.session.setdefault("known", True)
        Row(data=request.POST["image"][:SIZE].encode()).save()
    return HttpResponseRedirect("/")


urlpatterns = [path("", form)]
application = get_wsgi_application()


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Row)
