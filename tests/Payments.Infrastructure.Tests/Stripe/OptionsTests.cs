using Payments.Application.Payments.Gateway;
using Payments.Infrastructure.Stripe;

using Microsoft.Extensions.DependencyInjection;

namespace Payments.Infrastructure.Tests.Stripe;

public sealed class Stripe_options
{
    private static readonly StripeOptions Good = new() { SecretKey = GatewayUnderTest.SecretKey, PublishableKey = "pk_test_1", WebhookSecrets = ["whsec_very_secret"] };

    [Fact]
    public void never_print_a_secret()
    {
        Good.ToString().ShouldNotContain("51AbCd");
        Good.ToString().ShouldNotContain("very_secret");
        Good.ToString().ShouldContain("2026-07-29.dahlia");
    }

    [Fact]
    public void without_a_fault_have_no_problems() => Good.Problems().ShouldBeEmpty();

    [Fact]
    public void name_each_setting_that_is_wrong()
    {
        var bad = Good with { SecretKey = "pk_test_1234567890", WebhookSecrets = [""], ApiBase = "http://stripe.example.com", AccountId = "me", PublishableKey = "sk_test_oops" };

        bad.Problems().Select(problem => problem.Split(' ')[0]).ShouldBe(
            ["STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE", "STRIPE_ACCOUNT_ID"]);
        Should.Throw<ArgumentException>(() => new ServiceCollection().AddStripe(bad)).Message.ShouldNotContain("pk_test_1234567890");
    }

    [Theory]
    [InlineData("https://api.stripe.com", true)]
    [InlineData("https://api.stripe.com/", true)]
    [InlineData("http://127.0.0.1:12111", true)]
    [InlineData("http://localhost:12111", true)]
    [InlineData("https://api.stripe.com/v1", false)]
    [InlineData("https://user:password@api.stripe.com", false)]
    [InlineData("ftp://127.0.0.1", false)]
    [InlineData("api.stripe.com", false)]
    [InlineData("", false)]
    public void take_only_an_address_that_keeps_the_key_safe(string address, bool good) =>
        (Good with { ApiBase = address }).Problems().Count.ShouldBe(good ? 0 : 1);

    [Theory]
    [InlineData("sk_test_51AbCdEfGhIjKlMnOpQrStUv", null, "51AbCdEfGhIjKlMn", false)]
    [InlineData("sk_live_51AbCdEfGhIjKlMnZZZZZZZZ", null, "51AbCdEfGhIjKlMn", true)]
    [InlineData("rk_live_51AbCdEfGhIjKlMnYYYYYYYY", null, "51AbCdEfGhIjKlMn", true)]
    [InlineData("rk_test_51AbCdEfGhIjKlMnYYYYYYYY", "acct_1AbC", "acct_1AbC", false)]
    [InlineData("sk_test_4eC39HqLyjWDarjtT1zdp7dc", null, "key_2cafc0970149a84f", false)]
    public void know_the_account_behind_the_key(string key, string? accountId, string account, bool livemode)
    {
        var found = (Good with { SecretKey = key, AccountId = accountId }).Account();

        found.Livemode.ShouldBe(livemode);
        found.Key.ShouldBe(account);
    }

    [Fact]
    public void make_one_gateway_for_the_whole_process()
    {
        using var services = new ServiceCollection().AddLogging().AddStripe(Good).BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        services.GetRequiredService<IPaymentGateway>().ShouldBeSameAs(services.GetRequiredService<IPaymentGateway>());
        services.GetRequiredService<IPaymentGateway>().Account.ShouldBe(new GatewayAccount("51AbCdEfGhIjKlMn", false));
    }
}
