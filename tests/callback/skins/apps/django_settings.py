"""What Django wants to know before it serves the recipes."""

SECRET_KEY = "a key that signs nothing here"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "tests.callback.skins.apps.django_urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
