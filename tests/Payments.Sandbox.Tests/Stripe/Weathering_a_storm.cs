using System.Net;
using Microsoft.AspNetCore.Http;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Weathering_a_storm
{
    private const int Purchases = 60;

    [Fact]
    public async Task A_caller_that_repeats_its_keys_ends_with_what_it_asked_for_and_hears_of_all_of_it()
    {
        await using var sandbox = await Sandbox.StartAsync();
        sandbox.Receiver.Answer = _ => sandbox.Receiver.Deliveries.Count % 7 == 0 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        await sandbox.ControlAsync("/sandbox/faults", """
            {
              "deliveries": { "duplicate": 0.5, "reorder": 0.5, "delay": 0.1, "drop": 0.2, "badSignature": 0.05 },
              "api": { "error": 0.1, "rateLimit": 0.1, "cutBeforeEffect": 0.05, "cutAfterEffect": 0.05 },
              "seed": 42
            }
            """);

        await Parallel.ForAsync(0, Purchases, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var customer = await InsistAsync(sandbox, "/v1/customers", $"email=u{i}@example.com", $"customer-{i}");
            var session = await InsistAsync(
                sandbox,
                "/v1/checkout/sessions",
                $"mode=payment&success_url=https://a.example&customer={customer["id"]}&metadata[n]={i}&line_items[0][quantity]=1&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=500&line_items[0][price_data][product_data][name]=x",
                $"session-{i}");
            (await sandbox.PayAsync(session)).Status.ShouldBe(HttpStatusCode.OK);
        });
        await sandbox.DeleteAsync("/sandbox/faults");
        sandbox.Receiver.Answer = _ => StatusCodes.Status200OK;
        await sandbox.ControlAsync("/sandbox/deliveries/resend-undelivered", "");

        var truth = await sandbox.GetAsync("/sandbox/truth");
        truth["totals.usd"].ShouldBe((Purchases * 500).ToString());
        (await sandbox.GetAsync("/sandbox/state"))["customers"].ShouldBe(Purchases.ToString());
        var told = sandbox.Receiver.Deliveries.Where(d => d.Type == "checkout.session.completed").Select(d => (string)d.Json["data"]!["object"]!["id"]!);
        told.Distinct().Order().ShouldBe(truth.Json["payments"]!.AsArray().Select(p => (string)p!["session"]!).Order());
        (await sandbox.GetAsync("/sandbox/deliveries?status=undelivered")).Json["items"]!.AsArray().ShouldBeEmpty();
    }

    private static async Task<Reply> InsistAsync(Sandbox sandbox, string path, string form, string key)
    {
        while (true)
        {
            try
            {
                var reply = await sandbox.PostAsync(path, form, key);
                if (reply.Status == HttpStatusCode.OK)
                {
                    return reply;
                }

                ((int)reply.Status).ShouldBeOneOf(409, 429, 500);
            }
            catch (HttpRequestException)
            {
                // Cut: whether it took effect is what the key is for.
            }
        }
    }
}
