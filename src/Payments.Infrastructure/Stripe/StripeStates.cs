using System.Text.Json;

using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Disputes;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Stripe;

/// <summary>Stripe's objects in our words.</summary>
/// <remarks>
/// A word that Stripe invented after this was written is, when <c>strict</c>, no known shape (<see cref="JsonException"/>,
/// the event is refetched), else read as the state that grants nothing and ends nothing.
/// </remarks>
internal static class StripeStates
{
    public static CustomerState Customer(WireCustomer customer) => new(
        customer.Id,
        Guid.TryParse(customer.Metadata?.UserId, out var user) ? new UserId(user) : null,
        Text(customer.Email),
        Text(customer.Name),
        customer.Deleted,
        customer.InvoiceSettings?.DefaultPaymentMethod?.Id);

    public static CardState Card(WirePaymentMethod method) => new(
        method.Id,
        method.Customer?.Id,
        method is { Type: "card", Card: { } card } ? Card(card) : null,
        Time(method.Created));

    public static SetupState Setup(WireSetup setup, bool strict) => new(
        setup.Id,
        setup.Status switch
        {
            "requires_payment_method" => SetupStatus.RequiresPaymentMethod,
            "requires_confirmation" => SetupStatus.RequiresConfirmation,
            "requires_action" => SetupStatus.RequiresAction,
            "processing" => SetupStatus.Processing,
            "succeeded" => SetupStatus.Succeeded,
            "canceled" => SetupStatus.Canceled,
            _ => Unknown(strict, "setup_intent.status", SetupStatus.Processing),
        },
        setup.ClientSecret,
        setup.Customer?.Id,
        setup.PaymentMethod?.Id);

    public static CheckoutState Checkout(WireSession session, bool strict) => new(
        session.Id,
        Payment(session.Metadata),
        session.Status switch
        {
            "open" => CheckoutStatus.Open,
            "complete" => CheckoutStatus.Complete,
            "expired" => CheckoutStatus.Expired,
            _ => Unknown(strict, "checkout.session.status", CheckoutStatus.Open),
        },
        session.PaymentStatus switch
        {
            "unpaid" => CheckoutPaymentStatus.Unpaid,
            "paid" => CheckoutPaymentStatus.Paid,
            "no_payment_required" => CheckoutPaymentStatus.NothingDue,
            _ => Unknown(strict, "checkout.session.payment_status", CheckoutPaymentStatus.Unpaid),
        },
        Money(session.AmountSubtotal, session.Currency),
        Money(session.AmountTotal, session.Currency),
        Money(session.TotalDetails?.AmountDiscount, session.Currency),
        Money(session.TotalDetails?.AmountTax, session.Currency),
        session.Customer?.Id,
        session.PaymentIntent?.Id,
        session.Url,
        Time(session.ExpiresAt),
        Time(session.Created),
        session.Livemode,
        session.PaymentIntent?.Value is { } intent ? Intent(intent, strict) : null)
    {
        SubscriptionId = session.Subscription?.Id,
    };

    public static IntentState Intent(WireIntent intent, bool strict) => new(
        intent.Id,
        Payment(intent.Metadata),
        intent.Status switch
        {
            "requires_payment_method" => IntentStatus.RequiresPaymentMethod,
            "requires_confirmation" => IntentStatus.RequiresConfirmation,
            "requires_action" => IntentStatus.RequiresAction,
            "processing" => IntentStatus.Processing,
            "requires_capture" => IntentStatus.RequiresCapture,
            "succeeded" => IntentStatus.Succeeded,
            "canceled" => IntentStatus.Canceled,
            _ => Unknown(strict, "payment_intent.status", IntentStatus.Processing),
        },
        Money(intent.Amount, intent.Currency),
        Money(intent.AmountReceived, intent.Currency),
        intent.ClientSecret,
        intent.Customer?.Id,
        intent.LatestCharge?.Id,
        intent.LatestCharge?.Value is { } charge ? Charge(charge, strict) : null,
        intent.LastPaymentError is { } error ? Failure(error) : null,
        Time(intent.Created),
        intent.Livemode);

