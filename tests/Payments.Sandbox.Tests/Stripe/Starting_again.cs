using System.Net;
using Microsoft.AspNetCore.Http;
using Payments.Sandbox.Stripe;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Starting_again : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("stripe-sim-").FullName;

    private string JournalFile => Path.Combine(folder, "stripe.jsonl");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Keeps_objects_events_keys_due_things_and_the_clock()
    {
        Reply session;
        Reply customer;
        await using (var before = await StartAsync())
        {
            customer = await before.PostAsync("/v1/customers", "email=a@example.com", "k1");
            session = await before.SessionAsync();
            await before.PayAsync(await before.SessionAsync());
            await before.AdvanceAsync("PT1H");
            await before.Receiver.WaitForAsync(9);
        }

        await using var after = await StartAsync();
        (await after.PostAsync("/v1/customers", "email=a@example.com", "k1")).Headers["Idempotent-Replayed"].ShouldBe("true");
        (await after.GetAsync($"/v1/customers/{customer["id"]}"))["email"].ShouldBe("a@example.com");
        (await after.EventTypesAsync()).Count.ShouldBe(10);
        (after.Simulator.Now - DateTimeOffset.UtcNow).TotalMinutes.ShouldBeInRange(59, 61);
        await after.AdvanceAsync("PT24H");
        (await after.GetAsync($"/v1/checkout/sessions/{session["id"]}"))["status"].ShouldBe("expired");
        (await after.GetAsync("/sandbox/deliveries?limit=1000")).Json["items"]!.AsArray().Count.ShouldBe(11);
    }

    [Fact]
    public async Task Delivers_what_was_not_delivered_and_not_what_was()
    {
        string lost;
        await using (var before = await StartAsync())
        {
            await before.PostAsync("/v1/customers");
            await before.Receiver.WaitForAsync(1);
            before.Receiver.Answer = _ => StatusCodes.Status503ServiceUnavailable;
            await before.PostAsync("/v1/products", "name=x");
            lost = (await before.Receiver.WaitForAsync(1, d => d.Type == "product.created"))[0].Id;
        }

        await using var after = await StartAsync();
        (await after.Receiver.WaitForAsync(1))[0].Id.ShouldBe(lost);
        await Task.Delay(300);
        after.Receiver.Deliveries.Select(d => d.Type).ShouldBe(["product.created"]);
    }

    [Fact]
    public async Task After_a_kill_in_the_middle_of_a_write_forgets_only_that_write()
    {
        await using (var before = await StartAsync())
        {
            await before.PostAsync("/v1/customers", "name=kept");
            await before.PostAsync("/v1/customers", "name=half");
        }

        var bytes = await File.ReadAllBytesAsync(JournalFile);
        var half = System.Text.Encoding.UTF8.GetString(bytes).IndexOf("\"half\"", StringComparison.Ordinal);
        await File.WriteAllBytesAsync(JournalFile, bytes[..half]);

        await using var after = await StartAsync();
        (await after.GetAsync("/v1/customers")).Json["data"]!.AsArray().Select(c => (string)c!["name"]!).ShouldBe(["kept"]);
        (await after.EventTypesAsync()).Count.ShouldBe(1);
        (await after.PostAsync("/v1/customers", "name=new")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_damaged_journal_is_named_and_not_guessed_at()
    {
        await using (var before = await StartAsync())
        {
            await before.PostAsync("/v1/customers");
        }

        await File.WriteAllTextAsync(JournalFile, "{ not json\n" + await File.ReadAllTextAsync(JournalFile));
        var broken = await Should.ThrowAsync<InvalidDataException>(() => StripeSimulator.StartAsync(new StripeSimulatorOptions { DataDirectory = folder }));
        broken.Message.ShouldContain("line 1");
    }

    [Fact]
    public async Task A_second_simulator_on_the_same_data_does_not_start()
    {
        await using var first = await StartAsync();
        await Should.ThrowAsync<InvalidOperationException>(() => StripeSimulator.StartAsync(new StripeSimulatorOptions { DataDirectory = folder }));
        (await first.PostAsync("/v1/customers")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Compacts_what_was_written_many_times()
    {
        await using (var before = await StartAsync())
        {
            var customer = await before.PostAsync("/v1/customers");
            for (var i = 0; i < 30; i++)
            {
                await before.PostAsync($"/v1/customers/{customer["id"]}", "name=same");
            }
        }

        var long_ = (await File.ReadAllLinesAsync(JournalFile)).Length;
        await using (await StartAsync())
        {
        }

        (await File.ReadAllLinesAsync(JournalFile)).Length.ShouldBeLessThan(long_);
    }

    private Task<Sandbox> StartAsync() => Sandbox.StartAsync(o => o with { DataDirectory = folder });
}
