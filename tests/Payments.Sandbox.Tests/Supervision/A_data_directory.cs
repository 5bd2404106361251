using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Tests.Supervision;

[UnsupportedOSPlatform("windows")]
public sealed class A_data_directory : IDisposable
{
    private readonly TemporaryDirectory parent = new();

    public void Dispose() => parent.Dispose();

    [Fact]
    public void Is_made_for_its_owner_only()
    {
        using var data = DataDirectory.Open(parent["a/b"], fresh: false);

        File.GetUnixFileMode(parent["a/b"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void Is_refused_when_it_holds_something_else()
    {
        File.WriteAllText(parent["thesis.txt"], "words");

        Should.Throw<SandboxException>(() => DataDirectory.Open(parent.Path, fresh: true)).Message.ShouldContain("was not made by ./run");
        Should.Throw<SandboxException>(() => DataDirectory.Open(parent["thesis.txt"], fresh: false)).Message.ShouldContain("is a file");
        File.Exists(parent["thesis.txt"]).ShouldBeTrue();
    }

    [Fact]
    public void Is_refused_to_a_second_run_until_the_first_has_ended()
    {
        using (DataDirectory.Open(parent["data"], fresh: false))
        {
            Should.Throw<SandboxException>(() => DataDirectory.Open(parent["data"], fresh: true)).Message.ShouldContain("Another ./run is using");
        }

        DataDirectory.Open(parent["data"], fresh: false).Dispose();
    }

    [Fact]
    public void Forgets_the_sandboxs_own_data_and_nothing_else_when_begun_afresh()
    {
        using (DataDirectory.Open(parent["data"], fresh: false))
        {
        }

        Directory.CreateDirectory(parent["data/postgres/cluster"]);
        File.WriteAllText(parent["data/secrets.json"], "{}");
        File.WriteAllText(parent["data/notes.txt"], "a person's own");

        using var data = DataDirectory.Open(parent["data"], fresh: true);

        Directory.GetFileSystemEntries(parent["data"]).Select(Path.GetFileName).Order().ShouldBe([".payments-sandbox", "notes.txt"]);
    }

    [Fact]
    public void No_longer_says_that_a_killed_run_is_ready()
    {
        using (DataDirectory.Open(parent["data"], fresh: false))
        {
        }

        File.WriteAllText(parent["data/sandbox.json"], "{}");

        using var data = DataDirectory.Open(parent["data"], fresh: false);

        File.Exists(parent["data/sandbox.json"]).ShouldBeFalse();
    }

    [Fact]
    public async Task Keeps_its_secrets_to_its_owner_and_from_run_to_run()
    {
        var first = await SandboxSecrets.LoadOrMakeAsync(parent["secrets.json"], default);
        var second = await SandboxSecrets.LoadOrMakeAsync(parent["secrets.json"], default);
        var other = await SandboxSecrets.LoadOrMakeAsync(parent["other.json"], default);

        second.ShouldBe(first);
        other.JwtSecret.ShouldNotBe(first.JwtSecret);
        first.StripeSecretKey.ShouldStartWith("sk_test_");
        first.WebhookSecret.ShouldStartWith("whsec_");
        File.GetUnixFileMode(parent["secrets.json"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        first.ToString().ShouldNotContain(first.JwtSecret);
    }

    [Fact]
    public async Task Gives_a_path_token_to_secrets_that_were_made_before_there_was_one()
    {
        var made = await SandboxSecrets.LoadOrMakeAsync(parent["secrets.json"], default);
        var json = JsonNode.Parse(await File.ReadAllTextAsync(parent["secrets.json"]))!.AsObject();
        json.Remove("webhookPathToken").ShouldBeTrue();
        await File.WriteAllTextAsync(parent["secrets.json"], json.ToJsonString());

        var taken = await SandboxSecrets.LoadOrMakeAsync(parent["secrets.json"], default);

        taken.WebhookPathToken.Length.ShouldBe(32);
        taken.ShouldBe(made with { WebhookPathToken = taken.WebhookPathToken });
        (await SandboxSecrets.LoadOrMakeAsync(parent["secrets.json"], default)).ShouldBe(taken);
    }

    [Fact]
    public async Task Says_so_when_its_secrets_are_damaged()
    {
        await File.WriteAllTextAsync(parent["secrets.json"], "{ \"jwtSecret\": ");

        (await Should.ThrowAsync<SandboxException>(() => SandboxSecrets.LoadOrMakeAsync(parent["secrets.json"], default))).Message.ShouldContain("--fresh");
    }
}
