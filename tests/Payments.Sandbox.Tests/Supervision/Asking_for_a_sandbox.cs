using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Tests.Supervision;

public sealed class Asking_for_a_sandbox
{
    [Fact]
    public void Gives_the_well_known_ports_and_the_repositorys_own_directory()
    {
        var options = Parse([], "--default-data", "/repository/.local");

        options.ShouldSatisfyAllConditions(
            () => options.ApiPort.ShouldBe(8080),
            () => options.StripePort.ShouldBe(12111),
            () => options.MailPort.ShouldBe(8025),
            () => options.DataDirectory.ShouldBe("/repository/.local"),
            () => options.Fresh.ShouldBeFalse(),
            () => options.Stripe.ShouldBeNull(),
            () => options.DatabaseUrl.ShouldBeNull());
    }

    [Theory]
    [InlineData("--port", "9000")]
    [InlineData("--port=9000")]
    public void Moves_only_the_api_to_a_port_that_is_named(params string[] arguments)
    {
        var options = Parse([], arguments);

        (options.ApiPort, options.StripePort, options.MailPort).ShouldBe((9000, 12111, 8025));
    }

    [Fact]
    public void Picks_every_port_for_port_0()
    {
        var options = Parse([], "--port", "0", "--fresh", "--data", "elsewhere/");

        (options.ApiPort, options.StripePort, options.MailPort).ShouldBe((0, 0, 0));
        options.Fresh.ShouldBeTrue();
        options.DataDirectory.ShouldBe(Path.GetFullPath("elsewhere"));
    }

    [Theory]
    [InlineData("does not know '--prot'", "--prot", "1")]
    [InlineData("does not know 'fresh'", "fresh")]
    [InlineData("does not know '--fresh=yes'", "--fresh=yes")]
    [InlineData("--port wants a port number", "--port")]
    [InlineData("--port wants a port number", "--port", "--fresh")]
    [InlineData("from 0 to 65535, not '80a'", "--port", "80a")]
    [InlineData("from 0 to 65535, not '65536'", "--port", "65536")]
    [InlineData("from 0 to 65535, not '-1'", "--port", "-1")]
    [InlineData("--data wants a directory", "--data=")]
    public void Is_refused_with_the_reason_when_it_makes_no_sense(string reason, params string[] arguments)
        => Should.Throw<SandboxException>(() => Parse([], arguments)).Message.ShouldContain(reason);

    [Theory]
    [InlineData("sk_live_4eC39HqLyjWDarjtT1zdp7dc")]
    [InlineData("rk_live_4eC39HqLyjWDarjtT1zdp7dc")]
    public void Is_refused_with_a_live_key(string key)
        => Should.Throw<SandboxException>(() => Parse([("STRIPE_SECRET_KEY", key), ("STRIPE_WEBHOOK_SECRET", "whsec_x")])).Message.ShouldSatisfyAllConditions(
            message => message.ShouldContain("live key"),
            message => message.ShouldNotContain(key));

    [Fact]
    public void Is_refused_with_a_key_that_is_none()
        => Should.Throw<SandboxException>(() => Parse([("STRIPE_SECRET_KEY", "secret")])).Message.ShouldContain("no test key");

    [Fact]
    public void Uses_stripe_itself_with_a_test_key_and_its_webhook_secret()
    {
        Should.Throw<SandboxException>(() => Parse([("STRIPE_SECRET_KEY", "sk_test_x")])).Message.ShouldContain("stripe listen --print-secret");

        var account = Parse([("STRIPE_SECRET_KEY", "sk_test_x"), ("STRIPE_WEBHOOK_SECRET", "whsec_x")]).Stripe;

        account.ShouldBe(new StripeAccount("sk_test_x", "whsec_x", "https://api.stripe.com"));
    }

    [Fact]
    public void Uses_the_database_that_is_named()
        => Parse([("DATABASE_URL", "postgres://localhost/mine")]).DatabaseUrl.ShouldBe("postgres://localhost/mine");

    [Theory]
    [InlineData("postgres://ada:p%40ss@db.example.com:6543/shop?sslmode=verify-full", "Host=db.example.com;Port=6543;Username=ada;Password=p@ss;Database=shop;SSL Mode=VerifyFull")]
    [InlineData("postgresql://ada@localhost/shop", "Host=localhost;Port=5432;Username=ada;Database=shop")]
    [InlineData("Host=localhost;Database=shop", "Host=localhost;Database=shop")]
    public void Understands_both_ways_to_write_its_address(string url, string npgsql) => PostgresAddress.ForNpgsql(url).ShouldBe(npgsql);

    [Theory]
    [InlineData("postgres://ada:secret@localhost")]
    [InlineData("postgres://")]
    [InlineData("secret")]
    public void Refuses_an_address_that_is_none_without_repeating_what_may_be_a_password(string url)
        => Should.Throw<SandboxException>(() => PostgresAddress.ForNpgsql(url)).Message.ShouldNotContain("secret");

    private static SandboxOptions Parse((string Name, string Value)[] environment, params string[] arguments)
        => SandboxOptions.Parse(arguments, name => environment.FirstOrDefault(variable => variable.Name == name).Value);
}
