using System.Globalization;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.Pages;
using Payments.Sandbox.Stripe.Resources;
using Payments.Sandbox.Stripe.Schema;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe;

/// <summary>
/// The portal page's way into the engine: what is pressed there goes through the API's own calls, parameters checked as
/// theirs are, so that it ends and is told of just as if the seller had called.
/// </summary>
internal sealed class PortalPageBackend(Engine engine, RouteTable routes, StripeSimulatorOptions options)
{
    private const int ShownInvoices = 24;

    public PortalView? Find(string sessionId) =>
        engine.Run(Nobody, work => PortalSessions.Open(work, sessionId) is { } session ? View(work, session) : null);

    /// <summary>Null when it is done; otherwise what stood in its way.</summary>
    public PortalRefusal? Cancel(string sessionId, string subscription, bool atOnce, string? feedback) => Do(sessionId, (work, customer) =>
    {
        Owned(work, "subscription", subscription, customer);
        Pair[] details = feedback is null ? [] : [new("cancellation_details[feedback]", feedback)];
        Call(work, atOnce ? "DELETE" : "POST", $"/v1/subscriptions/{subscription}", atOnce ? details : [new("cancel_at_period_end", "true"), .. details]);
    });

    public PortalRefusal? Resume(string sessionId, string subscription) => Do(sessionId, (work, customer) =>
    {
        Owned(work, "subscription", subscription, customer);
        Call(work, "POST", $"/v1/subscriptions/{subscription}", [new("cancel_at_period_end", "false")]);
    });

    public PortalRefusal? Switch(string sessionId, string subscription, string price) => Change(sessionId, subscription, new("items[0][price]", price));

    public PortalRefusal? SetQuantity(string sessionId, string subscription, int quantity) => Change(sessionId, subscription, new("items[0][quantity]", quantity.ToString(CultureInfo.InvariantCulture)));

    private PortalRefusal? Change(string sessionId, string subscription, Pair change) => Do(sessionId, (work, customer) =>
    {
        var item = FirstItem(Owned(work, "subscription", subscription, customer));
        Call(
            work,
            "POST",
            $"/v1/subscriptions/{subscription}",
            [
                new("items[0][id]", item.Text("id")!), change,
                // A card that refuses the difference leaves everything as it was.
                new("proration_behavior", "always_invoice"), new("payment_behavior", "error_if_incomplete"),
            ]);
    });

    public PortalRefusal? UseCard(string sessionId, string card) => Do(sessionId, (work, customer) =>
    {
        Owned(work, "payment_method", card, customer);
        PortalSessions.MakeDefault(work, customer, card);
    });

    public PortalRefusal? RemoveCard(string sessionId, string card) => Do(sessionId, (work, customer) =>
    {
        Owned(work, "payment_method", card, customer);
        if (IsPaying(work, customer, card))
        {
            throw StripeException.Conflict("This card pays for a subscription. Choose another card as the default first.");
        }

        Call(work, "POST", $"/v1/payment_methods/{card}/detach", []);
    });

    /// <summary>Saves a card and makes it the default; a challenge's address when the card's bank wants to see its owner first.</summary>
    public (PortalRefusal? Refusal, string? Challenge) AddCard(string sessionId, PortalCard card)
    {
        string? challenge = null;
        var refusal = Do(sessionId, (work, customer) =>
        {
            var method = Call(
                work,
                "POST",
                "/v1/payment_methods",
                [
                    new("type", "card"), new("card[number]", card.Number), new("card[exp_month]", card.Month), new("card[exp_year]", card.Year),
                    new("card[cvc]", card.Cvc), new("billing_details[name]", card.Name),
                ]);
            var intent = Call(
                work,
                "POST",
                "/v1/setup_intents",
                [new("customer", customer), new("payment_method_types[]", "card"), new("payment_method", method.Text("id")!), new("usage", "off_session")]);
            PortalSessions.Await(work, intent, work.Find(sessionId)!);
            Call(work, "POST", $"/v1/setup_intents/{intent.Text("id")}/confirm", [new("return_url", new Uri(work.Address, $"/p/session/{sessionId}").AbsoluteUri)]);
            challenge = intent.Hash("next_action").Hash("redirect_to_url").Text("url");
        });
        return (refusal, challenge);
    }

