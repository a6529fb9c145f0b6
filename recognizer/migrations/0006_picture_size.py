from django.db import migrations, models
from django.db.models.functions import Length


class Migration(migrations.Migration):
    dependencies = [("recognizer", "0005_operators_see_history")]

    operations = [
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(Length("picture"), name="picture_size"),
        ),
    ]
