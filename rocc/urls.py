"""The addresses of the site: the tracker's own, accounts, and the admin."""

from allauth.account import views as account
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib import admin
from django.urls import include, path, re_path

from plans.views import access_tokens, accounts, calendar_feeds, mail_choices, second_step, single_sign_on

# The library goes from one of these to the next by their names.
second_step_pages = [
    path("", second_step.second_steps, name="mfa_index"),
    path("check/", second_step.check, name="mfa_authenticate"),
    path("confirm/", second_step.confirm_by_code, name="mfa_reauthenticate"),
    path("app/", second_step.add_app, name="mfa_activate_totp"),
    path("app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("codes/", second_step.recovery_codes, name="mfa_view_recovery_codes"),
    path("codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("codes/recovery-codes.txt", second_step.recovery_codes_file, name="mfa_download_recovery_codes"),
    path("passkeys/", second_step.passkeys, name="mfa_list_webauthn"),
    path("passkeys/add/", second_step.add_passkey, name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/rename/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("passkeys/confirm/", second_step.confirm_by_passkey, name="mfa_reauthenticate_webauthn"),
    path("passkeys/sign-in/", second_step.sign_in_by_passkey, name="mfa_login_webauthn"),
]

# Only what this site uses of the library's pages: there is no signing up, and no managing of e-mail addresses.
account_pages = [
    path("", accounts.account_home, name="account_home"),
    path("login/", accounts.SignInView.as_view(), name="account_login"),
    path("logout/", accounts.SignOutView.as_view(), name="account_logout"),
    path("sso/<slug:name>/", single_sign_on.start, name="single_sign_on"),
    path("sso/<slug:name>/callback/", single_sign_on.callback, name="single_sign_on_callback"),
    path("confirm/", second_step.confirm, name="account_reauthenticate"),
    path("second-step/", include(second_step_pages)),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("password/change/", accounts.for_passwords(account.password_change), name="account_change_password"),
    path("password/set/", accounts.for_passwords(account.password_set), name="account_set_password"),
    path("password/reset/", accounts.for_passwords(account.password_reset), name="account_reset_password"),
    path(
        "password/reset/done/", accounts.for_passwords(account.password_reset_done), name="account_reset_password_done"
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        accounts.for_passwords(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        accounts.for_passwords(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]

own_account_pages = [
    path("", accounts.account, name="account"),
    path("feeds/", calendar_feeds.feed_list, name="calendar_feeds"),
    path("feeds/<int:pk>/revoke/", calendar_feeds.feed_revoke, name="revoke_feed"),
    path("sessions/end/", accounts.end_other_sessions, name="end_other_sessions"),
    path("sessions/<slug:name>/end/", accounts.end_session, name="end_session"),
    path("tokens/", access_tokens.access_tokens, name="access_tokens"),
    path("tokens/<int:pk>/end/", access_tokens.end_token, name="end_token"),
    path("sign-in-links/<int:pk>/end/", accounts.end_sign_in_link, name="end_sign_in_link"),
    path("update-links/<int:pk>/end/", accounts.end_update_link, name="end_update_link"),
    path("emails/", mail_choices.choose_mail, name="choose_mail"),
]

urlpatterns = [
    path("account/", include(own_account_pages)),
    path("accounts/", include(account_pages)),
    path("admin/login/", accounts.admin_sign_in),
    path("admin/logout/", accounts.SignOutView.as_view()),
    # One's own password is changed in one place, where guessing is slowed down.
    path("admin/password_change/", accounts.to_change_password),
    path("admin/password_change/done/", accounts.to_change_password),
    path("admin/", admin.site.urls),
    path("", include("plans.urls")),
]

handler400 = "plans.views.refusals.bad_request"
handler500 = "plans.views.server_errors.something_broke"
handler429 = "plans.views.accounts.too_often"
