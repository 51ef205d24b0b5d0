from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0034_mail_choices'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='rollover', name='rollover_taken_back_by_somebody'),
        migrations.RenameField(model_name='rollover', old_name='taken_back_at', new_name='undone_at'),
        migrations.RenameField(model_name='rollover', old_name='taken_back_by', new_name='undone_by'),
        migrations.RenameField(model_name='historicalrollover', old_name='taken_back_at', new_name='undone_at'),
        migrations.RenameField(model_name='historicalrollover', old_name='taken_back_by', new_name='undone_by'),
        *(
            migrations.AlterField(
                model_name=model,
                name='undone_at',
                field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='undone'),
            )
            for model in ('rollover', 'historicalrollover')
        ),
        migrations.AddConstraint(
            model_name='rollover',
            constraint=models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name='rollover_undone_by_somebody',
                violation_error_message='A roll-over that was undone says by whom and when.',
            ),
        ),
    ]