    public static ChargeState Charge(WireCharge charge, bool strict)
    {
        var outcome = charge.Status switch
        {
            "pending" => ChargeOutcome.Pending,
            "succeeded" => ChargeOutcome.Succeeded,
            "failed" => ChargeOutcome.Failed,
            _ => Unknown(strict, "charge.status", ChargeOutcome.Pending),
        };
        return new ChargeState(
            charge.Id,
            Payment(charge.Metadata),
            charge.PaymentIntent?.Id,
            outcome,
            Money(charge.Amount, charge.Currency),
            charge.PaymentMethodDetails?.Type,
            charge.PaymentMethodDetails?.Card?.Brand,
            charge.PaymentMethodDetails?.Card?.Last4,
            // Under card_declined the issuer's reason is in the outcome; codes such as expired_card speak for themselves.
            outcome == ChargeOutcome.Failed ? StripeDeclines.Of(charge.FailureCode == "card_declined" ? charge.Outcome?.Reason : null, charge.FailureCode, charge.PaymentMethodDetails?.Type) : null,
            Time(charge.Created),
            charge.Livemode)
        {
            Refunded = Money(charge.AmountRefunded, charge.Currency),
        };
    }

    public static SubscriptionState Subscription(WireSubscription subscription, bool strict)
    {
        // We make subscriptions of one item; of one with more the first says what it is.
        var item = subscription.Items.Data is [var first, ..] ? first : throw new JsonException("A subscription has no item.");
        return new SubscriptionState(
            subscription.Id,
            Payment(subscription.Metadata),
            subscription.Customer.Id,
            Time(subscription.Created),
            subscription.Livemode,
            new SubscriptionReport(
                subscription.Status switch
                {
                    "incomplete" => SubscriptionStatus.Incomplete,
                    "incomplete_expired" => SubscriptionStatus.IncompleteExpired,
                    "trialing" => SubscriptionStatus.Trialing,
                    "active" => SubscriptionStatus.Active,
                    "past_due" => SubscriptionStatus.PastDue,
                    "canceled" => SubscriptionStatus.Canceled,
                    "unpaid" => SubscriptionStatus.Unpaid,
                    "paused" => SubscriptionStatus.Paused,
                    _ => Unknown(strict, "subscription.status", SubscriptionStatus.Unpaid),
                },
                item.Id,
                item.Price.Id,
                (int)Math.Clamp(item.Quantity, 0, int.MaxValue),
                Time(item.CurrentPeriodStart),
                Time(item.CurrentPeriodEnd),
                Time(subscription.TrialStart),
                Time(subscription.TrialEnd),
                subscription.CancelAtPeriodEnd,
                Time(subscription.CancelAt),
                Time(subscription.CanceledAt),
                Time(subscription.EndedAt),
                subscription.PauseCollection?.Behavior switch
                {
                    null => null,
                    "keep_as_draft" => CollectionPause.KeepAsDraft,
                    "mark_uncollectible" => CollectionPause.MarkUncollectible,
                    _ => CollectionPause.Void,
                },
                Time(subscription.PauseCollection?.ResumesAt),
                subscription.LatestInvoice?.Id,
                subscription.DefaultPaymentMethod?.Value?.Card?.Fingerprint,
                default) { PaymentMethodId = subscription.DefaultPaymentMethod?.Id, EndedUnpaid = subscription.CancellationDetails?.Reason == "payment_failed" });
    }

