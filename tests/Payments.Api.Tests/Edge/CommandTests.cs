using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Edge;

/// <summary>The API's program run for one of its commands, or for what it takes for one.</summary>
public sealed class Running_a_command
{
    private static readonly Dictionary<string, string> NoDatabase = new(StringComparer.Ordinal)
    {
        ["DATABASE_URL"] = "postgres://somebody:verysecret@127.0.0.1:1/nowhere",
        ["STRIPE_SECRET_KEY"] = "sk_test_abcdefghijklmnop",
        ["STRIPE_WEBHOOK_SECRET"] = World.WebhookSecret,
        ["STRIPE_SUCCESS_URL"] = "https://app.example.com/success",
        ["STRIPE_CANCEL_URL"] = "https://app.example.com/cancel",
        ["JWT_SECRET"] = World.JwtSecret,
        ["INTERNAL_API_KEY"] = World.InternalKey,
        ["FRONTEND_URL"] = "https://app.example.com",
    };

    [Fact]
    public async Task One_that_there_is_not_says_which_there_are_and_ends_with_2()
    {
        var (exitCode, output) = await World.CommandAsync(new Dictionary<string, string>(StringComparer.Ordinal), "frobnicate");

        exitCode.ShouldBe(2);
        output.ShouldContain("frobnicate");
        output.ShouldContain("migrate");
        output.ShouldContain("backfill-customers");
    }

    [Fact]
    public async Task Migrating_without_a_database_says_so_in_one_line()
    {
        var (exitCode, output) = await World.CommandAsync(NoDatabase, "migrate");

        exitCode.ShouldBe(1);
        output.Trim().Split('\n').ShouldHaveSingleItem().ShouldStartWith("The database of DATABASE_URL cannot be reached:");
        output.ShouldNotContain("verysecret");
    }
}