    private PortalRefusal? Do(string sessionId, Action<Work, string> act)
    {
        try
        {
            return engine.Run<PortalRefusal?>(Nobody, work =>
            {
                if (PortalSessions.Open(work, sessionId) is not { } session)
                {
                    return new PortalRefusal("This portal session has expired. Go back and open it again.", Field: null);
                }

                act(work, session.Text("customer")!);
                return null;
            });
        }
        catch (StripeException refusal)
        {
            return new PortalRefusal(refusal.Message, FieldOf(refusal.Param));
        }
    }

    private JsonObject Call(Work work, string method, string path, IEnumerable<Pair> parameters)
    {
        if (!routes.TryMatch(method, path, out var route, out var id))
        {
            throw new InvalidOperationException($"The portal calls {method} {path}, which nothing answers.");
        }

        var form = Form.Parse(parameters.Select(p => new KeyValuePair<string, string>(p.Name, p.Value)));
        return route.Handler(new Call(work, id, ParameterSchema.Instance.Read(route.Operation, form), path) { IsVersioned = true }).AsObject();
    }

    private WorkOrigin Nobody => engine.OriginOf(requestId: null, idempotencyKey: null);

    private static JsonObject Owned(Work work, string type, string id, string customer) =>
        work.Find(id, type) is { } found && string.Equals(found.Text("customer"), customer, StringComparison.Ordinal)
            ? found
            : throw StripeException.NotFound(type.Replace('_', ' '), id);

    private static bool IsPaying(Work work, string customer, string card)
    {
        var fallback = work.Find(customer).Hash("invoice_settings").Text("default_payment_method");
        return PortalSessions.LiveSubscriptions(work, customer).Any(s => string.Equals(s.Text("default_payment_method") ?? fallback, card, StringComparison.Ordinal));
    }

    private static string? FieldOf(string? param) => param switch
    {
        "number" or "cvc" => param,
        "exp_month" or "exp_year" => "expiry",
        _ => null,
    };

    private PortalView View(Work work, JsonObject session)
    {
        var id = session.Text("customer")!;
        var customer = work.Find(id, "customer")!;
        var defaultCard = customer.Hash("invoice_settings").Text("default_payment_method");
        return new PortalView
        {
            SessionId = session.Text("id")!,
            MerchantName = options.MerchantName,
            Email = customer.Text("email"),
            ReturnUrl = session.Hash("flow").Hash("after_completion").Hash("redirect").Text("return_url") ?? session.Text("return_url"),
            Flow = session.Hash("flow").Text("type"),
            FlowSubscription = session.Hash("flow").Hash(session.Hash("flow").Text("type") ?? "").Text("subscription"),
            Subscriptions = [.. PortalSessions.LiveSubscriptions(work, id).Select(s => Subscription(work, s, defaultCard))],
            Cards = [.. PortalSessions.OfCustomer(work, "payment_method", id).Where(m => m.Text("type") is "card").Select(m => Card(work, m, id, defaultCard))],
            Invoices = [.. PortalSessions.OfCustomer(work, "invoice", id).Where(i => i.Text("status") is not (null or "draft")).Take(ShownInvoices).Select(Invoice)],
        };
    }

    private static PortalSubscription Subscription(Work work, JsonObject subscription, string? defaultCard)
    {
        var item = FirstItem(subscription);
        var price = item.Hash("price")!;
        var end = subscription.Integer("cancel_at") ?? item.Integer("current_period_end");
        var card = subscription.Text("default_payment_method") ?? defaultCard;
        return new PortalSubscription
        {
            Id = subscription.Text("id")!,
            Name = NameOf(work, price),
            Price = PriceOf(price),
            Quantity = item.Integer("quantity") ?? 1,
            Status = subscription.Text("status")!,
            Ends = subscription.Integer("cancel_at") is not null,
            On = end is null ? null : Day(end.Value),
            Card = card is null ? null : work.Find(card, "payment_method").Hash("card").Text("last4"),
            Others = [.. OtherPrices(work, price)],
        };
    }

    private static IEnumerable<(string Id, string Label)> OtherPrices(Work work, JsonObject price) => work.NewestFirst("price")
        .Where(p => !p.Deleted && p.Filter("active") is "true" && p.Filter("type") is "recurring"
            && string.Equals(p.Filter("currency"), price.Text("currency"), StringComparison.Ordinal)
            && !string.Equals(p.Id, price.Text("id"), StringComparison.Ordinal))
        .Select(p => work.Find(p.Id)!)
        .Where(p => p.Integer("unit_amount") is not null)
        .OrderBy(p => string.Equals(p.Text("product"), price.Text("product"), StringComparison.Ordinal) ? 0 : 1)
        .ThenBy(p => p.Integer("unit_amount"))
        .Select(p => (p.Text("id")!, $"{NameOf(work, p)} · {PriceOf(p)}"));