    public static InvoiceState Invoice(WireInvoice invoice, bool strict)
    {
        var details = invoice.Parent?.SubscriptionDetails;
        return new InvoiceState(
            invoice.Id is { Length: > 0 } id ? id : throw new JsonException("An invoice has no id."),
            details?.Subscription?.Id,
            Payment(details?.Metadata),
            invoice.Customer?.Id ?? throw new JsonException("An invoice has no customer."),
            Time(invoice.Created),
            invoice.Livemode,
            new InvoiceReport(
                invoice.Status switch
                {
                    "draft" or null => InvoiceStatus.Draft,
                    "open" => InvoiceStatus.Open,
                    "uncollectible" => InvoiceStatus.Uncollectible,
                    "void" => InvoiceStatus.Void,
                    "paid" => InvoiceStatus.Paid,
                    _ => Unknown(strict, "invoice.status", InvoiceStatus.Draft),
                },
                invoice.BillingReason switch
                {
                    "subscription_create" => BillingReason.SubscriptionCreate,
                    "subscription_cycle" => BillingReason.SubscriptionCycle,
                    "subscription_update" => BillingReason.SubscriptionUpdate,
                    _ => BillingReason.Other,
                },
                invoice.Number,
                Money(invoice.Subtotal, invoice.Currency),
                Money(invoice.TotalDiscountAmounts?.Sum(d => d.Amount) ?? 0, invoice.Currency),
                Money(invoice.TotalTaxes?.Sum(t => t.Amount) ?? 0, invoice.Currency),
                Money(invoice.Total, invoice.Currency),
                Money(invoice.AmountDue, invoice.Currency),
                Money(invoice.AmountPaid, invoice.Currency),
                (int)Math.Clamp(invoice.AttemptCount, 0, int.MaxValue),
                Time(invoice.NextPaymentAttempt),
                Lines(invoice),
                [.. (invoice.TotalTaxes ?? []).Select(tax => Tax(tax, invoice.Currency))],
                Text(invoice.HostedInvoiceUrl),
                Text(invoice.InvoicePdf),
                IntentOf(invoice),
                Time(invoice.StatusTransitions?.PaidAt))
            {
                TaxIds = [.. (invoice.CustomerTaxIds ?? []).Select(id => new InvoiceTaxId(id.Type, Text(id.Value)))],
            });
    }

    /// <summary>An invoice that would be made.</summary>
    public static (Money AmountDue, Money Total, IReadOnlyList<InvoiceLine> Lines, DateTimeOffset CreatedAt, DateTimeOffset? DueAt) Preview(WireInvoice invoice, bool strict) => (
        Money(invoice.AmountDue, invoice.Currency), Money(invoice.Total, invoice.Currency), Lines(invoice), Time(invoice.Created), Time(invoice.NextPaymentAttempt ?? invoice.PeriodEnd));

    /// <summary>The intent that pays an invoice, where its payments were asked for.</summary>
    public static string? IntentOf(WireInvoice invoice) =>
        (invoice.Payments?.Data ?? []).OrderBy(p => p.Status == "paid" ? 0 : p.IsDefault ? 1 : 2).Select(p => p.Payment.PaymentIntent?.Id).FirstOrDefault(id => id is not null);

    private static List<InvoiceLine> Lines(WireInvoice invoice) => [.. invoice.Lines.Data.Select(line =>
    {
        var ofItem = line.Parent?.SubscriptionItemDetails;
        // In the classic way of billing a proration is an item put on the subscription's invoice.
        var beside = line.Parent?.InvoiceItemDetails;
        return new InvoiceLine(
            line.Description ?? "",
            Money(line.Amount, line.Currency),
            (int)Math.Clamp(line.Quantity ?? 1, 0, int.MaxValue),
            line.Pricing?.PriceDetails?.Price?.Id,
            ofItem is not null || beside is { Proration: true },
            ofItem?.Proration ?? beside?.Proration ?? false,
            Time(line.Period.Start),
            Time(line.Period.End));
    })];

    private static InvoiceTax Tax(WireTax tax, string currency) => new(tax.TaxRateDetails?.TaxRate, Money(tax.Amount, currency), Money(tax.TaxableAmount, currency));

    public static TaxRate TaxRate(WireTaxRate rate) => new(rate.Id, Text(rate.TaxType), rate.DisplayName, rate.Percentage);

    public static PriceState Price(WirePrice price) => new(
        price.Id,
        price.Product?.Id,
        Guid.TryParse(price.LookupKey, out var key) ? key : null,
        Guid.TryParse(price.Metadata?.PlanId, out var plan) ? new PlanId(plan) : null,
        PlainTerms(price),
        price.Active && (price.Product?.Value is not { } product || product is { Active: true, Deleted: false }),
        price.Livemode);
    public static RefundState Refund(WireRefund refund, bool strict) => new(
        refund.Id,
        Guid.TryParse(refund.Metadata?.RefundId, out var id) ? new RefundId(id) : null,
        Payment(refund.Metadata),
        refund.PaymentIntent?.Id,
        refund.Charge?.Id,
        refund.Status switch
        {
            // What waits for the buyer's bank details waits.
            "pending" or "requires_action" => RefundStatus.Pending,
            "succeeded" => RefundStatus.Succeeded,
            "failed" => RefundStatus.Failed,
            "canceled" => RefundStatus.Canceled,
            _ => Unknown(strict, "refund.status", RefundStatus.Pending),
        },
        Money(refund.Amount, refund.Currency),
        refund.Reason switch
        {
            "duplicate" => RefundReason.Duplicate,
            "fraudulent" => RefundReason.Fraudulent,
            "requested_by_customer" => RefundReason.RequestedByCustomer,
            _ => RefundReason.Other,
        },
        refund.FailureReason,
        Time(refund.Created));

