using System.Net;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Repeating_a_request
{
    [Fact]
    public async Task With_the_same_key_gives_the_first_answer_again()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var first = await sandbox.PostAsync("/v1/customers", "email=a@example.com&metadata[x]=1", "k1");
        var second = await sandbox.PostAsync("/v1/customers", "metadata%5Bx%5D=1&email=a%40example.com", "k1");

        second.Text.ShouldBe(first.Text);
        first.Headers.ShouldNotContainKey("Idempotent-Replayed");
        first.Headers["Original-Request"].ShouldBe(first.Headers["Request-Id"]);
        second.Headers["Idempotent-Replayed"].ShouldBe("true");
        second.Headers["Original-Request"].ShouldBe(first.Headers["Request-Id"]);
        second.Headers["Idempotency-Key"].ShouldBe("k1");
        second.Headers["Request-Id"].ShouldNotBe(first.Headers["Request-Id"]);
        (await sandbox.EventTypesAsync()).ShouldBe(["customer.created"]);
        var request = (await sandbox.EventAsync("customer.created"))["request"]!;
        request["id"]!.ToString().ShouldBe(first.Headers["Request-Id"]);
        request["idempotency_key"]!.ToString().ShouldBe("k1");
    }

    [Theory]
    [InlineData("/v1/customers", "email=b@example.com")]
    [InlineData("/v1/products", "name=x")]
    public async Task With_the_same_key_and_something_else_is_an_idempotency_error(string path, string form)
    {
        await using var sandbox = await Sandbox.StartAsync();
        await sandbox.PostAsync("/v1/customers", "email=a@example.com", "k1");

        var refused = await sandbox.PostAsync(path, form, "k1");

        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused["error.type"].ShouldBe("idempotency_error");
        refused["error.message"]!.ShouldStartWith("Keys for idempotent requests can only be used with the same parameters");
    }

    [Fact]
    public async Task While_the_first_still_runs_is_a_conflict()
    {
        await using var sandbox = await Sandbox.StartAsync();
        using var held = new ManualResetEventSlim();
        using var letGo = new ManualResetEventSlim();
        // The engine's lock holds requests exactly where slow ones would be.
        var holder = Task.Run(() => sandbox.Simulator.Engine.Read(_ =>
        {
            held.Set();
            return letGo.Wait(TimeSpan.FromSeconds(20));
        }));
        held.Wait();

        var both = new[] { sandbox.PostAsync("/v1/customers", "email=a@example.com", "k1"), sandbox.PostAsync("/v1/customers", "email=a@example.com", "k1") };
        var refused = await await Task.WhenAny(both);
        letGo.Set();

        refused.Status.ShouldBe(HttpStatusCode.Conflict);
        refused["error.type"].ShouldBe("idempotency_error");
        refused["error.code"].ShouldBe("idempotency_key_in_use");
        (await Task.WhenAll(both)).ShouldContain(r => r.Status == HttpStatusCode.OK);
        (await holder).ShouldBeTrue();
    }

    [Fact]
    public async Task After_a_wrong_parameter_is_a_new_request()
    {
        await using var sandbox = await Sandbox.StartAsync();
        (await sandbox.PostAsync("/v1/customers", "email=nonsense", "k1"))["error.code"].ShouldBe("email_invalid");
        (await sandbox.PostAsync("/v1/customers", "email=a@example.com", "k1")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task After_a_decline_declines_again_without_a_new_charge()
    {
        await using var sandbox = await Sandbox.StartAsync();
        const string Form = "amount=500&currency=usd&confirm=true&payment_method=pm_card_chargeDeclined&payment_method_types[]=card";
        var first = await sandbox.PostAsync("/v1/payment_intents", Form, "k1");
        var second = await sandbox.PostAsync("/v1/payment_intents", Form, "k1");

        first.Status.ShouldBe(HttpStatusCode.PaymentRequired);
        second.Status.ShouldBe(HttpStatusCode.PaymentRequired);
        second.Text.ShouldBe(first.Text);
        (await sandbox.GetAsync("/v1/charges")).Json["data"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_day_later_is_a_new_request()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var first = await sandbox.PostAsync("/v1/customers", "email=a@example.com", "k1");
        await sandbox.AdvanceAsync("PT25H");
        (await sandbox.PostAsync("/v1/customers", "email=a@example.com", "k1"))["id"].ShouldNotBe(first["id"]);
    }

    [Fact]
    public async Task Twenty_times_at_once_makes_one_object()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => sandbox.PostAsync("/v1/customers", "email=a@example.com", "k1")));

        replies.ShouldAllBe(r => r.Status == HttpStatusCode.OK || r["error.code"] == "idempotency_key_in_use");
        replies.Where(r => r.Status == HttpStatusCode.OK).Select(r => r["id"]).Distinct().Count().ShouldBe(1);
        (await sandbox.GetAsync("/v1/customers")).Json["data"]!.AsArray().Count.ShouldBe(1);
    }
}
