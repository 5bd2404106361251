using System.Security.Cryptography;
using System.Text;

namespace Rig;

/// <summary>The deliveries of one run, fully built before the clock starts.</summary>
public sealed class Plan
{
    private sealed record Event(string Id, string Type, byte[] Payload, Order Order);

    public required byte[][] Requests { get; init; }

    /// <summary>The payment that each delivery is about; empty for other calls.</summary>
    public Guid[] Payments { get; init; } = [];
    public required object Expectation { get; init; }
    public required double MeanPayloadBytes { get; init; }

    /// <summary>mix: "a+b=60,c=40" is 60 shares of orders sending event a then b, and 40 of orders sending c.</summary>
    public static List<(string[] Events, int Weight)> ParseMix(string mix) =>
        mix.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(s => s.Split('='))
            .Select(p => (p[0].Split('+'), p.Length > 1 ? int.Parse(p[1]) : 1))
            .ToList();

    public static string[] EventsOf(List<(string[] Events, int Weight)> mix, Order order)
    {
        var pick = (int)(order.Next() % (ulong)mix.Sum(m => m.Weight));
        foreach (var (events, weight) in mix)
        {
            if ((pick -= weight) < 0)
            {
                return events;
            }
        }

        throw new InvalidOperationException();
    }

    /// <summary>Bounded webhook deliveries: count of them in all, duplicates included.</summary>
    public static Plan Webhooks(Options o, Uri url)
    {
        var templates = Template.LoadFolder(o.Text("templates", Path.Combine(AppContext.BaseDirectory, "templates")));
        var mix = ParseMix(o.Text("mix", "checkout.session.completed"));
        var total = o.Int("count", 10_000) + o.Int("warmup", 0);
        var seed = (ulong)o.Int("seed", 1);
        var users = o.Int("users", 10_000);
        var duplicates = o.Number("dup", 0);
        var outOfOrder = o.Number("ooo", 0);
        var window = o.Int("dup-window", 64);
        var random = new Random((int)seed);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        var deliveries = new List<Event>(total);
        var pending = new PriorityQueue<Event, int>();
        var sent = 0;
        for (var index = 0; deliveries.Count < total; index++)
        {
            var order = new Order(seed, index, users);
            var types = EventsOf(mix, order);
            var events = new Event[types.Length];
            for (var k = 0; k < types.Length; k++)
            {
                var id = $"evt_1{order.Text(23)}";
                if (!templates.TryGetValue(types[k], out var template))
                {
                    throw new InvalidDataException($"no template for {types[k]}");
                }

                events[k] = new Event(id, types[k], template.Render(order, id, now - 60 + k), order);
            }

            if (events.Length > 1 && random.NextDouble() < outOfOrder)
            {
                Array.Reverse(events);
            }

            foreach (var e in events)
            {
                while (deliveries.Count < total && pending.TryPeek(out var late, out var due) && due <= deliveries.Count)
                {
                    deliveries.Add(late);
                    pending.Dequeue();
                    sent++;
                }

                if (deliveries.Count >= total)
                {
                    break;
                }

                deliveries.Add(e);
                if (random.NextDouble() < duplicates)
                {
                    pending.Enqueue(e, deliveries.Count + random.Next(window));
                }
            }
        }

        var secret = Encoding.UTF8.GetBytes(o.Text("secret", "whsec_rig"));
        var forged = o.Number("forge", 0);
        var extra = o.Text("header", "") is { Length: > 0 } h ? h + "\r\n" : "";
        var requests = new byte[deliveries.Count][];
        for (var i = 0; i < requests.Length; i++)
        {
            var body = deliveries[i].Payload;
            var signature = Sign(secret, now, body);
            if (random.NextDouble() < forged)
            {
                signature = new string('0', 64);
            }

            requests[i] = HttpRequest("POST", url, $"Content-Type: application/json; charset=utf-8\r\nStripe-Signature: t={now},v1={signature}\r\nUser-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n{extra}", body);
        }

        var unique = deliveries.DistinctBy(d => d.Id).ToList();
        return new Plan
        {
            Requests = requests,
            Payments = [.. deliveries.Select(d => d.Order.PaymentId)],
            MeanPayloadBytes = deliveries.Average(d => (double)d.Payload.Length),
            Expectation = new
            {
                deliveries = deliveries.Count,
                uniqueEvents = unique.Count,
                duplicates = sent,
                users,
                byType = unique.GroupBy(d => d.Type).OrderBy(g => g.Key).ToDictionary(
                    g => g.Key, g => new { events = g.Count(), credits = g.Sum(d => (long)d.Order.Credits) }),
            },
        };
    }

    /// <summary>Any other request, repeated: {user} in the URL and in the bearer is a uuid of the population.</summary>
    public static Plan Calls(Options o, string method)
    {
        var total = o.Int("count", 10_000) + o.Int("warmup", 0);
        var users = o.Int("users", 10_000);
        var bearers = o.Text("bearer-file", "") is { Length: > 0 } f ? File.ReadAllLines(f)
            : o.Text("jwt-secret", "") is { Length: > 0 } key ? [.. Enumerable.Range(0, users).Select(n => Jwt.Of(Order.UserIdOf(n), $"user{n}@example.com", key))]
            : [o.Text("bearer", "")];
        var body = o.Text("body-file", "") is { Length: > 0 } b ? File.ReadAllText(b) : null;
        var random = new Random(o.Int("seed", 1));
        var requests = new byte[total][];
        for (var i = 0; i < total; i++)
        {
            var n = random.Next(users);
            var user = Order.UserIdOf(n).ToString();
            var bearer = bearers[bearers.Length == 1 ? 0 : n % bearers.Length].Replace("{user}", user);
            var headers = (bearer.Length > 0 ? $"Authorization: Bearer {bearer}\r\n" : "")
                + (body is null ? "" : "Content-Type: application/json\r\n")
                + (o.Text("header", "") is { Length: > 0 } h ? h.Replace("{n}", i.ToString()).Replace("{user}", user) + "\r\n" : "");
            requests[i] = HttpRequest(method, new Uri(o.Text("url").Replace("{user}", user)), headers,
                body is null ? null : Encoding.UTF8.GetBytes(body.Replace("{user}", user).Replace("{n}", i.ToString())));
        }

        return new Plan { Requests = requests, MeanPayloadBytes = body?.Length ?? 0, Expectation = new { requests = total } };
    }

    public static string Sign(byte[] secret, long timestamp, byte[] payload)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.ASCII.GetBytes($"{timestamp}."));
        hmac.AppendData(payload);
        return Convert.ToHexStringLower(hmac.GetHashAndReset());
    }

    private static byte[] HttpRequest(string method, Uri url, string headers, byte[]? body)
    {
        var length = body is null ? "" : $"Content-Length: {body.Length}\r\n";
        var head = Encoding.ASCII.GetBytes($"{method} {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nAccept: */*\r\n{headers}{length}\r\n");
        return body is null ? head : [.. head, .. body];
    }
}
