using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace Payments.Sandbox.Stripe.Pages;

/// <summary>
/// The billing portal at <c>/p/session/{session}</c>: subscriptions, cards and invoices of one customer, as plain forms
/// that answer by leading back to the page.
/// </summary>
internal static class PortalPages
{
    private static readonly string[] Feedbacks =
        ["customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex", "too_expensive", "unused"];

    public static void Map(IEndpointRouteBuilder app, PortalPageBackend backend)
    {
        app.MapGet("/p/session/{id}", context => Show(context, backend));
        Post("cards", async (context, form, session) => await AddCardAsync(context, backend, form, session));
        Post("cards/{card}/default", (context, _, session) => Answer(context, backend, session, "default", backend.UseCard(session, Name(context, "card"))));
        Post("cards/{card}/remove", (context, _, session) => Answer(context, backend, session, "removed", backend.RemoveCard(session, Name(context, "card"))));
        Post("subscriptions/{subscription}/cancel", (context, form, session) => form["when"].ToString() is "now" or "period_end"
            ? Answer(context, backend, session, "canceled", backend.Cancel(
                session,
                Name(context, "subscription"),
                form["when"].ToString() is "now",
                Feedbacks.Contains(form["feedback"].ToString(), StringComparer.Ordinal) ? form["feedback"].ToString() : null))
            : Answer(context, backend, session, "canceled", new PortalRefusal("Choose when the plan is to end.", Field: null)));
        Post("subscriptions/{subscription}/resume", (context, _, session) =>
            Answer(context, backend, session, "resumed", backend.Resume(session, Name(context, "subscription"))));
        Post("subscriptions/{subscription}/plan", (context, form, session) =>
            Answer(context, backend, session, "switched", backend.Switch(session, Name(context, "subscription"), form["price"].ToString())));
        Post("subscriptions/{subscription}/quantity", (context, form, session) => int.TryParse(form["quantity"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var quantity) && quantity > 0
            ? Answer(context, backend, session, "switched", backend.SetQuantity(session, Name(context, "subscription"), quantity))
            : Answer(context, backend, session, "switched", new PortalRefusal("Choose a quantity of 1 or more.", Field: null)));

        void Post(string path, Func<HttpContext, IFormCollection, string, Task> act) => app
            .MapPost($"/p/session/{{id}}/{path}", async context => await act(context, await context.Request.ReadFormAsync(context.RequestAborted), Name(context, "id")))
            .WithMetadata(new RequestSizeLimitAttribute(64 * 1024));
    }

    private static Task Show(HttpContext context, PortalPageBackend backend)
    {
        var query = context.Request.Query;
        var failed = query["redirect_status"].ToString() is "failed"
            ? new PortalRefusal("We are unable to authenticate your card. Please choose a different card and try again.", Field: null)
            : null;
        var done = query["redirect_status"].ToString() is "succeeded" ? "saved" : query["done"].ToString();
        return WriteAsync(context, backend, Name(context, "id"), StatusCodes.Status200OK, failed, form: null, done);
    }

    private static Task AddCardAsync(HttpContext context, PortalPageBackend backend, IFormCollection form, string session)
    {
        var expiry = string.Concat(form["expiry"].ToString().Where(char.IsAsciiDigit));
        if (expiry.Length is not (4 or 6))
        {
            return WriteAsync(
                context, backend, session, StatusCodes.Status400BadRequest, new PortalRefusal("Your card's expiration date is incomplete.", "expiry"), form, done: null);
        }

        var (refusal, challenge) = backend.AddCard(
            session,
            new PortalCard(form["number"].ToString(), expiry[..2], expiry[2..], form["cvc"].ToString().Trim(), form["name"].ToString().Trim()));
        if (refusal is null && challenge is not null)
        {
            SeeOther(context, challenge);
            return Task.CompletedTask;
        }

        return Answer(context, backend, session, "saved", refusal, form);
    }

    private static Task Answer(
        HttpContext context, PortalPageBackend backend, string session, string done, PortalRefusal? refusal, IFormCollection? form = null)
    {
        if (refusal is not null)
        {
            return WriteAsync(context, backend, session, StatusCodes.Status400BadRequest, refusal, form, done: null);
        }

        SeeOther(context, $"/p/session/{Uri.EscapeDataString(session)}?done={done}");
        return Task.CompletedTask;
    }

    private static async Task WriteAsync(
        HttpContext context, PortalPageBackend backend, string session, int status, PortalRefusal? refusal, IFormCollection? form, string? done)
    {
        var view = backend.Find(session);
        PageHeaders.Harden(context, [view?.ReturnUrl]);
        context.Response.StatusCode = view is null ? StatusCodes.Status404NotFound : status;
        context.Response.ContentType = "text/html; charset=utf-8";
        var (file, model) = view is null ? ("result.html", ResultPage.PortalGone()) : ("portal.html", Model(view, refusal, form, done));
        model["version"] = PageAssets.Version;
        await context.Response.WriteAsync(PageTemplate.Load(file).Render(model), context.RequestAborted);
    }

    private static PageModel Model(PortalView view, PortalRefusal? refusal, IFormCollection? form, string? done)
    {
        var model = new PageModel
        {
            ["session"] = Uri.EscapeDataString(view.SessionId),
            ["merchant"] = view.MerchantName,
            ["email"] = view.Email,
            ["return_url"] = PageUrl.OrNull(view.ReturnUrl),
            ["alert"] = refusal is { Field: null } ? refusal.Message : null,
            ["done"] = refusal is null ? Done(done) : null,
            ["has_subscriptions"] = view.Subscriptions.Count > 0,
            ["subscriptions"] = (List<PageModel>)[.. view.Subscriptions.Select(s => Subscription(s, view))],
            ["cards"] = (List<PageModel>)[.. view.Cards.Select(Card)],
            ["has_cards"] = view.Cards.Count > 0,
            ["add_open"] = refusal?.Field is not null || view.Flow is "payment_method_update",
            ["name"] = form?["name"].ToString(),
            ["has_invoices"] = view.Invoices.Count > 0,
            ["invoices"] = (List<PageModel>)[.. view.Invoices.Select(Invoice)],
        };
        foreach (var field in new[] { "number", "expiry", "cvc" })
        {
            model[$"{field}_error"] = string.Equals(refusal?.Field, field, StringComparison.Ordinal) ? refusal!.Message : null;
        }

        return model;
    }

    private static PageModel Subscription(PortalSubscription subscription, PortalView view)
    {
        var isMeant = string.Equals(subscription.Id, view.FlowSubscription, StringComparison.Ordinal);
        var isOver = subscription.Status is "canceled" or "incomplete_expired";
        var canChange = subscription.Status is "active" or "trialing" or "past_due";
        return new PageModel
        {
            ["subscription"] = Uri.EscapeDataString(subscription.Id),
            ["plan_name"] = subscription.Name,
            ["plan_price"] = subscription.Price,
            ["plan_many"] = subscription.Quantity != 1,
            ["plan_quantity"] = subscription.Quantity.ToString(CultureInfo.InvariantCulture),
            ["plan_status"] = subscription.Status.Replace('_', ' '),
            ["plan_good"] = subscription.Status is "active" or "trialing",
            ["plan_when"] = subscription.On is null ? null
                : subscription.Ends ? $"Ends on {subscription.On}."
                : subscription.Status is "trialing" ? $"Free until {subscription.On}."
                : $"Renews on {subscription.On}.",
            ["plan_card"] = subscription.Card,
            ["can_resume"] = subscription.Ends && !isOver,
            ["can_cancel"] = !subscription.Ends && !isOver,
            ["cancel_open"] = isMeant && view.Flow is "subscription_cancel",
            ["switch_open"] = isMeant && view.Flow is "subscription_update",
            ["can_count"] = canChange,
            ["can_switch"] = subscription.Others.Count > 0 && canChange,
            ["prices"] = (List<PageModel>)[.. subscription.Others.Select(p => new PageModel { ["price_id"] = p.Id, ["price_label"] = p.Label })],
        };
    }

    private static PageModel Card(PortalSavedCard card) => new()
    {
        ["card_id"] = Uri.EscapeDataString(card.Id),
        ["card_brand"] = card.Brand switch
        {
            "amex" => "American Express",
            "jcb" => "JCB",
            "unionpay" => "UnionPay",
            { Length: > 0 } brand => char.ToUpperInvariant(brand[0]) + brand[1..],
            _ => "Card",
        },
        ["card_last4"] = card.Last4,
        ["card_expires"] = card.Expires,
        ["card_expired"] = card.HasExpired,
        ["card_default"] = card.IsDefault,
        ["card_removable"] = !card.IsPaying,
    };

    private static PageModel Invoice(PortalInvoice invoice) => new()
    {
        ["invoice_number"] = invoice.Number,
        ["invoice_date"] = invoice.Date,
        ["invoice_total"] = invoice.Total,
        ["invoice_status"] = invoice.Status,
        ["invoice_paid"] = invoice.Status is "paid",
        ["invoice_url"] = PageUrl.OrNull(invoice.Url),
        ["invoice_pdf"] = PageUrl.OrNull(invoice.Pdf),
    };

    /// <summary>The word comes from the address, so only known words speak.</summary>
    private static string? Done(string? word) => word switch
    {
        "saved" => "Your card is saved, and pays from now on.",
        "default" => "This card pays from now on.",
        "removed" => "The card is removed.",
        "canceled" => "Your plan is cancelled.",
        "resumed" => "Your plan goes on.",
        "switched" => "Your plan is changed.",
        _ => null,
    };

    private static string Name(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    private static void SeeOther(HttpContext context, string target)
    {
        PageHeaders.Harden(context, []);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = target;
    }
}
