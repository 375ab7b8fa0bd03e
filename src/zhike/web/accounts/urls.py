from django.urls import URLPattern, path

from zhike.web.accounts import beginnings, me, preferences, security, setup, sign_in

urlpatterns: list[URLPattern] = [
    path("setup/", setup.setup, name="setup"),
    path("setup/demo/", beginnings.demo_progress, name="setup-demo"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/code/", sign_in.second_factor, name="second-factor"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("me/", me.account, name="me"),
    path("me/absence/", me.absence, name="me-absence"),
    path("me/password/", security.password, name="me-password"),
    path("me/second-factor/", security.second_factor, name="me-second-factor"),
    path("me/second-factor/remove/", security.remove_second_factor, name="me-second-factor-remove"),
    path("me/second-factor/codes/", security.renew_codes, name="me-recovery-codes"),
    path("me/tokens/", security.tokens, name="me-tokens"),
    path("me/tokens/<int:pk>/revoke/", security.revoke_token, name="me-token-revoke"),
    path("me/sessions/", security.sessions, name="me-sessions"),
]
