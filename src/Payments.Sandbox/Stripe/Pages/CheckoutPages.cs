using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Payments.Sandbox.Stripe.Pages;

/// <summary>
/// The hosted pages: checkout at <c>/c/pay/{session}</c>, an invoice at <c>/invoice/{invoice}</c> (the same page, paid at
/// the same address) and the 3-D Secure challenge at <c>/3ds/{intent}</c>. Each is a
/// plain HTML form; the script asks the same addresses for JSON, so that a decline leaves what was typed where it is.
/// </summary>
public static class CheckoutPages
{
    public static void Map(IEndpointRouteBuilder app, ICheckoutPageBackend backend)
    {
        var pages = new Pages(backend);
        app.MapGet("/c/assets/{file}", Pages.AssetAsync);
        app.MapGet("/c/pay/{id}", pages.ShowAsync);
        app.MapPost("/c/pay/{id}", pages.PayAsync).WithMetadata(new RequestSizeLimitAttribute(64 * 1024));
        app.MapPost("/c/pay/{id}/promotion-code", pages.ApplyPromotionCodeAsync).WithMetadata(new RequestSizeLimitAttribute(64 * 1024));
        app.MapPost("/c/pay/{id}/promotion-code/remove", pages.RemovePromotionCodeAsync).WithMetadata(new RequestSizeLimitAttribute(64 * 1024));
        app.MapGet("/invoice/{id}", pages.ShowAsync);
        app.MapGet("/3ds/{id}", pages.ShowChallengeAsync);
        app.MapPost("/3ds/{id}", pages.AnswerChallengeAsync).WithMetadata(new RequestSizeLimitAttribute(64 * 1024));
    }

