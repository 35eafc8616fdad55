"""Plane's own paths, each with a slash at its end: mounted at /api/v1/, where ours have none."""

from django.urls import path

from compat.plane import views

app_name = "plane"
_run = "workspaces/<str:slug>/runs/<str:run_id>/"
_item = "workspaces/<str:slug>/projects/<str:project_id>/work-items/<str:work_item_id>/"
urlpatterns = [
    path("users/me/", views.Me.as_view(), name="me"),
    path("workspaces/<str:slug>/members/", views.Members.as_view(), name="members"),
    path("workspaces/<str:slug>/runs/", views.Runs.as_view(), name="runs"),
    path(_run, views.Run.as_view(), name="run"),
    path(f"{_run}activities/", views.Activities.as_view(), name="activities"),
    path(f"{_run}activities/<str:activity_id>/", views.Activity.as_view(), name="activity"),
    path(_item, views.WorkItem.as_view(), name="work-item"),
    path(f"{_item}comments/", views.Comments.as_view(), name="comments"),
    path(f"{_item}comments/<str:comment_id>/", views.Comment.as_view(), name="comment"),
    path("workspaces/<path:rest>", views.Elsewhere.as_view(), name="elsewhere"),
    path("users/<path:rest>", views.Elsewhere.as_view(), name="elsewhere-of-users"),
]
