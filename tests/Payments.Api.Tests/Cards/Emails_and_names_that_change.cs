using System.Net;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Cards;

public sealed class Emails_and_names_that_change(World world) : IClassFixture<World>
{
    [Fact]
    public async Task The_operators_command_says_what_it_did()
    {
        using var ada = world.NewUser();
        await ada.GetAsync("users/me");

        var (exit, output) = await world.CommandAsync("backfill-customers", "--dry-run");
        exit.ShouldBe(0, output);
        output.ShouldContain("to be made");
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.customers WHERE user_id = $1", ada.Id)).ShouldBe(0);

        (exit, output) = await world.CommandAsync("backfill-customers");
        exit.ShouldBe(0, output);
        output.ShouldContain("failed 0");
        (await world.CustomerOfAsync(ada)).ShouldStartWith("cus_");

        (exit, output) = await world.CommandAsync("backfill-customers", "--force");
        exit.ShouldBe(64);
        output.ShouldContain("Usage: backfill-customers [--dry-run]");
    }

    [Fact]
    public async Task A_new_email_reaches_the_provider_without_a_purchase()
    {
        using var ada = world.NewUser("old-address@example.com");
        await ada.SaveCardAsync(await world.NewCardAsync());
        var customer = await world.CustomerOfAsync(ada);
        using var renamed = world.ClientOf(ada.Id, "new-address@example.com");
        (await renamed.GetAsync("api/v1/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await World.EventuallyAsync(async () => (await world.CustomersAsync("new-address@example.com")).Any(c => c["id"]!.ToString() == customer), "the provider knows the new address");
        await World.EventuallyAsync(
            () => world.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM payments.customers WHERE gateway_id = $1 AND email = 'new-address@example.com' AND sync_due_at IS NULL)", customer), "and it is written down that it does");
    }

    [Fact]
    public async Task A_new_name_reaches_the_provider_alone_and_a_token_without_one_takes_none_away()
    {
        using var ada = world.NewUser();
        await ada.SaveCardAsync(await world.NewCardAsync());
        (await NameAsync()).ShouldBe("Test Person");
        foreach (var name in new[] { "Ada Król 王", null, "Ada Lovelace" })
        {
            using var renamed = world.ClientNamed(ada.Id, ada.Address(), name);
            (await renamed.GetAsync("api/v1/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
            await World.EventuallyAsync(async () => await NameAsync() == (name ?? "Ada Król 王"), $"the provider knows the name {name}");
        }

        async Task<string> NameAsync() => (await world.CustomersAsync(ada.Address())).ShouldHaveSingleItem()["name"]!.ToString();
    }

    [Fact]
    public async Task A_new_email_of_a_customer_that_was_deleted_without_a_word_makes_no_noise_and_the_next_purchase_a_new_one()
    {
        using var ada = world.NewUser("lost@example.com");
        await ada.SaveCardAsync(await world.NewCardAsync());
        var customer = await world.CustomerOfAsync(ada);
        await world.FaultsAsync(new { deliveries = new { drop = 1 } });
        (await world.Simulator.DeleteAsync($"/v1/customers/{customer}")).EnsureSuccessStatusCode();
        using var renamed = world.ClientOf(ada.Id, "lost-and-found@example.com");
        (await renamed.GetAsync("api/v1/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await World.EventuallyAsync(async () => await world.ScalarAsync<long>("SELECT count(*) FROM payments.customers WHERE gateway_id = $1 AND deleted_at IS NOT NULL", customer) == 1, "the deletion is noticed");
        await world.FaultsAsync(null);
        using var again = new Caller(world, ada.Id, world.ClientOf(ada.Id, "lost-and-found@example.com"));
        await again.PaidAsync(await again.BuyAsync());
        (await world.CustomerOfAsync(ada)).ShouldNotBe(customer);
    }
}
