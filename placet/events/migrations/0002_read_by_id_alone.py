from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("events", "0001_events")]

    operations = [migrations.RemoveIndex(model_name="eventrow", name="event_by_agent")]
