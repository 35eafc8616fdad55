"""The pages of runs, mounted at the root."""

from django.urls import path

from runs.pages import handing, listing, page

app_name = "runs"
urlpatterns = [
    path("chats/<uuid:agent_id>/runs/", page.at_work, name="at-work"),
    path("chats/<uuid:agent_id>/mentions/", page.mentions, name="mentions"),
    path("chats/<uuid:agent_id>/hand-over/", handing.hand_over, name="hand-over"),
    path("runs/", listing.runs, name="runs"),
    path("runs/<uuid:run_id>/", page.page, name="run"),
    path("runs/<uuid:run_id>/steps/<int:number>/", page.steps, name="steps"),
    path("runs/<uuid:run_id>/prompt/", page.prompt, name="prompt"),
    path("runs/<uuid:run_id>/stop/", page.stop, name="stop"),
]