    private static PortalSavedCard Card(Work work, JsonObject method, string customer, string? defaultCard)
    {
        var card = method.Hash("card")!;
        var id = method.Text("id")!;
        var (month, year) = ((int)card.Integer("exp_month")!.Value, (int)card.Integer("exp_year")!.Value);
        return new PortalSavedCard
        {
            Id = id,
            Brand = card.Text("brand")!,
            Last4 = card.Text("last4")!,
            Expires = $"{month.ToString("00", CultureInfo.InvariantCulture)} / {year.ToString(CultureInfo.InvariantCulture)}",
            HasExpired = (year, month).CompareTo((work.Time.Year, work.Time.Month)) < 0,
            IsDefault = string.Equals(id, defaultCard, StringComparison.Ordinal),
            IsPaying = IsPaying(work, customer, id),
        };
    }

    private static PortalInvoice Invoice(JsonObject invoice) => new()
    {
        Number = invoice.Text("number") ?? invoice.Text("id")!,
        Date = Day(invoice.Integer("created")!.Value),
        Total = Shown(invoice.Integer("total") ?? 0, invoice.Text("currency")!),
        Status = invoice.Text("status")!,
        Url = invoice.Text("hosted_invoice_url"),
        Pdf = invoice.Text("invoice_pdf"),
    };

    private static JsonObject FirstItem(JsonObject subscription) => subscription.Hash("items").Items("data")![0]!.AsObject();

    private static string NameOf(Work work, JsonObject price) => work.Find(price.Text("product")!, "product").Text("name") ?? price.Text("nickname") ?? price.Text("id")!;

    private static string PriceOf(JsonObject price)
    {
        var recurring = price.Hash("recurring");
        var (interval, count) = (recurring.Text("interval"), recurring.Integer("interval_count") ?? 1);
        var amount = Shown(price.Integer("unit_amount") ?? 0, price.Text("currency")!);
        return count == 1 ? $"{amount} per {interval}" : $"{amount} every {count.ToString(CultureInfo.InvariantCulture)} {interval}s";
    }

    private static string Shown(long amount, string currency) => PageMoney.Format(amount, currency, Currencies.Exponent(currency));

    private static string Day(long unixSeconds) => DateTimeOffset.FromUnixTimeSeconds(unixSeconds).UtcDateTime.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    private readonly record struct Pair(string Name, string Value);
}

/// <param name="Message">As the person reads it.</param>
/// <param name="Field">The card form's field that is at fault; null when it is none of them.</param>
internal sealed record PortalRefusal(string Message, string? Field);

internal sealed record PortalCard(string Number, string Month, string Year, string Cvc, string Name);

internal sealed record PortalView
{
    public required string SessionId { get; init; }
    public required string MerchantName { get; init; }
    public required string? Email { get; init; }
    public required string? ReturnUrl { get; init; }
    public required string? Flow { get; init; }
    public required string? FlowSubscription { get; init; }
    public required IReadOnlyList<PortalSubscription> Subscriptions { get; init; }
    public required IReadOnlyList<PortalSavedCard> Cards { get; init; }
    public required IReadOnlyList<PortalInvoice> Invoices { get; init; }
}

internal sealed record PortalSubscription
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string Price { get; init; }
    public required long Quantity { get; init; }
    public required string Status { get; init; }
    /// <summary>It is cancelled already and runs out; otherwise it renews.</summary>
    public required bool Ends { get; init; }
    /// <summary>The day on which it ends or renews.</summary>
    public required string? On { get; init; }
    public required string? Card { get; init; }
    public required IReadOnlyList<(string Id, string Label)> Others { get; init; }
}

internal sealed record PortalSavedCard
{
    public required string Id { get; init; }
    public required string Brand { get; init; }
    public required string Last4 { get; init; }
    public required string Expires { get; init; }
    public required bool HasExpired { get; init; }
    public required bool IsDefault { get; init; }
    public required bool IsPaying { get; init; }
}

internal sealed record PortalInvoice
{
    public required string Number { get; init; }
    public required string Date { get; init; }
    public required string Total { get; init; }
    public required string Status { get; init; }
    public required string? Url { get; init; }
    public required string? Pdf { get; init; }
}
