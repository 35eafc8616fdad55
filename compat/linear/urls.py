from django.urls import path

from compat.linear import oauth, views

app_name = "linear"
urlpatterns = [
    path("graphql", views.graphql, name="graphql"),
    path("oauth/authorize", oauth.authorize, name="authorize"),
    path("oauth/token", oauth.token, name="token"),
    path("oauth/revoke", oauth.revoke, name="revoke"),
]
