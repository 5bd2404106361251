using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Payments.Sandbox.Stripe.Deliveries;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.Resources;
using Payments.Sandbox.Stripe.State;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Stripe.Controls;

/// <summary>The calls under /sandbox/ that Stripe does not have: time, faults, deliveries, and what is true.</summary>
internal sealed class SandboxControls(
    Engine engine, ClockControl clock, FaultPanel faults, WebhookDeliveries deliveries)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;
    private const int MaxBody = 64 << 10;

    public void Map(WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/sandbox", StringComparison.OrdinalIgnoreCase), controls => controls.Use(RefuseForeignPages));
        app.MapGet("/health", () => Answer(new JsonObject { ["status"] = "ok" }));
        app.MapGet("/sandbox/clock", () => Answer(ShowClock()));
        app.MapPost("/sandbox/clock", context => Guarded(context, async () =>
        {
            var body = await BodyAsync(context);
            Known(body, "advance", "to");
            await clock.MoveAsync(body.Text("advance"), body.Text("to"));
            return ShowClock();
        }));
        app.MapGet("/sandbox/faults", () => Answer(faults.Show()));
        app.MapPost("/sandbox/faults", context => Guarded(context, async () =>
        {
            faults.Set(await BodyAsync(context));
            return faults.Show();
        }));
        app.MapDelete("/sandbox/faults", () =>
        {
            faults.Clear();
            return Answer(faults.Show());
        });
        app.MapGet("/sandbox/deliveries", context => Guarded(context, async () => await ListAsync(context.Request.Query)));
        app.MapPost("/sandbox/deliveries/resend-undelivered", context => Guarded(context, ResendUndeliveredAsync));
        app.MapPost("/sandbox/deliveries/{eventId}/resend", context => Guarded(context, async () => await ResendAsync(Id(context, "eventId"))));
        app.MapGet("/sandbox/billing", () => Answer(engine.Run(Nobody, work => BillingControl.Show(Dunning.Settings(work)))));
        app.MapPost("/sandbox/billing", context => Guarded(context, async () =>
        {
            var body = await BodyAsync(context);
            Known(body, "finalAction", "retryAfterDays");
            return engine.Run(Nobody, work => BillingControl.Set(work, body));
        }));
        app.MapGet("/sandbox/truth", (string? customer) => Answer(Truth.Show(engine, customer)));
        app.MapGet("/sandbox/state", () => Answer(State()));
        app.MapPost("/sandbox/intents/{id}/authenticate", context => Guarded(context, async () =>
        {
            var body = await BodyAsync(context);
            Known(body, "accepted");
            return Challenges.Answer(engine, Id(context, "id"), body.Flag("accepted") ?? true);
        }));
    }

    private WorkOrigin Nobody => engine.OriginOf(requestId: null, idempotencyKey: null);

    private static Task RefuseForeignPages(HttpContext context, RequestDelegate next) => ForeignPages.Refusal(context.Request) is var (status, reason)
        ? Guarded(context, () => throw new ControlException(reason, status))
        : next(context);

    private JsonObject ShowClock() => new()
    {
        ["now"] = Iso(engine.Clock.Now),
        ["offset"] = XmlConvert.ToString(engine.Clock.Offset),
    };

    private Task<JsonObject> ListAsync(IQueryCollection query)
    {
        foreach (var name in query.Keys.Where(n => n is not ("eventId" or "type" or "status" or "limit")))
        {
            throw new ControlException($"{name} is unknown: eventId, type, status and limit are known.");
        }

        var limit = DefaultLimit;
        if (query["limit"] is [{ } text] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            throw new ControlException($"limit must be from 1 to {MaxLimit}.");
        }

        var (eventId, type, status) = ((string?)query["eventId"], (string?)query["type"], (string?)query["status"]);
        if (status is not (null or "delivered" or "undelivered" or "pending" or "failed"))
        {
            throw new ControlException("status must be delivered, undelivered, pending or failed.");
        }

        var items = engine.Read(store => store.Events.NewestFirst()
            .Where(e => e.Deliverable
                && (eventId is null || string.Equals(e.Id, eventId, StringComparison.Ordinal))
                && (type is null || string.Equals(e.Type, type, StringComparison.Ordinal))
                && Has(e, status))
            .Take(limit + 1)
            .Select(e => (JsonNode)Delivery(e))
            .ToList());
        return Task.FromResult(new JsonObject
        {
            ["items"] = new JsonArray([.. items.Take(limit)]),
            ["hasMore"] = items.Count > limit,
        });
    }

    private static bool Has(StoredEvent item, string? status) => status switch
    {
        null => true,
        "delivered" => item.Delivered,
        "undelivered" => !item.Delivered,
        "pending" => item is { Delivered: false, GivenUp: false },
        _ => item is { Delivered: false, GivenUp: true },
    };

    private JsonObject Delivery(StoredEvent item) => new()
    {
        ["eventId"] = item.Id,
        ["type"] = item.Type,
        ["url"] = deliveries.Endpoint?.AbsoluteUri,
        ["created"] = Iso(DateTimeOffset.FromUnixTimeSeconds(item.Created)),
        ["attempts"] = new JsonArray([.. item.Attempts.Select(Attempt)]),
        ["attemptCount"] = item.AttemptCount,
        ["delivered"] = item.Delivered,
        ["nextAttemptAt"] = item.NextAttemptAt is { } next ? Iso(next) : null,
    };

    private static JsonObject Attempt(DeliveryAttempt attempt) => new()
    {
        ["at"] = Iso(attempt.At),
        ["status"] = attempt.Status,
        ["error"] = attempt.Error,
        ["fault"] = attempt.Fault,
    };

    private async Task<JsonObject> ResendAsync(string eventId)
    {
        var item = engine.Read(store => store.Events.Find(eventId))
            ?? throw new ControlException($"There is no event {eventId}.", StatusCodes.Status404NotFound);
        return Attempt(await deliveries.ResendAsync(item));
    }

    private async Task<JsonObject> ResendUndeliveredAsync()
    {
        var items = engine.Read(store => store.Events.OldestFirst().Where(e => e is { Deliverable: true, Delivered: false }).ToList());
        var delivered = 0;
        await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = 5 }, async (item, _) =>
        {
            if ((await deliveries.ResendAsync(item)).Succeeded)
            {
                Interlocked.Increment(ref delivered);
            }
        });
        return new JsonObject { ["resent"] = items.Count, ["delivered"] = delivered, ["failed"] = items.Count - delivered };
    }

    private JsonObject State() => engine.Read(store => new JsonObject
    {
        ["now"] = Iso(engine.Clock.Now),
        ["objects"] = store.ObjectCount,
        ["customers"] = store.Count("customer"),
        ["sessions"] = store.Count("checkout.session"),
        ["paymentIntents"] = store.Count("payment_intent"),
        ["charges"] = store.Count("charge"),
        ["refunds"] = store.Count("refund"),
        ["disputes"] = store.Count("dispute"),
        ["subscriptions"] = store.Count("subscription"),
        ["invoices"] = store.Count("invoice"),
        ["events"] = store.Events.Count,
        ["undelivered"] = store.Events.OldestFirst().Count(e => e is { Deliverable: true, Delivered: false }),
        ["outstanding"] = deliveries.Outstanding,
        ["waiting"] = deliveries.WaitingCount,
        ["due"] = store.DueCount,
        ["idempotencyKeys"] = store.IdempotentResultCount,
    });

    internal static async Task<JsonObject> BodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxBody)
        {
            throw new ControlException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        }

        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject
                ?? throw new ControlException("The body must be a JSON object.");
        }
        catch (JsonException malformed)
        {
            throw new ControlException($"The body is no JSON: {malformed.Message}");
        }
    }

    internal static void Known(JsonObject body, params string[] names)
    {
        foreach (var name in body.Select(p => p.Key).Where(n => !names.Contains(n, StringComparer.Ordinal)))
        {
            throw new ControlException($"{name} is unknown: {string.Join(" and ", names)} are known.");
        }
    }

    internal static string Id(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    internal static Task GuardedAtOnce(HttpContext context, Func<JsonObject> act) => Guarded(context, () => Task.FromResult(act()));

    internal static async Task Guarded(HttpContext context, Func<Task<JsonObject>> act)
    {
        JsonObject answer;
        try
        {
            answer = await act();
        }
        catch (ControlException refusal)
        {
            context.Response.StatusCode = refusal.Status;
            answer = new JsonObject { ["error"] = new JsonObject { ["message"] = refusal.Message } };
        }
        catch (StripeException refusal)
        {
            context.Response.StatusCode = refusal.Status;
            answer = new JsonObject { ["error"] = refusal.Error.DeepClone() };
        }

        await Answer(answer).ExecuteAsync(context);
    }

    internal static IResult Answer(JsonObject body) => Results.Bytes(Json.Show(body), "application/json; charset=utf-8");

    internal static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
