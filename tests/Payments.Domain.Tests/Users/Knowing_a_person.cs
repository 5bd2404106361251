using Payments.Domain.Payments.Customers;
using Payments.Domain.Shared;
using Payments.Domain.Users;

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
    public void keeps_the_subscription_that_was_given_last()
    {
        user.Subscribe("yearly", Now.AddDays(365));
        user.Subscribe("monthly", Now.AddDays(30));

        (user.SubscriptionType, user.SubscriptionExpires).ShouldBe(("monthly", Now.AddDays(30)));
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

    [Fact]
    public void is_called_at_the_provider_what_it_was_told_last()
    {
        customer.Synced("countess@example.com", null);

        (customer.Email, customer.Name).ShouldBe(("countess@example.com", null));
    }
}