    private static string SessionPage(string sessionId) => $"/c/pay/{Uri.EscapeDataString(sessionId)}";

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    private sealed class Pages(ICheckoutPageBackend backend)
    {
        public static async Task AssetAsync(HttpContext context)
        {
            var file = (string)context.Request.RouteValues["file"]!;
            var type = file switch
            {
                "checkout.css" or "board.css" => "text/css; charset=utf-8",
                "checkout.js" or "dashboard.js" => "text/javascript; charset=utf-8",
                _ => null,
            };
            if (type is null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            context.Response.ContentType = type;
            context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await context.Response.Body.WriteAsync(PageAssets.Bytes(file), context.RequestAborted);
        }

        public Task ShowAsync(HttpContext context) => backend.Find(IdOf(context)) switch
        {
            null => NotFoundAsync(context),
            { Status: "open" } view => WriteCheckoutAsync(
                context, StatusCodes.Status200OK, view, CheckoutForm.Empty(view), PageTexts.Declined(context.Request.Query["declined"])),
            var view => WriteAsync(context, StatusCodes.Status200OK, "result.html", ResultPage.Of(view), view),
        };

        public async Task PayAsync(HttpContext context)
        {
            if (backend.Find(IdOf(context)) is not { } view)
            {
                await NotFoundAsync(context);
                return;
            }

            if (view.Status is not "open")
            {
                await AnswerAsync(context, view, form: null, new PageOutcome.Refused(PageTexts.Over(view)));
                return;
            }

            var (form, payment) = CheckoutForm.Read(await context.Request.ReadFormAsync(context.RequestAborted), view);
            // Once sent, a payment is not given up because its buyer closed the page.
            var outcome = payment is null ? null : await backend.PayAsync(view.SessionId, payment, CancellationToken.None);
            await AnswerAsync(context, view, form, outcome);
        }

        public async Task ApplyPromotionCodeAsync(HttpContext context)
        {
            var fields = await context.Request.ReadFormAsync(context.RequestAborted);
            var code = fields["code"].ToString().Trim();
            await ChangeDiscountAsync(context, code, id => code.Length == 0
                ? Task.FromResult<PageOutcome?>(new PageOutcome.Refused("Enter a code."))
                : backend.ApplyPromotionCodeAsync(id, code, context.RequestAborted));
        }

        public Task RemovePromotionCodeAsync(HttpContext context) =>
            ChangeDiscountAsync(context, code: null, id => backend.RemovePromotionCodeAsync(id, context.RequestAborted));

        public Task ShowChallengeAsync(HttpContext context) => backend.FindChallenge(IdOf(context)) is { } challenge
            ? WriteAsync(context, StatusCodes.Status200OK, "challenge.html", ChallengePage.Of(challenge), SessionOf(challenge), challenge.ReturnUrl)
            : ChallengeGoneAsync(context);

        public async Task AnswerChallengeAsync(HttpContext context)
        {
            if (backend.FindChallenge(IdOf(context)) is not { } challenge)
            {
                await ChallengeGoneAsync(context);
                return;
            }

            var fields = await context.Request.ReadFormAsync(context.RequestAborted);
            var answer = fields["outcome"].ToString();
            if (answer is not ("complete" or "fail"))
            {
                await WriteAsync(context, StatusCodes.Status400BadRequest, "challenge.html", ChallengePage.Of(challenge), SessionOf(challenge), challenge.ReturnUrl);
                return;
            }

            var outcome = await backend.AuthenticateAsync(challenge.PaymentIntentId, answer is "complete", CancellationToken.None);
            var target = outcome switch
            {
                PageOutcome.Succeeded succeeded => succeeded.Redirect,
                PageOutcome.Processing processing => processing.Redirect,
                PageOutcome.Declined declined when challenge.SessionId is { } session =>
                    $"{SessionPage(session)}?declined={Uri.EscapeDataString(PageTexts.Reason(declined))}",
                PageOutcome.ActionRequired again => again.ChallengeUrl,
                _ => null,
            };
            target ??= challenge.SessionId is { } behind ? SessionPage(behind) : challenge.ReturnUrl;
            if (PageUrl.OrNull(target) is { } url)
            {
                SeeOther(context, url);
            }
            else
            {
                await WriteAsync(context, StatusCodes.Status200OK, "result.html", ResultPage.OfChallenge(outcome), view: null);
            }
        }

        private CheckoutPageView? SessionOf(ChallengeView challenge) =>
            challenge.SessionId is { } session ? backend.Find(session) : null;

        private async Task ChangeDiscountAsync(HttpContext context, string? code, Func<string, Task<PageOutcome?>> change)
        {
            if (backend.Find(IdOf(context)) is not { } view)
            {
                await NotFoundAsync(context);
                return;
            }

            var refused = await change(view.SessionId) is PageOutcome.Refused refusal ? refusal.Message : null;
            if (WantsJson(context))
            {
                await WriteJsonAsync(context, refused is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest, new { outcome = refused is null ? "changed" : "refused", message = refused });
            }
            else if (refused is null)
            {
                SeeOther(context, SessionPage(view.SessionId));
            }
            else
            {
                await WriteCheckoutAsync(context, StatusCodes.Status400BadRequest, view, CheckoutForm.Empty(view), alert: null, (code ?? string.Empty, refused));
            }
        }

        /// <summary>A null outcome: the form never left the page, see its errors.</summary>
        private async Task AnswerAsync(HttpContext context, CheckoutPageView view, CheckoutForm? form, PageOutcome? outcome)
        {
            if (outcome is PageOutcome.Declined { Param: { } param } declined && CheckoutForm.FieldOf(param) is { } field)
            {
                form?.Refuse(field, declined.Message);
            }

            // A second press of the button finds the session complete: the first one's success is its answer too.
            var now = outcome is PageOutcome.Refused ? backend.Find(view.SessionId) ?? view : view;
            var (status, name, redirect, message) = outcome switch
            {
                null => (StatusCodes.Status400BadRequest, "invalid", null, null),
                PageOutcome.Succeeded o => (StatusCodes.Status200OK, "succeeded", o.Redirect ?? SessionPage(view.SessionId), null),
                PageOutcome.Processing o => (StatusCodes.Status200OK, "processing", o.Redirect ?? SessionPage(view.SessionId), null),
                PageOutcome.ActionRequired o => (StatusCodes.Status200OK, "action_required", o.ChallengeUrl, null),
                PageOutcome.Declined o => (StatusCodes.Status402PaymentRequired, "declined", null, o.Message),
                PageOutcome.Refused when now.Status is "complete" => (StatusCodes.Status200OK, "succeeded", now.SuccessUrl ?? SessionPage(view.SessionId), null),
                PageOutcome.Refused o when now.Status is not "open" => (StatusCodes.Status409Conflict, "over", SessionPage(view.SessionId), o.Message),
                PageOutcome.Refused o => (StatusCodes.Status409Conflict, "refused", (string?)null, o.Message),
                _ => throw new NotSupportedException($"The page knows no outcome {outcome.GetType().Name}."),
            };
            redirect = PageUrl.OrNull(redirect);
            if (WantsJson(context))
            {
                await WriteJsonAsync(context, status, new { outcome = name, redirect, message, errors = form?.Errors ?? new Dictionary<string, string>(StringComparer.Ordinal) });
            }
            else if (redirect is not null)
            {
                SeeOther(context, redirect);
            }
            else
            {
                await WriteCheckoutAsync(context, status, now, form ?? CheckoutForm.Empty(now), form?.Errors.Count > 0 ? null : message);
            }
        }

        private static bool WantsJson(HttpContext context) =>
            context.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.OrdinalIgnoreCase);

        private static void SeeOther(HttpContext context, string target)
        {
            PageHeaders.Harden(context, []);
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = target;
        }

        private static Task WriteCheckoutAsync(
            HttpContext context, int status, CheckoutPageView view, CheckoutForm form, string? alert, (string Code, string Message)? promotion = null) =>
            WriteAsync(context, status, "checkout.html", CheckoutPage.Of(view, form, alert, promotion), view);

        private static Task NotFoundAsync(HttpContext context) => WantsJson(context)
            ? WriteJsonAsync(context, StatusCodes.Status404NotFound, new { outcome = "refused", message = PageTexts.NoSuchSession })
            : WriteAsync(context, StatusCodes.Status404NotFound, "result.html", ResultPage.NotFound(), view: null);

        private static Task ChallengeGoneAsync(HttpContext context) =>
            WriteAsync(context, StatusCodes.Status404NotFound, "result.html", ResultPage.ChallengeGone(), view: null);

        private static async Task WriteJsonAsync(HttpContext context, int status, object body)
        {
            PageHeaders.Harden(context, []);
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(JsonSerializer.Serialize(body), context.RequestAborted);
        }

        private static async Task WriteAsync(HttpContext context, int status, string file, PageModel model, CheckoutPageView? view, string? returnUrl = null)
        {
            PageHeaders.Harden(context, [view?.SuccessUrl, view?.CancelUrl, returnUrl]);
            model["version"] = PageAssets.Version;
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync(PageTemplate.Load(file).Render(model), context.RequestAborted);
        }
    }
}
