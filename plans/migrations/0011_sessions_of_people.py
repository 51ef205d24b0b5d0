"""Sessions that know whose they are; and links and ended sessions in the audit trail."""

from datetime import timedelta

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations, models


def take_over_sessions(apps, schema_editor):
    """Copy the sessions that have not ended, so that people stay signed in, and delete the earlier ones.

    Nobody knows any more when they began, so that their longest time begins when they are used again.
    """
    database, now = schema_editor.connection.alias, django.utils.timezone.now()
    earlier = apps.get_model("sessions", "Session").objects.using(database)
    people = set(apps.get_model("plans", "User").objects.using(database).values_list("pk", flat=True))
    opener, found = SessionStore(), []
    for row in earlier.filter(expire_date__gt=now):
        person = str(opener.decode(row.session_data).get(SESSION_KEY, ""))
        user = int(person) if person.isdecimal() and int(person) in people else None
        if person and user is None:
            continue
        found.append({
            "session_key": row.session_key,
            "session_data": row.session_data,
            "expire_date": min(row.expire_date, now + timedelta(seconds=settings.SESSION_LIFETIME)),
            "used_at": row.expire_date - timedelta(seconds=settings.SESSION_COOKIE_AGE),
            "user_id": user,
            "signed_in_at": now if user else None,
        })
    sessions = apps.get_model("plans", "Session")
    sessions.objects.using(database).bulk_create([sessions(**fields) for fields in found], batch_size=500)
    earlier.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0010_form_keys_and_corrections'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('signed_in_at', models.DateTimeField(blank=True, null=True, verbose_name='signed in')),
                ('used_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='last used')),
                ('user_agent', models.CharField(blank=True, max_length=300, verbose_name='browser')),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='auditevent',
            name='auditevent_kind_known',
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='kind',
            field=models.CharField(choices=[('signed_in', 'Signed in'), ('signed_out', 'Signed out'), ('sign_in_failed', 'Sign-in failed'), ('password_changed', 'Password changed'), ('invited', 'Invited'), ('link_given', 'Invitation link given'), ('password_link', 'Password link asked for'), ('sessions_ended', 'Sessions ended'), ('email_changed', 'Email changed'), ('membership_started', 'Joined an agency'), ('membership_ended', 'Left an agency'), ('role_given', 'Role given'), ('role_taken', 'Role taken away'), ('account_closed', 'Account closed'), ('account_opened', 'Account opened')], max_length=30),
        ),
        migrations.AddConstraint(
            model_name='auditevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['signed_in', 'signed_out', 'sign_in_failed', 'password_changed', 'invited', 'link_given', 'password_link', 'sessions_ended', 'email_changed', 'membership_started', 'membership_ended', 'role_given', 'role_taken', 'account_closed', 'account_opened'])), name='auditevent_kind_known', violation_error_message='Choose what happened.'),
        ),
        migrations.AddField(
            model_name='session',
            name='user',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signed_in_at', None), ('user', None)), models.Q(('signed_in_at__isnull', False), ('user__isnull', False)), _connector='OR'), name='session_of_a_person_has_a_start', violation_error_message='A session of somebody who signed in says since when.'),
        ),
        # Last, since PostgreSQL alters no table that a transaction has filled.
        migrations.RunPython(take_over_sessions, migrations.RunPython.noop, elidable=True),
    ]
