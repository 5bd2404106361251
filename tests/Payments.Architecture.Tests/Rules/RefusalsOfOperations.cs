using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mono.Cecil;
using Payments.Architecture.Tests.Reading;

namespace Payments.Architecture.Tests.Rules;

/// <summary>
/// The API's document lists for every call the codes that it may be refused with. Nobody keeps that list: it is read out
/// of the compiled code and lies beside the document as <c>refusals.json</c>.
/// </summary>
public sealed class What_each_call_may_be_refused_with
{
    private static readonly Calls Calls = new(CodeBase.Product);

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task Is_what_the_document_says()
    {
        var written = Written();
        var file = Path.Combine(Repository(), "src", "Payments.Api", "Edge", "Documents", "refusals.json");
        if (Environment.GetEnvironmentVariable("PAYMENTS_REFRESH") == "1")
        {
            await File.WriteAllTextAsync(file, written);
        }

        (await File.ReadAllTextAsync(file)).ShouldBe(written, "What calls are refused with has changed: scripts/document writes it down.");
    }

    [Fact]
    public void A_code_means_one_kind_of_no() =>
        AllFacts().GroupBy(fact => fact.Code, StringComparer.Ordinal).Where(same => same.Select(fact => fact.Kind).Distinct(StringComparer.Ordinal).Count() > 1)
            .Select(same => string.Join(", ", same.Select(fact => $"{fact.Code} is {fact.Kind} in {fact.Where}"))).ShouldBeEmpty();

    /// <summary>Known from the use cases: if the reader loses its way through a mediator, a lambda or an interface, one of these is missing.</summary>
    [Theory]
    [InlineData("creditsConsume", "credits.insufficient")]
    [InlineData("creditsConsume", "line.full")]
    [InlineData("creditsCapture", "hold.closed")]
    [InlineData("checkoutOpen", "credit_pack.not_found")]
    [InlineData("checkoutOpen", "credit_amount.out_of_range")]
    [InlineData("refundsIssue", "refund.exceeds_refundable")]
    [InlineData("webhookEventsReplayMany", "replay.count_differs")]
    [InlineData("notificationsStream", "stream.too_many")]
    [InlineData("stripeWebhookReceive", "webhook.overloaded")]
    [InlineData("subscriptionsChange", "subscription.not_changeable")]
    public void Is_found_however_far_away_it_is_decided(string operation, string code) =>
        Written(Operations().Single(o => o.Name == operation).Action)["refusals"]!.AsArray().Select(c => (string)c!).ShouldContain(code);

    [Fact]
    public void Is_no_list_of_everything()
    {
        var all = AllFacts().Select(fact => fact.Code).Distinct(StringComparer.Ordinal).Count();
        foreach (var (name, action) in Operations())
        {
            Written(action)["refusals"]!.AsArray().Count.ShouldBeLessThan(all / 2, name);
        }

        Written(Operations().Single(o => o.Name == "creditAmountGet").Action)["refusals"]!.AsArray().ShouldBeEmpty();
    }

    private static string Written()
    {
        var refusals = new JsonObject(AllFacts().GroupBy(fact => fact.Code, StringComparer.Ordinal).OrderBy(same => same.Key, StringComparer.Ordinal)
            .Select(same => same.MinBy(fact => fact.Where, StringComparer.Ordinal)!)
            .Select(fact => KeyValuePair.Create(fact.Code, (JsonNode?)new JsonObject { ["kind"] = fact.Kind, ["detail"] = fact.Detail })));
        var operations = new JsonObject(Operations().OrderBy(o => o.Name, StringComparer.Ordinal).Select(o => KeyValuePair.Create(o.Name, (JsonNode?)Written(o.Action))));
        return new JsonObject { ["refusals"] = refusals, ["operations"] = operations }.ToJsonString(Format) + "\n";
    }

    private static JsonObject Written(MethodDefinition action)
    {
        var run = Calls.From(action);
        return new JsonObject
        {
            ["gateway"] = run.Any(m => m.DeclaringType.IsInterface && m.DeclaringType.Namespace == "Payments.Application.Payments.Gateway"),
            ["saves"] = run.Any(m => m.Name.StartsWith("SaveChanges", StringComparison.Ordinal)),
            ["refusals"] = new JsonArray([.. run.SelectMany(Refusals.In).Select(fact => fact.Code).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]),
        };
    }

    private static IEnumerable<RefusalFact> AllFacts() => CodeBase.Product.Types.Where(t => CodeBase.LayerOf(t) is not Layer.Sandbox).SelectMany(CodeBase.MethodsOf).SelectMany(Refusals.In);

    private static IEnumerable<(string Name, MethodDefinition Action)> Operations() =>
        from controller in CodeBase.Product.Types
        where Hierarchy.Is(controller, "Microsoft.AspNetCore.Mvc.ControllerBase")
        from action in controller.Methods
        where action.CustomAttributes.Any(a => a.AttributeType.Name.StartsWith("Http", StringComparison.Ordinal))
        select (JsonNamingPolicy.CamelCase.ConvertName(controller.Name[..^"Controller".Length] + action.Name), action);

    private static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Payments.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests run outside of their repository.");
    }
}
