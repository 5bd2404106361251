namespace Payments.Api.Tests.Clients;

/// <summary>The web pages have no build step, and types all the same: those of the API's document.</summary>
public sealed class Types_of_the_pages
{
    private static readonly NpmPackages Packages = new("clients");

    [Fact]
    public async Task Hold() => (await CheckAsync(_ => { })).ShouldBe(new Checked(0, ""));

    [Fact]
    public async Task Are_those_of_the_document()
    {
        var found = await CheckAsync(pages =>
        {
            File.WriteAllText(Path.Combine(pages, "assets", "planted.js"), """
                import { api } from './api.js';
                export const cases = async (/** @type {string} */ id) => [
                  (await api.get('users/me')).credits,
                  (await api.get('users/me')).colour,
                  await api.get(`payments/${id}/refunds`),
                  await api.get(`payments/${id}/returns`),
                  await api.post('payments/checkout-session', { creditPackId: id }),
                  await api.post('payments/checkout-session', { price: 1 }),
                ];
                """);
        });

        found.ExitCode.ShouldNotBe(0);
        found.Lines.ShouldContain("planted.js(4,");
        found.Lines.ShouldContain("planted.js(6,");
        found.Lines.ShouldContain("planted.js(8,");
        found.Lines.ShouldNotContain("planted.js(3,");
        found.Lines.ShouldNotContain("planted.js(5,");
        found.Lines.ShouldNotContain("planted.js(7,");
    }

    /// <summary>A copy of the pages, where the API's document stands in for the module that calls the API.</summary>
    private static async Task<Checked> CheckAsync(Action<string> change)
    {
        var clients = await Packages.FolderAsync();
        var folder = Directory.CreateDirectory(Path.Combine(clients, ".built", $"pages-{Guid.NewGuid():N}"));
        try
        {
            var pages = Path.Combine(folder.FullName, "wwwroot");
            var from = Path.Combine(NpmPackages.Repository, "src", "Payments.Api", "wwwroot");
            foreach (var script in Directory.EnumerateFiles(from, "*.js", SearchOption.AllDirectories))
            {
                var to = Path.Combine(pages, Path.GetRelativePath(from, script));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(script, to);
            }

            File.Move(Path.Combine(pages, "assets", "api.js"), Path.Combine(pages, "assets", "api-untyped.js"));
            File.Copy(Path.Combine(clients, "pages", "api.d.ts"), Path.Combine(pages, "assets", "api.d.ts"));
            File.Copy(Path.Combine(NpmPackages.Repository, "docs", "clients", "typescript", "payments.d.ts"), Path.Combine(pages, "payments.d.ts"));
            File.Copy(Path.Combine(clients, "pages", "tsconfig.json"), Path.Combine(folder.FullName, "tsconfig.json"));
            change(pages);
            var outcome = await Programs.RunAsync(Programs.Node, [Path.Combine(clients, "node_modules", "tsc", "bin", "tsc"), "--project", "."], folder.FullName);
            return new Checked(outcome.ExitCode, outcome.Output.Trim());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed record Checked(int ExitCode, string Lines);
}
