from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tests.callback.skins.apps.desk import callback


@csrf_exempt
@require_http_methods(["GET", "POST"])
def wechat(request: HttpRequest) -> HttpResponse:
    answer = callback.handle(request.META["QUERY_STRING"], request.body)
    return HttpResponse(answer.body, answer.content_type, answer.status)


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page of your own")


urlpatterns = [path("wechat", wechat), path("", home)]
