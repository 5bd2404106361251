using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Payments.Api.Tests.Worlds;

/// <summary>A person with a token, and what the web app does for them.</summary>
public sealed class Caller(World world, Guid id, HttpClient client) : IDisposable
{
    public Guid Id => id;

    public HttpClient Http => client;

    public Task<HttpResponseMessage> PostAsync(string path, object body, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"api/v1/{path}") { Content = JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return client.SendAsync(request);
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        using var answer = await client.GetAsync($"api/v1/{path}");
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    public async Task<JsonNode> CheckoutAsync(object? body = null, string? key = null)
    {
        using var answer = await PostAsync("payments/checkout-session", body ?? new { creditPackId = World.Starter }, key);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>Opens a checkout and pays it; the events are on their way.</summary>
    public async Task<JsonNode> BuyAsync(object? body = null, string paymentMethod = "pm_card_visa")
    {
        var session = await CheckoutAsync(body);
        using var paid = await world.PayAsync(session["sessionId"]!.ToString(), paymentMethod);
        paid.StatusCode.ShouldBe(HttpStatusCode.OK, await paid.Content.ReadAsStringAsync());
        return session;
    }

    public async Task<long> CreditsAsync() => (await GetAsync("users/me"))["credits"]!.GetValue<long>();

    public async Task<string> StatusAsync(JsonNode session) => (await GetAsync($"payments/{session["paymentId"]}"))["status"]!.ToString();

    public Task PaidAsync(JsonNode session) => World.EventuallyAsync(async () => await StatusAsync(session) == "succeeded", "the payment succeeds");

    public void Dispose() => client.Dispose();
}
