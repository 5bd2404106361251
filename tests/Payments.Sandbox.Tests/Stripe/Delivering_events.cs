using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Payments.Sandbox.Stripe.Deliveries;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Delivering_events
{
    [Fact]
    public void Signs_as_openssl_does()
    {
        // openssl dgst -sha256 -hmac whsec_test_secret over "1746757390.{"id":"evt_1"}"
        WebhookSignature.Sign("1746757390", Encoding.UTF8.GetBytes("""{"id":"evt_1"}"""), "whsec_test_secret")
            .ShouldBe("abd5a0746c41672b6a2f1e127dee96b8a0f970a9709058ce0748cb8dbf0fb436");
    }

    [Fact]
    public async Task Sends_indented_json_signed_by_each_active_secret_with_the_decoy_last()
    {
        await using var sandbox = await Sandbox.StartAsync(o => o with { WebhookSecrets = ["whsec_old", "whsec_new"] });
        await sandbox.PostAsync("/v1/customers", "name=1+%C3%97+Basic");

        var delivery = (await sandbox.Receiver.WaitForAsync(1))[0];

        delivery.UserAgent.ShouldBe("Stripe/1.0 (+https://stripe.com/docs/webhooks)");
        Encoding.UTF8.GetString(delivery.Body).ShouldContain("\n  \"object\": \"event\"");
        Encoding.UTF8.GetString(delivery.Body).ShouldContain("1 × Basic");
        var parts = delivery.Signature.Split(',').Select(p => p.Split('=')).ToList();
        parts.Select(p => p[0]).ShouldBe(["t", "v1", "v1", "v0"]);
        parts[1][1].ShouldBe(WebhookSignature.Sign(parts[0][1], delivery.Body, "whsec_old"));
        parts[2][1].ShouldBe(WebhookSignature.Sign(parts[0][1], delivery.Body, "whsec_new"));
        (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(parts[0][1], CultureInfo.InvariantCulture)).ShouldBeInRange(0, 5);
    }

    [Fact]
    public async Task Comes_again_after_a_failure_without_anyone_waiting_five_minutes()
    {
        await using var sandbox = await Sandbox.StartAsync();
        sandbox.Receiver.Answer = _ => sandbox.Receiver.Deliveries.Count > 1 ? StatusCodes.Status200OK : StatusCodes.Status500InternalServerError;
        await sandbox.PostAsync("/v1/customers");

        var tries = await sandbox.Receiver.WaitForAsync(2);

        tries[0].Id.ShouldBe(tries[1].Id);
        var shown = await DeliveryAsync(sandbox, d => d["items.0.delivered"] is "true");
        shown["items.0.attempts.0.status"].ShouldBe("500");
        shown["items.0.attempts.1.status"].ShouldBe("200");
        shown["items.0.nextAttemptAt"].ShouldBeNull();
    }

    [Theory]
    [InlineData(StatusCodes.Status302Found)]
    [InlineData(StatusCodes.Status400BadRequest)]
    public async Task A_redirect_fails_like_any_other_answer_and_follows_Stripes_schedule(int status)
    {
        await using var sandbox = await Sandbox.StartAsync(o => o with { RedeliveryCompression = 0.001, RedeliveryCap = TimeSpan.FromHours(1) });
        sandbox.Receiver.Answer = _ => status;
        await sandbox.PostAsync("/v1/customers");
        await DeliveryAsync(sandbox, d => d["items.0.attemptCount"] is "1");

        foreach (var (after, attempts) in new[] { ("PT4M", "1"), ("PT2M", "2"), ("PT31M", "3"), ("PT2H", "4"), ("PT5H", "5"), ("PT10H", "6"), ("PT12H", "7") })
        {
            (await sandbox.AdvanceAsync(after)).Status.ShouldBe(HttpStatusCode.OK);
            (await sandbox.GetAsync("/sandbox/deliveries"))["items.0.attemptCount"].ShouldBe(attempts, after);
        }

        await sandbox.AdvanceAsync("P3D");
        (await sandbox.GetAsync("/sandbox/deliveries?status=undelivered"))["items.0.nextAttemptAt"].ShouldBeNull();
    }

    [Fact]
    public async Task A_silent_endpoint_is_given_up_on_in_time()
    {
        await using var sandbox = await Sandbox.StartAsync(o => o with { DeliveryTimeout = TimeSpan.FromMilliseconds(100), RedeliveryCompression = 0.001, RedeliveryCap = TimeSpan.FromHours(1) });
        using var silence = new ManualResetEventSlim();
        sandbox.Receiver.Answer = _ =>
        {
            silence.Wait(TimeSpan.FromSeconds(2));
            return 200;
        };
        await sandbox.PostAsync("/v1/customers");
        var shown = await DeliveryAsync(sandbox, d => d["items.0.attemptCount"] is "1");
        shown["items.0.attempts.0.error"]!.ShouldStartWith("no answer within");
        silence.Set();
    }

    [Fact]
    public async Task Five_at_a_time()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (now, most, gate) = (0, 0, new Lock());
        sandbox.Receiver.Answer = _ =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++now);
            }

            Thread.Sleep(30);
            lock (gate)
            {
                now--;
            }

            return 200;
        };
        for (var i = 0; i < 15; i++)
        {
            await sandbox.PostAsync("/v1/customers");
        }

        await sandbox.Receiver.WaitForAsync(15);
        most.ShouldBeInRange(2, 5);
    }

    [Fact]
    public async Task A_dropped_one_is_lost_until_somebody_resends_it()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await sandbox.ControlAsync("/sandbox/faults", """{ "deliveries": { "drop": 1 } }""");
        await sandbox.PostAsync("/v1/customers");
        await sandbox.PostAsync("/v1/customers");
        var lost = await sandbox.GetAsync("/sandbox/deliveries?status=undelivered");
        lost["items.0.attempts.0.fault"].ShouldBe("drop");
        lost["items.0.nextAttemptAt"].ShouldBeNull();
        await sandbox.AdvanceAsync("P1D");
        sandbox.Receiver.Deliveries.ShouldBeEmpty();

        var resent = await sandbox.ControlAsync($"/sandbox/deliveries/{lost["items.0.eventId"]}/resend", "");
        resent["status"].ShouldBe("200");
        sandbox.Receiver.Deliveries.Count.ShouldBe(1);
        var all = await sandbox.ControlAsync("/sandbox/deliveries/resend-undelivered", "");
        (all["resent"], all["delivered"]).ShouldBe(("1", "1"));
        (await sandbox.GetAsync("/sandbox/deliveries?status=undelivered")).Json["items"]!.AsArray().ShouldBeEmpty();
        (await sandbox.ControlAsync("/sandbox/deliveries/evt_none/resend", "")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_duplicate_comes_twice_and_a_bad_signature_comes_again_well_signed()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await sandbox.ControlAsync("/sandbox/faults", """{ "deliveries": { "duplicate": 1 } }""");
        await sandbox.PostAsync("/v1/customers");
        var both = await sandbox.Receiver.WaitForAsync(2);
        both[0].Id.ShouldBe(both[1].Id);

        await sandbox.ControlAsync("/sandbox/faults", """{ "deliveries": { "badSignature": 1 } }""");
        sandbox.Receiver.Answer = d => IsGood(d) ? 200 : 400;
        var bad = await sandbox.PostAsync("/v1/products", "name=x");
        (await sandbox.Receiver.WaitForAsync(1, d => d.Type == "product.created")).ShouldAllBe(d => !IsGood(d));
        await sandbox.DeleteAsync("/sandbox/faults");
        await sandbox.Receiver.WaitForAsync(1, d => d.Type == "product.created" && IsGood(d));
        bad.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Reordered_ones_all_arrive()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await sandbox.ControlAsync("/sandbox/faults", """{ "deliveries": { "reorder": 0.5 }, "seed": 7 }""");
        for (var i = 0; i < 20; i++)
        {
            await sandbox.PostAsync("/v1/customers", $"name={i}");
        }

        var arrived = (await sandbox.Receiver.WaitForAsync(20)).ConvertAll(d => int.Parse(d.Json["data"]!["object"]!["name"]!.ToString(), CultureInfo.InvariantCulture));
        arrived.Order().ShouldBe(Enumerable.Range(0, 20));
        arrived.ShouldNotBe(arrived.Order().ToList());
    }

    private static bool IsGood(Delivery delivery)
    {
        var parts = delivery.Signature.Split(',');
        return parts[1] == "v1=" + WebhookSignature.Sign(parts[0][2..], delivery.Body, Sandbox.WebhookSecret);
    }

    private static async Task<Reply> DeliveryAsync(Sandbox sandbox, Func<Reply, bool> until)
    {
        for (var i = 0; i < 200; i++)
        {
            var shown = await sandbox.GetAsync("/sandbox/deliveries");
            if (shown.Json["items"]!.AsArray().Count > 0 && until(shown))
            {
                return shown;
            }

            await Task.Delay(25);
        }

        throw new ShouldAssertException("Did not come about: " + (await sandbox.GetAsync("/sandbox/deliveries")).Text);
    }
}
