from django.db import migrations, models

from recognizer.models import Checksum


class Migration(migrations.Migration):
    dependencies = [("recognizer", "0006_operators_see_history")]

    operations = [
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(Checksum("picture"), name="picture_checksum"),
        ),
    ]
