using System.Text.Json.Nodes;
using Npgsql;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Webhooks;

public sealed class While_the_provider_is_silent(World world) : IClassFixture<World>
{
    [Fact]
    public async Task What_needs_no_answer_of_it_is_fulfilled_all_the_same()
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync();

        // Nobody is let through to ask the provider: whoever wants to waits as for an answer that does not come.
        await using (var connection = await world.Database.OpenConnectionAsync())
        {
            await using var budget = await connection.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("INSERT INTO payments.gateway_budget (one, second, used) VALUES (true, 0, 0) ON CONFLICT (one) DO UPDATE SET used = 0", connection))
            {
                await hold.ExecuteNonQueryAsync();
            }

            for (var i = 0; i < 12; i++)
            {
                (await world.DeliverAsync(JsonNode.Parse(
                    $$$"""
                    {"id":"evt_doubtful{{{i}}}","object":"event","type":"customer.subscription.updated","api_version":"2019-01-01","created":{{{world.Stripe.Now.ToUnixTimeSeconds()}}},"livemode":false,
                     "data":{"object":{"id":"sub_of_nobody{{{i}}}","object":"subscription"} } }
                    """)!)).Dispose();
            }

            await World.EventuallyAsync(
                () => world.ScalarAsync<bool>("SELECT count(*) >= 2 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%gateway_budget%'"), "the events wait");
            (await world.PayAsync(session["sessionId"]!.ToString())).Dispose();

            await World.EventuallyAsync(async () => await ada.CreditsAsync() == 100, "the credits are there");
            await budget.RollbackAsync();
        }

        await world.SettleAsync(60);
    }
}
