using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe;
using Payments.Tests.Shared;

namespace Payments.Sandbox.Tests.Judges;

/// <summary>A simulator with a recorder before it and behind it.</summary>
internal sealed class Stage : IAsyncDisposable
{
    public const string WebhookSecret = "whsec_judges0123456789abcdefghijklmnopqr";

    private Stage(Recorder recorder, StripeSimulator simulator)
    {
        Recorder = recorder;
        Simulator = simulator;
        Api.BaseAddress = recorder.Address;
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", simulator.SecretKey);
    }

    public Recorder Recorder { get; }

    public StripeSimulator Simulator { get; }

    /// <summary>A client with the sandbox's key.</summary>
    public HttpClient Api { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public static async Task<Stage> OpenAsync()
    {
        var recorder = await Recorder.StartAsync();
        try
        {
            var simulator = await StripeSimulator.StartAsync(new StripeSimulatorOptions
            {
                WebhookUrl = recorder.Webhooks,
                WebhookSecrets = [WebhookSecret],
                BalanceDelay = TimeSpan.FromMilliseconds(200),
                DebitDelay = TimeSpan.FromMilliseconds(400),
                AftermathDelay = TimeSpan.FromMilliseconds(300),
                InvoicePaymentDelay = TimeSpan.FromMilliseconds(200),
            });
            recorder.Simulator = simulator.Address;
            return new Stage(recorder, simulator);
        }
        catch
        {
            await recorder.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Simulator.DisposeAsync();
        await Recorder.DisposeAsync();
    }

    /// <summary>
    /// Waits until the expected events have come, and a little longer for what was not expected. The answer holds the
    /// types of all, sorted; the order of deliveries is nobody's promise.
    /// </summary>
    public async Task<IReadOnlyList<string>> EventsAsync(int expected)
    {
        var limit = DateTime.UtcNow.AddSeconds(15);
        while (Recorder.Deliveries.Count < expected && DateTime.UtcNow < limit)
        {
            await Task.Delay(50);
        }

        await Task.Delay(700);
        return [.. Recorder.Deliveries.Select(d => d.Type).Order(StringComparer.Ordinal)];
    }

    /// <summary>What is wrong with anything that the simulator has answered or sent so far, by Stripe's own description.</summary>
    public IReadOnlyList<string> Faults()
    {
        var schema = StripeSchema.Load();
        var answers = Recorder.Exchanges.Where(e => !e.IsPrivate).SelectMany(e => schema.ObjectErrors(JsonNode.Parse(e.Answer)!).Select(f => $"{e}: {f}"));
        var events = Recorder.Deliveries.SelectMany(d => schema.ObjectErrors(d.Event).Select(f => $"{d.Type}: {f}"));
        // Stripe's document, as kept here, has no invoice items; and what is upcoming has no id yet.
        string[] known = ["no schema for 'invoiceitem'", "invoice.upcoming: $.data.object.id: missing"];
        var signatures = Recorder.Deliveries.Where(d => !IsSigned(d)).Select(d => $"{d.Type}: the signature is wrong");
        var types = Recorder.Deliveries
            .Where(d => !string.Equals(d.ContentType, "application/json; charset=utf-8", StringComparison.Ordinal))
            .Select(d => $"{d.Type}: the content type is {d.ContentType}");
        return [.. answers.Concat(events).Where(f => !known.Any(k => f.EndsWith(k, StringComparison.Ordinal)))
            .Concat(signatures).Concat(types).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Calls that Stripe's description forbids and the simulator took all the same.</summary>
    public IEnumerable<string> UnknownButAccepted()
    {
        var schema = StripeSchema.Load();
        return Recorder.Exchanges
            .Where(e => !e.IsPrivate && e.Status == 200)
            .SelectMany(e => schema.RequestErrors(e.Method, e.Target, e.Form).Select(f => $"{e}: {f}"));
    }

    // By hand, from the protocol: HMAC-SHA256 of "t.body" under the whole secret.
    private static bool IsSigned(Recorder.Delivery delivery)
    {
        var items = delivery.Signature.Split(',').Select(i => i.Split('=', 2)).Where(i => i.Length == 2).ToLookup(i => i[0].Trim(), i => i[1], StringComparer.Ordinal);
        var time = items["t"].FirstOrDefault("");
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(WebhookSecret), (byte[])[.. Encoding.UTF8.GetBytes(time + "."), .. delivery.Body]));
        return items["v1"].Contains(expected, StringComparer.Ordinal)
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - at) < 300;
    }
}
