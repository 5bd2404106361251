using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Clients;

/// <summary>
/// The document, and what is made of it, lie in the repository for those who use them: each is what the running API says.
/// <c>scripts/document</c> makes them anew.
/// </summary>
public sealed class What_is_made_of_the_document(World world) : IClassFixture<World>
{
    private static readonly NpmPackages Packages = new("clients");
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static bool Refreshing => Environment.GetEnvironmentVariable("PAYMENTS_REFRESH") == "1";

    [Fact]
    public async Task The_document_is_what_the_API_serves()
    {
        using var anybody = world.Anonymous();
        var served = JsonNode.Parse(await anybody.GetStringAsync("openapi/v1.json"))!.ToJsonString(Format) + "\n";

        await IsMadeAsync(to => File.WriteAllTextAsync(to, served), "docs", "openapi.json");
    }

    [Fact]
    public Task The_Postman_collection_is_the_documents() =>
        IsMadeAsync(to => RunAsync("postman.mjs", Document, to), "docs", "payments.postman_collection.json");

    [Fact]
    public Task The_CSharp_client_is_the_documents() =>
        IsMadeAsync(to => RunAsync("csharp.mjs", Document, to), "docs", "clients", "csharp", "PaymentsClient.cs");

    [Fact]
    public Task The_TypeScript_types_are_the_documents() =>
        IsMadeAsync(to => RunAsync("node_modules/openapi-typescript/bin/cli.js", Document, "--output", to), "docs", "clients", "typescript", "payments.d.ts");

    /// <summary>Spectral's rules for OpenAPI, its warnings too.</summary>
    [Fact]
    public async Task The_linter_finds_nothing()
    {
        var folder = await Packages.FolderAsync();
        var linted = await Programs.RunAsync(Programs.Node, ["node_modules/@stoplight/spectral-cli/dist/index.js", "lint", Document, "--ruleset", ".spectral.yaml", "--fail-severity", "hint"], folder);

        linted.ExitCode.ShouldBe(0, linted.ToString());
        linted.Output.ShouldContain("No results");
    }

    [Fact]
    public async Task The_linter_bites()
    {
        var folder = await Packages.FolderAsync();
        var broken = JsonNode.Parse(await File.ReadAllTextAsync(Document))!;
        var packs = broken["paths"]!["/api/v1/credit-packs"]!["get"]!;
        packs["operationId"] = "plansList";
        packs["responses"]!["200"]!["content"]!["application/json"]!["example"] = new JsonObject { ["items"] = "none" };
        broken["paths"] = new JsonObject { ["/api/v1/credit-packs"] = broken["paths"]!["/api/v1/credit-packs"]!.DeepClone(), ["/api/v1/plans"] = broken["paths"]!["/api/v1/plans"]!.DeepClone() };
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".json");
        await File.WriteAllTextAsync(file, broken.ToJsonString());

        var linted = await Programs.RunAsync(Programs.Node, ["node_modules/@stoplight/spectral-cli/dist/index.js", "lint", file, "--ruleset", ".spectral.yaml"], folder);

        File.Delete(file);
        linted.ExitCode.ShouldBe(1, linted.ToString());
        linted.Output.ShouldContain("operation-operationId-unique");
        linted.Output.ShouldContain("oas3-valid-media-example");
    }

    private static string Document => Path.Combine(NpmPackages.Repository, "docs", "openapi.json");

    private static async Task RunAsync(string script, params string[] arguments)
    {
        var outcome = await Programs.RunAsync(Programs.Node, [script, .. arguments], await Packages.FolderAsync());
        outcome.ExitCode.ShouldBe(0, outcome.ToString());
    }

    private static async Task IsMadeAsync(Func<string, Task> make, params string[] path)
    {
        var kept = Path.Combine([NpmPackages.Repository, .. path]);
        var folder = Directory.CreateTempSubdirectory("payments-made-");
        var made = Path.Combine(folder.FullName, path[^1]);
        await make(made);
        var written = await File.ReadAllTextAsync(made);
        folder.Delete(recursive: true);
        if (Refreshing)
        {
            await File.WriteAllTextAsync(kept, written);
        }

        // Not ShouldBe: these are long, and where they differ first says enough.
        var before = await File.ReadAllTextAsync(kept);
        var same = before.Zip(written).TakeWhile(pair => pair.First == pair.Second).Count();
        (before == written).ShouldBeTrue($"{string.Join('/', path)} is not what the API is now; scripts/document makes it anew. It has «{Around(before, same)}», and should have «{Around(written, same)}».");
    }

    private static string Around(string text, int at) => text[Math.Max(0, at - 60)..Math.Min(text.Length, at + 60)];
}
