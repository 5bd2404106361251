using Payments.Domain.Payments.Customers;
using Payments.Domain.Shared;
using Payments.Domain.Users;
using Payments.Domain.Users.Entitlements;

namespace Payments.Domain.Tests.Users;

public sealed class Knowing_a_person
{
    private static readonly DateTimeOffset Now = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly UserId Ada = new(new Guid("b0000000-0000-4000-8000-000000000001"));

    private readonly User user = new(Ada, "ada@example.com", "Ada", Now);
    private readonly Customer customer = new(new Guid("c0000000-0000-4000-8000-000000000001"), Ada, "acct_1", livemode: false, "ada@example.com", "Ada", Now);

    [Fact]
    public void begins_with_nothing() => (user.Credits, user.Held, user.Debt, user.SubscriptionType, user.SubscriptionExpires).ShouldBe((0, 0, 0, null, null));

    [Fact]
    public void follows_the_token_where_the_token_says_something()
    {
        user.Rename("countess@example.com", null);
        (user.Email, user.Name).ShouldBe(("countess@example.com", "Ada"));

        user.Rename(null, "Ada Lovelace");
        (user.Email, user.Name).ShouldBe(("countess@example.com", "Ada Lovelace"));
    }

    [Fact]
    public void shows_the_subscription_that_lasts_longest_of_those_given()
    {
        user.ShowSubscription(
        [
            Gives("subscription:1", "monthly", 30), Gives("subscription:2", "yearly", 365), Gives("subscription:3", "forever", 999, AccessState.Revoked),
            Gives("subscription:4", "team", 999, AccessState.Paused), Gives("purchase:5", null, 999),
        ]);
        (user.SubscriptionType, user.SubscriptionExpires).ShouldBe(("yearly", Now.AddDays(365)));

        user.ShowSubscription([Gives("subscription:3", "forever", 999, AccessState.Revoked)]);
        (user.SubscriptionType, user.SubscriptionExpires).ShouldBe((null, null));
    }

    [Fact]
    public void has_one_record_at_the_provider_whoever_made_it_first()
    {
        customer.GatewayId.ShouldBeNull();
        customer.Created("cus_1");
        customer.Created("cus_2");

        customer.GatewayId.ShouldBe("cus_1");
    }

    [Fact]
    public void was_deleted_at_the_provider_once()
    {
        customer.Deleted(Now.AddDays(1));
        customer.Deleted(Now.AddDays(2));

        customer.DeletedAt.ShouldBe(Now.AddDays(1));
    }

    private static AccessGrant Gives(string source, string? type, int days, AccessState state = AccessState.Given)
    {
        var grant = new AccessGrant(Ada, source);
        grant.Set(ResourceReference.Platform, Now, Now.AddDays(days), state, type, type is null ? null : Now.AddDays(days));
        return grant;
    }

    [Fact]
    public void is_called_at_the_provider_what_it_was_told_last()
    {
        customer.Synced("countess@example.com", null);

        (customer.Email, customer.Name).ShouldBe(("countess@example.com", null));
    }
}
