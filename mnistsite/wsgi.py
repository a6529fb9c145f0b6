import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mnistsite.settings")

if settings.SECRET_KEY == settings.BUILT_IN_SECRET_KEY and not settings.DEBUG:
    sys.exit(
        "SECRET_KEY is not set. "
        "Set it to a long random text, or set DEBUG=1 on your own machine."
    )

application = get_wsgi_application()
