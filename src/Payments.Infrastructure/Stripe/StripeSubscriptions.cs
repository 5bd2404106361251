using System.Text.Json;

using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Stripe;

/// <summary>Stripe Billing: subscriptions, their invoices, and what a change would cost.</summary>
internal sealed class StripeSubscriptions(StripeCalls calls) : ISubscriptionGateway
{
    private const string Subscriptions = "/v1/subscriptions";
    private const string Invoices = "/v1/invoices";
    private const string InvoicePayments = "/v1/invoice_payments";
    private const string CreateSubscription = "POST " + Subscriptions;
    private const string OneSubscription = Subscriptions + "/{id}";

    /// <summary>The newest of a subscription's invoices; older ones changed long ago.</summary>
    private const int NewestInvoices = 100;

    /// <summary>What a started subscription has to show: its first invoice's payments, and the secrets to confirm them by.</summary>
    private static readonly string[] Started = ["latest_invoice.confirmation_secret", "latest_invoice.payments", "pending_setup_intent", "default_payment_method"];

    public PreparedCall PrepareSubscription(NewSubscription subscription)
    {
        var form = new StripeForm()
            .Set("customer", subscription.CustomerId)
            .List("items", [subscription], static (item, s) => item.Set("price", s.PriceId).Set("quantity", s.Quantity))
            .Set("default_payment_method", subscription.PaymentMethodId)
            // With a card it is charged at once, and a challenge comes back as a state; without one the first payment waits for a page.
            .Set("payment_behavior", subscription.PaymentMethodId is null ? "default_incomplete" : "allow_incomplete")
            .Nest("payment_settings", settings => settings.Set("save_default_payment_method", "on_subscription"))
            .Nest("metadata", metadata => StripeGateway.Ours(metadata, subscription.PaymentId, subscription.UserId, "Subscription").Set("plan_id", subscription.PlanId.ToString()));
        if (subscription.TrialDays > 0)
        {
            form.Set("trial_period_days", subscription.TrialDays);
        }

        return new PreparedCall(CreateSubscription, form.List("expand", Started).ToString());
    }

    public async Task<StartedSubscription> OpenSubscriptionAsync(PreparedCall call, string idempotencyKey, CancellationToken cancellationToken) =>
        await StartedAsync(StripeCalls.Prepared(call, CreateSubscription, idempotencyKey), cancellationToken);

    public async Task<StartedSubscription?> FindSubscriptionAsync(string customerId, PaymentId paymentId, CancellationToken cancellationToken)
    {
        var all = await calls.ListAsync(Subscriptions, form => form.Set("customer", customerId).Set("status", "all"), StripeJson.Default.SubscriptionList, StripeErrors.TooMany, cancellationToken);
        return all.Find(s => StripeStates.Payment(s.Metadata) == paymentId) is { } found
            ? await StartedAsync(StripeCalls.Get(Subscriptions, found.Id, new StripeForm().List("expand", Started)), cancellationToken)
            : null;
    }

    public Task<SubscriptionState> GetSubscriptionAsync(string subscriptionId, CancellationToken cancellationToken) =>
        StateAsync(StripeCalls.Get(Subscriptions, subscriptionId, new StripeForm().List("expand", "default_payment_method")), cancellationToken);

    public async Task<IReadOnlyList<InvoiceState>> GetInvoicesAsync(string subscriptionId, CancellationToken cancellationToken)
    {
        var form = new StripeForm().Set("subscription", StripeCalls.Id(subscriptionId)).Set("limit", NewestInvoices).List("expand", "data.payments");
        var reply = await calls.SendAsync(new StripeRequest(HttpMethod.Get, "GET " + Invoices, Invoices, form.ToString()), cancellationToken);
        return [.. StripeCalls.Content(reply, StripeJson.Default.InvoiceList).Data.Select(invoice => calls.Map(reply, invoice, StripeStates.Invoice))];
    }

    public async Task<InvoiceState> GetInvoiceAsync(string invoiceId, CancellationToken cancellationToken)
    {
        var reply = await calls.SendAsync(StripeCalls.Get(Invoices, invoiceId, new StripeForm().List("expand", "payments")), cancellationToken);
        return calls.Map(reply, StripeCalls.Content(reply, StripeJson.Default.WireInvoice), StripeStates.Invoice);
    }

