using Npgsql;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

public sealed class Two_of_different_families(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Are_locked_in_one_order_by_a_change_and_by_an_event_so_that_neither_is_a_deadlocks_victim()
    {
        using var ada = world.NewUser();
        foreach (var plan in new[] { Plans.Monthly, Plans.Team })
        {
            await ada.PaidAsync(await ada.BuyAsync(new { planId = plan }));
        }

        await world.SettleAsync();
        var (first, second) = (await OneAsync(ada, "ORDER BY id"), await OneAsync(ada, "ORDER BY id DESC"));

        // A change has come as far as the first row when an event of the second subscription arrives.
        await using var change = await world.Database.OpenConnectionAsync();
        await using var transaction = await change.BeginTransactionAsync();
        await LockAsync(change, first.Id, "");
        using (var metadata = new FormUrlEncodedContent(new Dictionary<string, string> { ["metadata[note]"] = "an event" }))
        {
            (await world.Simulator.PostAsync($"/v1/subscriptions/{second.GatewayId}", metadata)).EnsureSuccessStatusCode();
        }

        await World.EventuallyAsync(() => world.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"), "the event waits for the first row");
        await LockAsync(change, second.Id, "NOWAIT");
        await transaction.CommitAsync();
        await world.SettleAsync();
    }

    private async Task<(Guid Id, string GatewayId)> OneAsync(Caller caller, string order)
    {
        await using var command = world.Database.CreateCommand($"SELECT id, gateway_id FROM payments.subscriptions WHERE user_id = $1 {order} LIMIT 1");
        command.Parameters.Add(new() { Value = caller.Id });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetGuid(0), reader.GetString(1));
    }

    private static async Task LockAsync(NpgsqlConnection connection, Guid id, string wait)
    {
        await using var command = new NpgsqlCommand($"SELECT FROM payments.subscriptions WHERE id = $1 FOR UPDATE {wait}", connection);
        command.Parameters.Add(new() { Value = id });
        await command.ExecuteNonQueryAsync();
    }
}
