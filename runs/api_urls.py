"""`/api/v1/runs`: what an agent with a key can do."""

from django.urls import path

from runs import api

app_name = "runs-api"
urlpatterns = [
    path("runs", api.Runs.as_view(), name="runs"),
    path("runs/<str:run_id>", api.Run.as_view(), name="run"),
    path("runs/<str:run_id>/activities", api.Activities.as_view(), name="run-activities"),
    path(
        "runs/<str:run_id>/activities/<str:activity_id>",
        api.Activity.as_view(),
        name="run-activity",
    ),
]