    public async Task<TaxRate> GetTaxRateAsync(string taxRateId, CancellationToken cancellationToken)
    {
        var reply = await calls.SendAsync(StripeCalls.Get("/v1/tax_rates", taxRateId, new StripeForm()), cancellationToken);
        return StripeStates.TaxRate(StripeCalls.Content(reply, StripeJson.Default.WireTaxRate));
    }

    public async Task<string?> FindInvoiceOfAsync(string intentId, CancellationToken cancellationToken)
    {
        var form = new StripeForm().Nest("payment", payment => payment.Set("type", "payment_intent").Set("payment_intent", StripeCalls.Id(intentId))).Set("limit", 1);
        var reply = await calls.SendAsync(new StripeRequest(HttpMethod.Get, "GET " + InvoicePayments, InvoicePayments, form.ToString()), cancellationToken);
        return StripeCalls.Content(reply, StripeJson.Default.InvoicePaymentList).Data is [var first, ..] ? first.Invoice.Id : null;
    }

    public async Task VoidInvoiceAsync(string invoiceId, string idempotencyKey, CancellationToken cancellationToken) => await calls.ReadAsync(
        new StripeRequest(HttpMethod.Post, "POST " + Invoices + "/{id}/void", $"{Invoices}/{StripeCalls.Id(invoiceId)}/void", "", StripeCalls.Key(idempotencyKey)) { ConflictsWithoutCode = true },
        StripeJson.Default.WireInvoice,
        cancellationToken);

    public Task<SubscriptionState> ChangeAsync(string subscriptionId, SubscriptionChange change, string idempotencyKey, CancellationToken cancellationToken)
    {
        var form = new StripeForm()
            .List("items", [change], static (item, c) => item.Set("id", c.ItemId).Set("price", c.PriceId).Set("quantity", c.Quantity))
            .Set("proration_behavior", Behaviour(change.Proration))
            // A card that is declined changes nothing: nobody gets what was not paid for.
            .Set("payment_behavior", "error_if_incomplete");
        if (change is { At: { } at, Proration: not Proration.None })
        {
            form.Set("proration_date", at);
        }

        return WriteAsync(subscriptionId, form, idempotencyKey, cancellationToken);
    }

    public async Task<ChangePreview> PreviewAsync(string subscriptionId, SubscriptionChange change, CancellationToken cancellationToken)
    {
        var form = new StripeForm()
            .Set("subscription", StripeCalls.Id(subscriptionId))
            .Nest("subscription_details", details =>
            {
                details
                    .List("items", [change], static (item, c) => item.Set("id", c.ItemId).Set("price", c.PriceId).Set("quantity", c.Quantity))
                    .Set("proration_behavior", Behaviour(change.Proration));
                if (change is { At: { } at, Proration: not Proration.None })
                {
                    details.Set("proration_date", at);
                }
            });
        var reply = await calls.SendAsync(new StripeRequest(HttpMethod.Post, "POST " + Invoices + "/create_preview", Invoices + "/create_preview", form.ToString(), Guid.NewGuid().ToString()), cancellationToken);
        var preview = calls.Map(reply, StripeCalls.Content(reply, StripeJson.Default.WireInvoice), StripeStates.Preview);
        var at = change.At ?? preview.CreatedAt;

        // Which invoice this is, its lines tell, not the wish: another interval begins a new period and is charged at once
        // however it is prorated, and in a trial nothing is.
        DateTimeOffset? begins = preview.Lines.Where(l => l is { OfSubscription: true, IsProration: false }).Select(l => (DateTimeOffset?)l.PeriodStart).Min();
        return (begins is { } start ? start <= preview.CreatedAt : change.Proration == Proration.Now)
            ? new ChangePreview(preview.AmountDue, preview.Total, preview.Lines, at, null)
            : new ChangePreview(Money.Zero(preview.Total.Currency), preview.Total, preview.Lines, at, preview.DueAt);
    }

    public Task<SubscriptionState> ChargeToAsync(string subscriptionId, string paymentMethodId, string idempotencyKey, CancellationToken cancellationToken) =>
        WriteAsync(subscriptionId, new StripeForm().Set("default_payment_method", paymentMethodId), idempotencyKey, cancellationToken);

