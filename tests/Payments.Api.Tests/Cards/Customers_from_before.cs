using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Payments.Api.Tests.Worlds;
using Payments.Application.Payments.Customers;

namespace Payments.Api.Tests.Cards;

/// <summary>Counts everybody there is, so it has a world of its own.</summary>
public sealed class Customers_from_before(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Everybody_gets_one_customer_the_one_with_their_id_and_never_one_by_mere_email()
    {
        var others = (await BackfillAsync(dryRun: false)).Users;

        // A has bought; B's customer was made by an older system under the user's id; C shares an address with a stranger's
        // customer and with D; E has no address; F's customer was deleted.
        using var a = world.NewUser();
        await a.SaveCardAsync(await world.NewCardAsync());
        using var b = world.NewUser("b@example.com");
        using var c = world.NewUser("shared@example.com");
        using var d = world.NewUser("shared@example.com");
        using var f = world.NewUser("f@example.com");
        foreach (var user in new[] { b, c, d, f })
        {
            await user.GetAsync("users/me");
        }

        var e = Guid.NewGuid();
        await world.ScalarAsync<Guid>("INSERT INTO users.users (id, credits, held, debt, created_at) VALUES ($1, 0, 0, 0, now()) RETURNING id", e);
        var olds = (await world.StripeAsync("/v1/customers", ("email", "b@example.com"), ("name", "Old Name"), ("metadata[user_id]", b.Id.ToString())))["id"]!.ToString();
        var strangers = (await world.StripeAsync("/v1/customers", ("email", "shared@example.com")))["id"]!.ToString();
        var deleted = (await world.StripeAsync("/v1/customers", ("email", "f@example.com"), ("metadata[user_id]", f.Id.ToString())))["id"]!.ToString();
        (await world.Simulator.DeleteAsync($"/v1/customers/{deleted}")).EnsureSuccessStatusCode();

        (await BackfillAsync(dryRun: true)).ShouldBe(new BackfillCounts(others + 6, others + 1, 1, 4, 0));
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.customers")).ShouldBe(others + 1, "a dry run only looks");

        await world.FaultsAsync(new { api = new { rateLimit = 1 } });
        (await BackfillAsync(dryRun: false)).Failed.ShouldBe(5);
        await world.FaultsAsync(null);
        (await BackfillAsync(dryRun: false)).ShouldBe(new BackfillCounts(others + 6, others + 1, 1, 4, 0));
        (await BackfillAsync(dryRun: false)).ShouldBe(new BackfillCounts(others + 6, others + 6, 0, 0, 0));

        (await world.CustomerOfAsync(b)).ShouldBe(olds);
        (await world.CustomersAsync("shared@example.com")).Select(x => x["metadata"]!["user_id"]?.ToString()).ShouldBe([c.Id.ToString(), d.Id.ToString(), null], ignoreOrder: true);
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.customers WHERE gateway_id = $1 OR gateway_id = $2", strangers, deleted)).ShouldBe(0);
        (await world.ScalarAsync<long>("SELECT count(DISTINCT user_id) FROM payments.customers WHERE gateway_id IS NOT NULL")).ShouldBe(others + 6);

        await World.EventuallyAsync(async () => (await world.CustomersAsync("b@example.com")).Single()["name"]!.ToString() == "Test Person", "the older customer is told the present name");
    }

    private async Task<BackfillCounts> BackfillAsync(bool dryRun)
    {
        await using var scope = world.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new BackfillCustomers(dryRun));
    }
}
