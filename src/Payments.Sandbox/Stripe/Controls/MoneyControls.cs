using System.Globalization;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.Pages;
using Payments.Sandbox.Stripe.Resources;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Controls;

/// <summary>
/// What a person does in Stripe's Dashboard, and what a bank does: refunds that carry no metadata of the seller's
/// integration, disputes and how they end.
/// </summary>
internal sealed class MoneyControls(Engine engine)
{
    private const int DefaultLimit = 25;
    private const int MaxLimit = 100;

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/sandbox/payments", context => SandboxControls.GuardedAtOnce(context, () => Payments(Limit(context))));
        app.MapGet("/sandbox/disputes", context => SandboxControls.GuardedAtOnce(context, () => DisputesOf(Limit(context))));
        app.MapPost("/sandbox/refunds", context => SandboxControls.Guarded(context, async () => Refund(await SandboxControls.BodyAsync(context))));
        app.MapPost("/sandbox/disputes", context => SandboxControls.Guarded(context, async () => Dispute(await SandboxControls.BodyAsync(context))));
        app.MapPost("/sandbox/disputes/{id}/{verdict}", context => SandboxControls.GuardedAtOnce(
            context, () => Rule(SandboxControls.Id(context, "id"), SandboxControls.Id(context, "verdict"))));
    }

    private JsonObject Refund(JsonObject body)
    {
        SandboxControls.Known(body, "charge", "payment_intent", "amount");
        return Run(work =>
        {
            var parameters = new JsonObject { [body.ContainsKey("charge") ? "charge" : "payment_intent"] = ChargeOrIntent(body) };
            if (body.ContainsKey("amount"))
            {
                parameters["amount"] = body.Integer("amount") ?? throw new ControlException("amount must be a whole number of the currency's minor unit.");
            }

            return Refunds.Create(work, parameters);
        });
    }

    private JsonObject Dispute(JsonObject body)
    {
        SandboxControls.Known(body, "charge", "payment_intent", "inquiry");
        return Run(work =>
        {
            var id = ChargeOrIntent(body);
            var charge = body.ContainsKey("charge")
                ? work.FromParameter(id, "charge", "charge", "charge")
                : work.Find(work.FromParameter(id, "payment_intent", "payment_intent", "payment_intent").Text("latest_charge") ?? "", "charge");
            if (charge.Text("status") is not "succeeded")
            {
                throw new ControlException($"{id} has no payment that succeeded, so nobody can dispute it.");
            }

            var left = Refunds.Left(charge!);
            return left > 0 && charge.Flag("disputed") != true
                ? Disputes.Open(work, charge!, left, new Aftermath("fraudulent") { IsInquiry = body.Flag("inquiry") == true })
                : throw new ControlException($"{charge.Text("id")} is refunded or disputed already.");
        });
    }

    private JsonObject Rule(string id, string verdict) => Run(work => verdict switch
    {
        "win" => Disputes.Rule(work, id, won: true),
        "lose" => Disputes.Rule(work, id, won: false),
        "escalate" => Disputes.Escalate(work, id),
        _ => throw new ControlException($"A dispute can win, lose or escalate, not {verdict}.", StatusCodes.Status404NotFound),
    });

    private JsonObject Run(Func<Work, JsonObject> act) =>
        engine.Run(engine.OriginOf(requestId: null, idempotencyKey: null), work => DeclineBodies.Shown(act(work)));

    private JsonObject Payments(int limit) => Newest("charge", limit, charge =>
    {
        var currency = charge.Text("currency")!;
        var left = charge.Text("status") is "succeeded" ? Refunds.Left(charge) : 0;
        return new JsonObject
        {
            ["charge"] = charge.Text("id"),
            ["paymentIntent"] = charge.Text("payment_intent"),
            ["created"] = Time(charge),
            ["status"] = charge.Text("status"),
            ["amount"] = charge.Copy("amount"),
            ["refunded"] = charge.Copy("amount_refunded"),
            ["refundable"] = left,
            ["currency"] = currency,
            ["exponent"] = Currencies.Exponent(currency),
            ["shownAmount"] = Shown(charge.Integer("amount")!.Value, currency),
            ["shownRefunded"] = Shown(charge.Integer("amount_refunded")!.Value, currency),
            ["disputed"] = charge.Copy("disputed"),
            ["description"] = charge.Text("description"),
            ["email"] = charge.Hash("billing_details").Text("email"),
            ["method"] = Method(charge.Hash("payment_method_details")),
            ["failure"] = charge.Text("failure_message"),
        };
    });

    private JsonObject DisputesOf(int limit) => Newest("dispute", limit, dispute => new JsonObject
    {
        ["id"] = dispute.Text("id"),
        ["charge"] = dispute.Text("charge"),
        ["created"] = Time(dispute),
        ["status"] = dispute.Text("status"),
        ["reason"] = dispute.Text("reason"),
        ["amount"] = dispute.Copy("amount"),
        ["currency"] = dispute.Text("currency"),
        ["shownAmount"] = Shown(dispute.Integer("amount")!.Value, dispute.Text("currency")!),
        ["dueBy"] = dispute.Hash("evidence_details").Integer("due_by") is { } due ? SandboxControls.Iso(DateTimeOffset.FromUnixTimeSeconds(due)) : null,
        ["submissions"] = dispute.Hash("evidence_details").Copy("submission_count"),
    });

    private JsonObject Newest(string type, int limit, Func<JsonObject, JsonNode> show)
    {
        // Bytes are taken under the lock and read outside of it.
        var items = engine.Read(store => store.NewestFirst(type).Take(limit + 1).ToList());
        return new JsonObject
        {
            ["items"] = new JsonArray([.. items.Take(limit).Select(o => show(Json.Parse(o.Json)))]),
            ["hasMore"] = items.Count > limit,
        };
    }

    private static string ChargeOrIntent(JsonObject body) => (body.Text("charge"), body.Text("payment_intent")) switch
    {
        ({ } charge, null) => charge,
        (null, { } intent) => intent,
        _ => throw new ControlException("Send exactly one of charge and payment_intent."),
    };

    private static int Limit(HttpContext context)
    {
        var text = context.Request.Query["limit"].ToString();
        return text.Length == 0 ? DefaultLimit
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit ? limit
            : throw new ControlException($"limit must be from 1 to {MaxLimit}.");
    }

    private static string? Method(JsonObject? details) =>
        details.Text("type") is { } type ? $"{details.Hash(type).Text("brand") ?? type.Replace('_', ' ')} ••{details.Hash(type).Text("last4")}" : null;

    private static string Shown(long amount, string currency) => PageMoney.Format(amount, currency, Currencies.Exponent(currency));

    private static string Time(JsonObject item) => SandboxControls.Iso(DateTimeOffset.FromUnixTimeSeconds(item.Integer("created")!.Value));
}
