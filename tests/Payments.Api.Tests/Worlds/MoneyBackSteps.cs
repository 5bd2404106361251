using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Payments.Api.Tests.Worlds;

/// <summary>What staff, a Dashboard and a bank do about money that goes back.</summary>
public static class MoneyBackSteps
{
    public static async Task<(HttpStatusCode Status, JsonNode Body)> TryRefundAsync(this Caller staff, JsonNode session, object? body = null, string? key = null)
    {
        using var answer = await staff.PostAsync($"payments/{session["paymentId"]}/refunds", body ?? new { }, key);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    public static async Task<JsonNode> RefundAsync(this Caller staff, JsonNode session, object? body = null, string? key = null)
    {
        var (status, refund) = await staff.TryRefundAsync(session, body, key);
        status.ShouldBe(HttpStatusCode.OK, refund.ToJsonString());
        return refund;
    }

    public static async Task<JsonArray> RefundsAsync(this Caller caller, JsonNode session) => (await caller.GetAsync($"payments/{session["paymentId"]}/refunds"))["items"]!.AsArray();

    public static Task<JsonNode> PaymentAsync(this Caller staff, JsonNode session) => staff.GetAsync($"admin/payments/{session["paymentId"]}");

    /// <summary>Waits until a payment has a status.</summary>
    public static Task BecomesAsync(this Caller buyer, JsonNode session, string status) =>
        World.EventuallyAsync(async () => await buyer.StatusAsync(session) == status, $"the payment is {status}");

    public static async Task<JsonNode> CreditsOfAsync(this Caller buyer) => await buyer.GetAsync("users/me/credits");

    /// <summary>The provider's own list of refunds of a session's intent: the truth about money.</summary>
    public static async Task<List<JsonNode>> RefundsAtProviderAsync(this World world, JsonNode session) =>
        [.. (await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/refunds?limit=100&payment_intent={await world.IntentOfAsync(session)}"))!["data"]!.AsArray().Select(r => r!.DeepClone())];

    public static async Task<string> IntentOfAsync(this World world, JsonNode session) =>
        (await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/checkout/sessions/{session["sessionId"]}"))!["payment_intent"]!.ToString();

    public static async Task<JsonNode> DashboardRefundAsync(this World world, JsonNode session, long? amount = null)
    {
        var intent = await world.IntentOfAsync(session);
        return await world.ControlAsync("/sandbox/refunds", amount is null ? new { payment_intent = intent } : new { payment_intent = intent, amount });
    }

    public static async Task<JsonNode> DisputeAsync(this World world, JsonNode session, bool inquiry = false) =>
        await world.ControlAsync("/sandbox/disputes", new { payment_intent = await world.IntentOfAsync(session), inquiry });

    /// <param name="verdict">win, lose or escalate.</param>
    public static Task<JsonNode> VerdictAsync(this World world, JsonNode dispute, string verdict) => world.ControlAsync($"/sandbox/disputes/{dispute["id"]}/{verdict}", new { });

    public static async Task SpendAsync(this World world, Caller buyer, long amount)
    {
        using var service = world.Internal();
        using var answer = await service.PostAsJsonAsync($"api/v1/users/{buyer.Id}/credits/consume", new { amount, reason = "evaluation", reference = Guid.NewGuid().ToString() });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Opens a purchase whose row says a cent less than the page that the buyer pays.</summary>
    public static async Task<JsonNode> PaidOtherwiseAsync(this World world, Caller buyer, object what)
    {
        var session = await buyer.CheckoutAsync(what);
        await world.ScalarAsync<Guid>("UPDATE payments.payments SET amount_minor = amount_minor - 1 WHERE id = $1 RETURNING id", Guid.Parse(session["paymentId"]!.ToString()));
        (await world.PayAsync(session["sessionId"]!.ToString())).EnsureSuccessStatusCode();
        await World.EventuallyAsync(
            async () => await world.ScalarAsync<long>("SELECT count(*) FROM payments.webhook_events WHERE status = 'parked' AND payment_id = $1", Guid.Parse(session["paymentId"]!.ToString())) > 0,
            "the payment is parked");
        return session;
    }

    private static async Task<JsonNode> ControlAsync(this World world, string path, object body)
    {
        using var answer = await world.Simulator.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }
}
