from django.urls import path

from compat.linear import views

app_name = "linear"
urlpatterns = [path("graphql", views.graphql, name="graphql")]
