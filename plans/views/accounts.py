"""Signing in, and being refused for trying too often; the other pages are those of the library, in our look."""

from allauth.account.views import LoginView, LogoutView
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode

from plans.views import keeping


@method_decorator(login_not_required, name="dispatch")
class SignInView(LoginView):
    """Sign-in, which carries on what somebody typed before their session ended."""

    def dispatch(self, request, *args, **kwargs):
        """Go straight on for a person who has signed in meanwhile, with what they typed."""
        if request.method == "POST" and request.user.is_authenticated:
            keeping.remember(request)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """Name what the template wants."""
        context = super().get_context_data(**kwargs)
        return {**context, "next": context["redirect_field_value"], "kept": keeping.carried(self.request)}

    def form_valid(self, form):
        """Sign in. What was typed is put by before, since a second step may follow the password one day."""
        keeping.remember(self.request)
        return super().form_valid(form)


class SignOutView(LogoutView):
    """Sign-out, after which the browser shows no page of before, neither out of its cache nor by going back."""

    def post(self, *args, **kwargs):
        """Sign out, and have the browser forget its pages."""
        response = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response


@login_not_required
def admin_sign_in(request):
    """Go from the admin to the sign-in page; refuse those who are signed in and may not use the admin."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied("Your account may not use the admin.")
    goal = request.GET.get("next") or reverse("admin:index")
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': goal})}")


def too_often(request):
    """The answer to somebody who tries too often; at sign-in, what they typed elsewhere is carried on."""
    if request.path == reverse("account_login"):
        return keeping.sign_in_again(request, status=429, is_too_often=True)
    return render(request, "429.html", status=429)


def account_home(request):
    """Go from the folder of account pages to the one that is useful."""
    return redirect("account_change_password" if request.user.is_authenticated else "account_login")
