using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Webhooks;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Stripe;

/// <summary>Which of Stripe's events say something to us, and what.</summary>
internal sealed class StripeEventTranslator : IWebhookTranslator
{
    public WebhookFact Translate(ReadOnlyMemory<byte> payload)
    {
        var header = StripeEventReader.Read(payload.Span);
        var json = payload.Span[header.Object];
        return header.Type switch
        {
            "checkout.session.completed" or "checkout.session.expired" or "checkout.session.async_payment_succeeded" =>
                Read(header, json, RefetchKind.Checkout, StripeJson.Default.WireSession, static session => new CheckoutChanged(StripeStates.Checkout(session, strict: true))),
            "checkout.session.async_payment_failed" =>
                Read(header, json, RefetchKind.Checkout, StripeJson.Default.WireSession, static session => new CheckoutChanged(StripeStates.Checkout(session, strict: true), AsyncFailed: true)),
            var type when type.StartsWith("payment_intent.", StringComparison.Ordinal) =>
                Read(header, json, RefetchKind.Intent, StripeJson.Default.WireIntent, static intent => new IntentChanged(StripeStates.Intent(intent, strict: true))),
            // Under charge. there are refunds and disputes too.
            var type when type.StartsWith("charge.", StringComparison.Ordinal) && header.ObjectType == "charge" =>
                Read(header, json, RefetchKind.Charge, StripeJson.Default.WireCharge, static charge => new ChargeChanged(StripeStates.Charge(charge, strict: true))),
            var type when type.StartsWith("customer.subscription.", StringComparison.Ordinal) && header.ObjectType == "subscription" =>
                Read(header, json, RefetchKind.Subscription, StripeJson.Default.WireSubscription, subscription => new SubscriptionChanged(At(header, StripeStates.Subscription(subscription, strict: true)))),
            // A preview of what will come has no id, and is no invoice yet.
            var type when type.StartsWith("invoice.", StringComparison.Ordinal) && header is { ObjectType: "invoice", ObjectId: not null } =>
                Read(header, json, RefetchKind.Invoice, StripeJson.Default.WireInvoice, static invoice => new InvoiceChanged(StripeStates.Invoice(invoice, strict: true))),
            var type when type.StartsWith("invoice_payment.", StringComparison.Ordinal) =>
                InvoicePayment(json),
            var type when header.ObjectType == "refund" && (type.StartsWith("refund.", StringComparison.Ordinal) || type.StartsWith("charge.refund.", StringComparison.Ordinal)) =>
                Read(header, json, RefetchKind.Refund, StripeJson.Default.WireRefund, static refund => new RefundChanged(StripeStates.Refund(refund, strict: true))),
            var type when header.ObjectType == "dispute" && type.StartsWith("charge.dispute.", StringComparison.Ordinal) =>
                Read(header, json, RefetchKind.Dispute, StripeJson.Default.WireDispute, static dispute => new DisputeChanged(StripeStates.Dispute(dispute, strict: true))),
            "payment_method.attached" or "payment_method.updated" or "payment_method.automatically_updated" =>
                new CardChanged(StripeStates.Card(JsonSerializer.Deserialize(json, StripeJson.Default.WirePaymentMethod)!)),
            "payment_method.detached" => Detached(json, payload.Span),
            "setup_intent.succeeded" => new SetupSucceeded(StripeStates.Setup(JsonSerializer.Deserialize(json, StripeJson.Default.WireSetup)!, strict: true)),
            "customer.created" or "customer.updated" or "customer.deleted" => Customer(header, json),
            var type => new Unhandled(type),
        };
    }

    private static WebhookFact Read<T>(StripeEvent header, ReadOnlySpan<byte> json, RefetchKind kind, JsonTypeInfo<T> type, Func<T, WebhookFact> map)
        where T : class
    {
        var id = header.ObjectId ?? throw new JsonException($"An event {header.Type} has no object.");
        if (!IsKnownTrain(header.ApiVersion))
        {
            return new NeedsRefetch(kind, id, Payment(json), kind is RefetchKind.Invoice or RefetchKind.Charge ? header.RelatedId : null);
        }

        try
        {
            return map(JsonSerializer.Deserialize(json, type)!);
        }
        catch (JsonException)
        {
            return new NeedsRefetch(kind, id, Payment(json), kind is RefetchKind.Invoice or RefetchKind.Charge ? header.RelatedId : null);
        }
    }

    private static SubscriptionState At(StripeEvent header, SubscriptionState state) => state with { Report = state.Report with { At = header.Created } };

    /// <summary>As old as basil, and the same since.</summary>
    private static InvoicePaymentChanged InvoicePayment(ReadOnlySpan<byte> json)
    {
        var payment = JsonSerializer.Deserialize(json, StripeJson.Default.WireInvoicePayment)!;
        return new InvoicePaymentChanged(payment.Invoice.Id, payment.Payment.PaymentIntent?.Id);
    }

    /// <summary>What is read of a customer has been the same in all versions.</summary>
    private static CustomerChanged Customer(StripeEvent header, ReadOnlySpan<byte> json)
    {
        _ = header.ObjectId ?? throw new JsonException($"An event {header.Type} has no object.");
        var state = StripeStates.Customer(JsonSerializer.Deserialize(json, StripeJson.Default.WireCustomer)!);

        // The deleted customer comes in full, as it was, without the mark that a look-up gives it.
        return new CustomerChanged(header.Type == "customer.deleted" ? state with { Deleted = true } : state);
    }

    /// <summary>A detached method names nobody any more; whose it was stands beside it.</summary>
    private static CardDetached Detached(ReadOnlySpan<byte> json, ReadOnlySpan<byte> payload)
    {
        var state = StripeStates.Card(JsonSerializer.Deserialize(json, StripeJson.Default.WirePaymentMethod)!);
        return new CardDetached(state with { CustomerId = JsonSerializer.Deserialize(payload, StripeJson.Default.WirePrevious)!.Data?.PreviousAttributes?.Customer?.Id });
    }

    /// <summary>Within a train versions only add; basil, clover and dahlia agree on all that is read here.</summary>
    private static bool IsKnownTrain(string? apiVersion) => apiVersion is not null
        && apiVersion[(apiVersion.LastIndexOf('.') + 1)..] is "basil" or "clover" or "dahlia";

    /// <summary>Our id, if even a foreign shape shows it.</summary>
    private static PaymentId? Payment(ReadOnlySpan<byte> json)
    {
        try
        {
            return StripeStates.Payment(JsonSerializer.Deserialize(json, StripeJson.Default.WireStub)?.Metadata);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