    public static DisputeState Dispute(WireDispute dispute, bool strict) => new(
        dispute.Id,
        dispute.PaymentIntent?.Id,
        dispute.Charge?.Id,
        dispute.Status switch
        {
            "warning_needs_response" => DisputeStatus.WarningNeedsResponse,
            "warning_under_review" => DisputeStatus.WarningUnderReview,
            "warning_closed" => DisputeStatus.WarningClosed,
            "needs_response" => DisputeStatus.NeedsResponse,
            "under_review" => DisputeStatus.UnderReview,
            "prevented" => DisputeStatus.Prevented,
            "lost" => DisputeStatus.Lost,
            "won" => DisputeStatus.Won,
            _ => Unknown(strict, "dispute.status", DisputeStatus.WarningNeedsResponse),
        },
        Money(dispute.Amount, dispute.Currency),
        dispute.BalanceTransactions?.Where(m => m.Fee > 0).MaxBy(m => m.Fee) is { } cost ? Money(cost.Fee, cost.Currency) : null,
        dispute.Reason,
        dispute.EvidenceDetails?.DueBy is { } due and > 0 ? Time(due) : null,
        Time(dispute.Created));

    public static FailedAttempt Failure(WireError error) => new(
        StripeDeclines.Of(error.DeclineCode, error.Code ?? error.Type, error.PaymentMethod?.Type ?? error.PaymentMethodType),
        error.Charge,
        error.PaymentMethod?.Id,
        error.PaymentMethod?.Type ?? error.PaymentMethodType,
        error.PaymentMethod?.Card?.Brand,
        error.PaymentMethod?.Card?.Last4);

    /// <summary>
    /// Ours only by the metadata that we gave it. <c>client_reference_id</c> is not asked: on a payment link it is
    /// whatever the buyer put into the address.
    /// </summary>
    public static PaymentId? Payment(WireMetadata? metadata) => Guid.TryParse(metadata?.PaymentId, out var id) ? new PaymentId(id) : null;

    private static PriceTerms? PlainTerms(WirePrice price)
    {
        BillingInterval? interval = price.Recurring?.Interval switch
        {
            "day" => BillingInterval.Day,
            "week" => BillingInterval.Week,
            "month" => BillingInterval.Month,
            "year" => BillingInterval.Year,
            _ => null,
        };
        return price is { BillingScheme: null or "per_unit", Recurring.UsageType: null or "licensed", TransformQuantity: null or { ValueKind: JsonValueKind.Null }, UnitAmount: { } amount } && interval is { } known
            ? new PriceTerms(Money(amount, price.Currency), known, price.Recurring!.IntervalCount)
            : null;
    }

    private static CardDetails Card(WireSavedCard card) => card is { ExpMonth: >= 1 and <= 12, ExpYear: >= 1970 and <= 9998, Last4.Length: <= 4, Brand.Length: <= 50 }
        ? new CardDetails(card.Brand, card.Last4, card.ExpMonth, card.ExpYear, Text(card.Fingerprint))
        : throw new JsonException("A card's brand, last four or expiry is none.");

    private static Money? Money(long? minor, string? currency) => minor is { } amount && currency is not null ? Money(amount, currency) : null;

    private static Money Money(long minor, string currency) => Currency.TryParse(currency, out var parsed)
        ? new Money(minor, parsed)
        : throw new JsonException("A currency is not a three-letter code.");

    private static DateTimeOffset Time(long seconds) => seconds is >= 0 and <= StripeEventReader.LastSecond
        ? DateTimeOffset.FromUnixTimeSeconds(seconds)
        : throw new JsonException("A time is out of range.");

    private static DateTimeOffset? Time(long? seconds) => seconds is { } known ? Time(known) : null;

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static T Unknown<T>(bool strict, string field, T careful) => strict ? throw new JsonException($"{field} is none that is known.") : careful;
}
