import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dynamic', '0007_drift'),
    ]

    operations = [
        migrations.AddField(
            model_name='pipe',
            name='at_once',
            field=models.PositiveSmallIntegerField(default=0, help_text='Most runs at once in a server process; 0 for no limit.', validators=[django.core.validators.MaxValueValidator(10000)]),
        ),
        migrations.AddField(
            model_name='pipe',
            name='cache_headers',
            field=models.JSONField(blank=True, default=list, help_text='Headers that make another answer, beside the query. Names, in a list.'),
        ),
        migrations.AddField(
            model_name='pipe',
            name='cache_seconds',
            field=models.PositiveIntegerField(default=0, help_text='Seconds that the answer to a read is given again; 0 to ask anew each time.', validators=[django.core.validators.MaxValueValidator(86400)]),
        ),
        migrations.AddField(
            model_name='pipe',
            name='cache_shared',
            field=models.BooleanField(default=False, help_text='Else each key has answers of its own.', verbose_name='one cache for all callers'),
        ),
        migrations.AddField(
            model_name='pipe',
            name='calls_a_minute',
            field=models.PositiveIntegerField(default=0, help_text='Most calls a minute, of all callers together; 0 for no limit.', validators=[django.core.validators.MaxValueValidator(1000000)]),
        ),
        migrations.AddField(
            model_name='pipe',
            name='failure_mode',
            field=models.CharField(choices=[('http', 'By HTTP status, with problem details'), ('compat', 'Always 200, with an envelope')], default='http', help_text='How it fails.', max_length=10),
        ),
        migrations.AddField(
            model_name='pipe',
            name='keep_bodies',
            field=models.CharField(choices=[('all', 'Of all runs'), ('errors', 'Of runs that did not end well'), ('off', 'Of none')], default='all', help_text='Whether runs keep what came in, what went out, and what was sent and received.', max_length=10),
        ),
        # What was kept for ever so far, is: only new pipes forget after a while.
        migrations.AddField(
            model_name='pipe',
            name='keep_days',
            field=models.PositiveSmallIntegerField(default=0, help_text='Days that runs are kept; 0 for ever.', validators=[django.core.validators.MaxValueValidator(3650)]),
        ),
        migrations.AlterField(
            model_name='pipe',
            name='keep_days',
            field=models.PositiveSmallIntegerField(default=90, help_text='Days that runs are kept; 0 for ever.', validators=[django.core.validators.MaxValueValidator(3650)]),
        ),
        migrations.AddField(
            model_name='pipe',
            name='keep_runs',
            field=models.PositiveIntegerField(default=0, help_text='The newest runs that are kept; 0 for no such limit.'),
        ),
    ]
