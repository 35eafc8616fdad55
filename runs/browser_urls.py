"""`/api/runs` for people."""

from django.urls import path

from runs import browser_api

app_name = "runs-browser"
urlpatterns = [
    path("runs", browser_api.Runs.as_view(), name="runs"),
    path("runs/<str:run_id>", browser_api.Run.as_view(), name="run"),
    path("runs/<str:run_id>/activities", browser_api.Activities.as_view(), name="run-activities"),
    path("runs/<str:run_id>/prompts", browser_api.Prompts.as_view(), name="run-prompts"),
    path("runs/<str:run_id>/stop", browser_api.Stop.as_view(), name="run-stop"),
]
