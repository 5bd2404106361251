using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Refunds;

/// <summary>Whoever is in a hurry copies what stands there: it must be taken.</summary>
public sealed partial class The_refund_runbook(World world) : IClassFixture<World>
{
    private static readonly string Guide = File.ReadAllText(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../docs/runbooks/refunds.md")));

    [Fact]
    public async Task Shows_bodies_that_the_api_takes()
    {
        using var admin = world.NewUser(null, "admin");
        var examples = Code().Matches(Guide).Select(m => m.Groups["code"].Value.ReplaceLineEndings(" ")).Where(code => code.StartsWith('{') && code.Contains('"', StringComparison.Ordinal)).ToList();
        examples.Count.ShouldBeGreaterThan(3);
        foreach (var example in examples)
        {
            using var ada = world.NewUser();
            var session = await ada.BuyAsync();
            await ada.PaidAsync(session);

            var (status, answer) = await admin.TryRefundAsync(session, Parsed(example));

            status.ShouldBe(HttpStatusCode.OK, $"{example}: {answer.ToJsonString()}");
        }
    }

    [Theory]
    [InlineData("""{ "amount": "1" }""", "amount", "must be a whole number of minor units, or an object of amount and currency")]
    [InlineData("""{ "amount": true }""", "amount", "must be a whole number of minor units, or an object of amount and currency")]
    [InlineData("""{ "amount": [] }""", "amount", "must be a whole number of minor units, or an object of amount and currency")]
    [InlineData("""{ "amount": 1.5 }""", "amount", "must be a whole number of minor units, or an object of amount and currency")]
    [InlineData("""{ "amount": { "amount": 5 } }""", "amount.currency", "is required")]
    [InlineData("""{ "amount": {} }""", "amount.amount", "is required")]
    [InlineData("""{ "amount": { "amount": "5", "currency": "usd" } }""", "amount.amount", "must be a whole number")]
    [InlineData("""{ "amount": { "amount": 5, "currency": "usd", "note": "x" } }""", "amount.note", "is not a known field")]
    [InlineData("""{ "amount": { "amount": 5, "currency": "xx" } }""", "amount.currency", "A currency is a three-letter ISO 4217 code such as usd.")]
    [InlineData("""{ "restock": [null] }""", "restock[0]", "must not be null")]
    [InlineData("""{ "note": "a\u0000b" }""", "note", "must not contain the character U+0000")]
    public async Task Is_needed_less_where_a_wrong_body_says_what_is_wrong(string body, string field, string message)
    {
        using var admin = world.NewUser(null, "admin");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await admin.Http.PostAsync($"api/v1/payments/{Guid.NewGuid()}/refunds", content);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errors"]![field]![0]!.ToString().ShouldBe(message);
    }

    [Fact]
    public async Task Speaks_to_staff_of_payments_that_are_nobodys()
    {
        using var support = world.NewUser(null, "support");

        var (status, problem) = await support.TryAsync($"payments/{Guid.NewGuid()}/refunds", new { amount = 1 });

        (status, problem["code"]!.ToString(), problem["detail"]!.ToString()).ShouldBe((HttpStatusCode.NotFound, "payment.not_found", "There is no such payment."));
    }

    private static JsonNode Parsed(string example)
    {
        try
        {
            return JsonNode.Parse(example)!;
        }
        catch (JsonException e)
        {
            throw new ShouldAssertException($"{example} is not JSON.", e);
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Code();
}