    public async Task<SubscriptionState> CancelAsync(string subscriptionId, string idempotencyKey, CancellationToken cancellationToken)
    {
        // A DELETE takes no idempotency key, and needs none: what has ended stays so.
        var request = new StripeRequest(HttpMethod.Delete, "DELETE " + OneSubscription, $"{Subscriptions}/{StripeCalls.Id(subscriptionId)}", "");
        try
        {
            return await StateAsync(request, cancellationToken);
        }
        catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.NotFound)
        {
            // Stripe answers so for one that has ended; asked for it, it shows that, or that there never was one.
            return await GetSubscriptionAsync(subscriptionId, cancellationToken);
        }
    }

    public Task<SubscriptionState> CancelAtPeriodEndAsync(string subscriptionId, bool cancel, string idempotencyKey, CancellationToken cancellationToken) =>
        WriteAsync(subscriptionId, new StripeForm().Set("cancel_at_period_end", cancel), idempotencyKey, cancellationToken);

    public Task<SubscriptionState> KeepAsync(string subscriptionId, string idempotencyKey, CancellationToken cancellationToken) =>
        WriteAsync(subscriptionId, new StripeForm().Unset("cancel_at"), idempotencyKey, cancellationToken);

    public Task<SubscriptionState> ResumeAsync(string subscriptionId, string idempotencyKey, CancellationToken cancellationToken) => StateAsync(
        new StripeRequest(
            HttpMethod.Post, $"POST {OneSubscription}/resume", $"{Subscriptions}/{StripeCalls.Id(subscriptionId)}/resume",
            new StripeForm().Set("billing_cycle_anchor", "now").List("expand", "default_payment_method").ToString(), StripeCalls.Key(idempotencyKey)),
        cancellationToken);

    public Task<SubscriptionState> PauseCollectionAsync(string subscriptionId, CollectionPause? pause, DateTimeOffset? resumesAt, string idempotencyKey, CancellationToken cancellationToken)
    {
        var form = new StripeForm();
        if (pause is { } behaviour)
        {
            form.Nest("pause_collection", p =>
            {
                p.Set("behavior", behaviour switch { CollectionPause.KeepAsDraft => "keep_as_draft", CollectionPause.MarkUncollectible => "mark_uncollectible", _ => "void" });
                if (resumesAt is { } at)
                {
                    p.Set("resumes_at", at);
                }
            });
        }
        else
        {
            form.Unset("pause_collection");
        }

        return WriteAsync(subscriptionId, form, idempotencyKey, cancellationToken);
    }

    private static string Behaviour(Proration proration) => proration switch
    {
        Proration.Now => "always_invoice",
        Proration.NextInvoice => "create_prorations",
        _ => "none",
    };

    private Task<SubscriptionState> WriteAsync(string subscriptionId, StripeForm form, string idempotencyKey, CancellationToken cancellationToken) => StateAsync(
        new StripeRequest(HttpMethod.Post, "POST " + OneSubscription, $"{Subscriptions}/{StripeCalls.Id(subscriptionId)}", form.List("expand", "default_payment_method").ToString(), StripeCalls.Key(idempotencyKey)),
        cancellationToken);

    private async Task<SubscriptionState> StateAsync(StripeRequest request, CancellationToken cancellationToken)
    {
        var reply = await calls.SendAsync(request, cancellationToken);
        return calls.Map(reply, StripeCalls.Content(reply, StripeJson.Default.WireSubscription), StripeStates.Subscription);
    }

    private async Task<StartedSubscription> StartedAsync(StripeRequest request, CancellationToken cancellationToken)
    {
        var reply = await calls.SendAsync(request, cancellationToken);
        var wire = StripeCalls.Content(reply, StripeJson.Default.WireSubscription);
        var state = calls.Map(reply, wire, StripeStates.Subscription);
        // Later on the latest invoice is a renewal's, which is not what began it.
        var invoice = wire.LatestInvoice?.Value is { BillingReason: null or "subscription_create" } first ? first : null;
        var intentId = invoice is null ? null : StripeStates.IntentOf(invoice);
        var intent = intentId is null ? null : await IntentAsync(intentId, cancellationToken);
        return new StartedSubscription(state, intent, intent?.ClientSecret ?? invoice?.ConfirmationSecret?.ClientSecret ?? wire.PendingSetupIntent?.Value?.ClientSecret);
    }

    private async Task<IntentState> IntentAsync(string intentId, CancellationToken cancellationToken)
    {
        var reply = await calls.SendAsync(StripeCalls.Get("/v1/payment_intents", intentId, new StripeForm().List("expand", "latest_charge")), cancellationToken);
        return calls.Map(reply, StripeCalls.Content(reply, StripeJson.Default.WireIntent), StripeStates.Intent);
    }
}
