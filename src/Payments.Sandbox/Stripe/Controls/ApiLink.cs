using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Controls;

/// <summary>The API beside the simulator: its clock moves along, and it says when it has come to rest.</summary>
internal sealed class ApiLink : IDisposable
{
    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };
    private readonly string? key;

    public ApiLink(StripeSimulatorOptions options)
    {
        Base = options.ApiBase;
        key = options.InternalApiKey;
    }

    public Uri? Base { get; set; }

    /// <summary>Sets the API's clock; answered when the API has run what is due by then, with the time that it has: later than ours if an earlier move was cut off.</summary>
    public async Task<DateTimeOffset> MoveClockAsync(DateTimeOffset now, TimeSpan patience, CancellationToken ct)
    {
        if (Base is null)
        {
            return now;
        }

        var body = new JsonObject { ["now"] = now.UtcDateTime.ToString("O") };
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Put, new Uri(Base, "/sandbox/clock"))
        {
            Content = JsonContent.Create(body),
        }, patience, ct);
        var text = await response.Content.ReadAsStringAsync(ct);
        if (!response.IsSuccessStatusCode)
        {
            throw new ControlException($"The API did not take the clock: {(int)response.StatusCode} {text}", StatusCodes.Status502BadGateway);
        }

        return text.Length > 0 && JsonNode.Parse(text)?["now"]?.GetValue<DateTimeOffset>() is { } its ? its : now;
    }

    /// <summary>Null when the API is at rest (or there is none); otherwise what it says is still to do.</summary>
    public async Task<string?> BusyAsync(TimeSpan patience, CancellationToken ct) =>
        await StateAsync(patience, ct) is { } state && state.Flag("idle") != true ? state.ToJsonString() : null;

    /// <summary>When the API's next own work falls due: what it ends or expires by itself, at its very time.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(TimeSpan patience, CancellationToken ct) =>
        (await StateAsync(patience, ct))?["nextDue"]?.GetValue<DateTimeOffset>();

    private async Task<JsonNode?> StateAsync(TimeSpan patience, CancellationToken ct)
    {
        if (Base is null)
        {
            return null;
        }

        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, new Uri(Base, "/sandbox/idle")), patience, ct);
        var text = await response.Content.ReadAsStringAsync(ct);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)
            : throw new ControlException($"The API did not say whether it is idle: {(int)response.StatusCode} {text}", StatusCodes.Status502BadGateway);
    }

    public void Dispose() => http.Dispose();

    /// <summary>An API that is just being restarted is waited for.</summary>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, TimeSpan patience, CancellationToken ct)
    {
        var deadline = DateTime.UtcNow + patience;
        while (true)
        {
            using var request = make();
            if (key is not null)
            {
                request.Headers.Add("X-Internal-Api-Key", key);
            }

            try
            {
                return await http.SendAsync(request, ct);
            }
            catch (HttpRequestException) when (DateTime.UtcNow < deadline)
            {
                await Task.Delay(RetryWait, ct);
            }
            catch (HttpRequestException away)
            {
                throw new ControlException($"The API at {Base} does not answer: {away.Message}", StatusCodes.Status504GatewayTimeout);
            }
        }
    }
}
