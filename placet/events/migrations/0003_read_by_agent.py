from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0002_read_by_id_alone")]

    operations = [
        migrations.AddIndex(
            model_name="eventrow",
            index=models.Index(fields=["agent_id", "type", "id"], name="event_by_agent"),
        )
    ]
