using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Payments.Application.Payments.Webhooks;
using Payments.Domain.Shared;
using Payments.Infrastructure.Database;
using Payments.Infrastructure.Database.Inbox;

namespace Payments.Infrastructure.Tests.Database;

/// <summary>While the database stands still what arrives waits in memory, up to a bound; what waited is stored, what did not was told so.</summary>
public sealed class Storing_events : IAsyncLifetime
{
    private TestDatabase database = null!;
    private InboxWriter writer = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.NewAsync();
        writer = new InboxWriter(new Trusting(), TimeProvider.System, database.Source, new InboxSignal(), NullLogger<InboxWriter>.Instance);
    }

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Many_small_ones_wait_up_to_their_number() => await FillAsync(size: 1, atLeast: InboxWriter.MostWaiting, atMost: InboxWriter.MostWaiting + (4 * 256));

    [Fact]
    public async Task Few_large_ones_wait_up_to_their_bytes() => await FillAsync(size: 1 << 20, atLeast: 64, atMost: 64 + (4 * 4) + 4);

    [Fact]
    public async Task One_bad_one_among_many_fails_alone()
    {
        await using var held = await LockAsync();
        var all = Enumerable.Range(0, 100).Select(i => Receive(i == 50 ? "evt_with\0nul" : $"evt_{i}", 10)).ToList();
        await held.CommitAsync();

        (await Should.ThrowAsync<Refusal>(all[50])).Code.ShouldBe("webhook.not_stored");
        (await Task.WhenAll(all.Where(receipt => receipt != all[50]))).ShouldAllBe(receipt => receipt.Stored);
        (await database.ScalarAsync<long>("SELECT count(*) FROM payments.webhook_events")).ShouldBe(99);
    }

    private async Task FillAsync(int size, int atLeast, int atMost)
    {
        await using var held = await LockAsync();
        var accepted = new List<Task<WebhookReceipt>>();
        Refusal? refused = null;
        while (refused is null && accepted.Count <= atMost)
        {
            try
            {
                accepted.Add(Receive($"evt_{accepted.Count}", size));
            }
            catch (Refusal full)
            {
                refused = full;
            }
        }

        refused.ShouldNotBeNull();
        (refused.Kind, refused.Code).ShouldBe((RefusalKind.Unavailable, "webhook.overloaded"));
        accepted.Count.ShouldBeInRange(atLeast, atMost);
        accepted.ShouldAllBe(a => !a.IsCompleted);

        await held.CommitAsync();
        (await Task.WhenAll(accepted)).ShouldAllBe(receipt => receipt.Stored);
        (await database.ScalarAsync<long>("SELECT count(*) FROM payments.webhook_events")).ShouldBe(accepted.Count);
        (await Receive("evt_afterwards", size)).Stored.ShouldBeTrue();
    }

    private Task<WebhookReceipt> Receive(string id, int size) => writer.ReceiveAsync(System.Text.Encoding.UTF8.GetBytes(id.PadRight(size)), null, CancellationToken.None);

    /// <summary>Nobody stores anything until it ends.</summary>
    private async Task<NpgsqlTransaction> LockAsync()
    {
        var connection = await database.Source.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("LOCK TABLE payments.webhook_events IN ACCESS EXCLUSIVE MODE", connection, transaction);
        await command.ExecuteNonQueryAsync();
        return transaction;
    }

    /// <summary>Whose signatures are right, other tests ask: here the body is the event's id.</summary>
    private sealed class Trusting : IWebhookVerifier
    {
        public WebhookVerdict Verify(ReadOnlySpan<byte> body, string? signatureHeader, DateTimeOffset now) =>
            new(new WebhookHeader(System.Text.Encoding.UTF8.GetString(body).Trim(), "customer.created", now, "2026-07-29.dahlia", false, null, "cus_1", null), null, null);
    }
}
