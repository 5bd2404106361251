using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Tests.Supervision;

/// <summary>Each is half a dozen processes: they run one after the other, and beside nothing else.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WholeSandboxes
{
    public const string Name = "Whole sandboxes";
}

/// <summary>One sandbox for all the facts that leave it running.</summary>
public sealed class SharedSandbox : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory directory = new();

    internal RunningSandbox Sandbox { get; private set; } = null!;

    internal string Data => directory["data"];

    public async Task InitializeAsync() => Sandbox = await RunningSandbox.StartAsync(Data);

    public async Task DisposeAsync() => await Sandbox.DisposeAsync();

    public void Dispose() => directory.Dispose();
}

[Collection(WholeSandboxes.Name)]
public sealed class A_running_sandbox(SharedSandbox shared) : IClassFixture<SharedSandbox>, IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Sells_ada_a_credit_pack_when_its_curl_tour_is_pasted_line_by_line()
    {
        var said = shared.Sandbox.Said;

        var (_, output) = await ChildProcess.RunAsync(new("bash", []), said[said.IndexOf("API=", StringComparison.Ordinal)..]);

        output.ShouldContain("\"credits\":100,\"subscriptionType\"");
        output.ShouldContain("\"subject\":\"Your payment for Starter is confirmed\"");
    }

    [Fact]
    public async Task Has_something_of_everything_to_sell_from_the_first_moment()
    {
        var packs = await ShelfAsync("credit-packs");
        packs.Select(p => p.GetProperty("price").GetProperty("currency").GetString()).Order().ShouldBe(["inr", "jpy", "usd", "usd", "usd"]);
        var plans = await ShelfAsync("plans");
        plans.Select(p => p.GetProperty("name").GetString()).Order().ShouldBe(["Monthly", "Plus", "Team", "Yearly"]);
        plans.Single(p => p.GetProperty("trialDays").GetInt32() == 14).GetProperty("name").GetString().ShouldBe("Plus");
        plans.Single(p => p.GetProperty("maximumQuantity").GetInt32() > 1).GetProperty("name").GetString().ShouldBe("Team");
        (await ShelfAsync("items")).Count.ShouldBe(3);
        var products = await ShelfAsync("products");
        products.Count.ShouldBe(3);
        products.Min(p => p.GetProperty("available").GetInt32()).ShouldBe(10);

        async Task<List<JsonElement>> ShelfAsync(string shelf)
        {
            using var http = new HttpClient { BaseAddress = new Uri(shared.Sandbox.File.GetProperty("api").GetString()! + "/api/v1/") };
            http.DefaultRequestHeaders.Authorization = new("Bearer", shared.Sandbox.File.GetProperty("tokens").GetProperty("grace").GetString());
            return [.. (await http.GetFromJsonAsync<JsonElement>(shelf)).GetProperty("items").EnumerateArray()];
        }
    }

    [Fact]
    public async Task Delivers_to_the_guarded_address_whose_token_nobody_guesses()
    {
        using var http = new HttpClient();
        using var customer = new HttpRequestMessage(HttpMethod.Post, $"{shared.Sandbox.File.GetProperty("stripe")}/v1/customers");
        customer.Headers.Authorization = new("Bearer", shared.Sandbox.File.GetProperty("stripeSecretKey").GetString());
        (await http.SendAsync(customer)).EnsureSuccessStatusCode();

        var url = "";
        await RunningSandbox.UntilAsync(
            async () =>
            {
                var deliveries = await http.GetFromJsonAsync<JsonElement>($"{shared.Sandbox.File.GetProperty("stripe").GetString()}/sandbox/deliveries?type=customer.created&status=delivered");
                url = deliveries.GetProperty("items").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } item ? item.GetProperty("url").GetString() : "";
                return url is { Length: > 0 };
            },
            "no event was delivered");
        url.ShouldNotBeNull().ShouldMatch($"^{shared.Sandbox.Api}/api/v1/webhooks/stripe/[A-Za-z0-9]{{32}}$");
        (await http.PostAsync(new Uri(url[..^1] + "-"), null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await http.PostAsync(new Uri(url), null)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await http.PostAsync(new Uri($"{shared.Sandbox.Api}/api/v1/webhooks/stripe"), null)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await File.ReadAllTextAsync(Path.Combine(shared.Data, "logs", "api.log"))).ShouldNotContain(url.Split('/')[^1]);
    }

    [Fact]
    public async Task Starts_again_whatever_dies_and_says_where_it_is_now()
    {
        foreach (var name in new[] { "api", "stripe", "postgres" })
        {
            var old = shared.Sandbox.Pid(name);
            Signals.Send(old, Signal.Kill);
            await shared.Sandbox.UntilReplacedAsync(name, old);
        }
    }

    [Fact]
    public async Task Has_its_data_to_itself_and_others_beside_it()
    {
        var (exitCode, complaint) = await RunningSandbox.TryAsync(shared.Data);
        exitCode.ShouldBe(1);
        complaint.ShouldContain("Another ./run is using");

        var port = new Uri(shared.Sandbox.Api).Port;
        (exitCode, complaint) = await RunningSandbox.TryAsync(directory["other"], "--port", $"{port}");
        exitCode.ShouldBe(1);
        complaint.ShouldContain($"Port {port} (the API's) is taken");

        await using var other = await RunningSandbox.StartAsync(directory["other"]);
        other.Api.ShouldNotBe(shared.Sandbox.Api);
        (await other.CreditsAsync("grace")).ShouldBe(0);
        (await shared.Sandbox.CreditsAsync("grace")).ShouldBe(0);
    }

    [Fact]
    public async Task Lets_the_api_work_as_a_role_that_owns_nothing()
    {
        await using var owner = NpgsqlDataSource.Create(PostgresAddress.ForNpgsql(shared.Sandbox.File.GetProperty("database").GetString()!) + ";Pooling=false");

        (await Ask("SELECT count(*) FROM pg_stat_activity WHERE usename = 'payments_app'")).ShouldBeGreaterThan(0);
        (await Ask("SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = 'payments_app'")).ShouldBe(0);
        (await Ask("SELECT count(*) FROM pg_roles WHERE rolname = 'payments_app' AND (rolsuper OR rolcreatedb OR rolcreaterole)")).ShouldBe(0);
        (await Ask("SELECT has_table_privilege('payments_app', 'payments.audit_log', 'UPDATE')::int + has_table_privilege('payments_app', 'payments.audit_log', 'DELETE')::int")).ShouldBe(0);

        async Task<long> Ask(string sql)
        {
            await using var command = owner.CreateCommand(sql);
            return Convert.ToInt64(await command.ExecuteScalarAsync());
        }
    }
}

[Collection(WholeSandboxes.Name)]
public sealed class The_end_of_a_sandbox : IDisposable
{
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(10);

    private readonly TemporaryDirectory directory = new();

    private string Data => directory["data"];

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Comes_in_time_and_whole_by_a_signal_or_a_kill_and_keeps_the_data_until_it_is_begun_afresh()
    {
        await using (var first = await RunningSandbox.StartAsync(Data))
        {
            await first.GrantAsync("grace", credits: 7);
            first.Processes.Count.ShouldBeGreaterThanOrEqualTo(4);

            var (exitCode, took) = await first.StopAsync(Signal.Interrupt);

            exitCode.ShouldBe(0);
            took.ShouldBeLessThan(Promptly);
            first.Processes.ShouldBeEmpty();
            File.Exists(Path.Combine(Data, "sandbox.json")).ShouldBeFalse();
        }

        await using (var second = await RunningSandbox.StartAsync(Data))
        {
            (await second.CreditsAsync("grace")).ShouldBe(7);

            await second.StopAsync(Signal.Kill);

            await RunningSandbox.UntilAsync(() => Task.FromResult(second.Processes.Count == 0), "something is still running after the supervisor was killed");
        }

        await using var third = await RunningSandbox.StartAsync(Data, "--fresh");
        (await third.CreditsAsync("grace")).ShouldBe(0);
    }
}

public sealed class Starting_a_sandbox
{
    [Fact]
    public async Task Leaves_a_database_alone_that_it_did_not_fill()
    {
        await using var postgres = await Sandbox.Postgres.PrivatePostgres.StartTemporaryAsync();
        await postgres.CreateDatabaseAsync("theirs");
        await postgres.CreateDatabaseAsync("empty");
        await using (var source = NpgsqlDataSource.Create(postgres.ConnectionString("theirs") + ";Pooling=false"))
        {
            await using var command = source.CreateCommand("CREATE TABLE thesis (words text)");
            await command.ExecuteNonQueryAsync();
        }

        (await Should.ThrowAsync<SandboxException>(() => SandboxDatabase.UseAsync(postgres.Url("theirs"), default))).Message.ShouldContain("did not fill");
        (await Should.ThrowAsync<SandboxException>(() => SandboxDatabase.UseAsync(postgres.Url("missing"), default))).Message.ShouldContain("cannot be used");
        await using var first = await SandboxDatabase.UseAsync(postgres.Url("empty"), default);
        await using var again = await SandboxDatabase.UseAsync(postgres.Url("empty"), default);
        again.Server.ShouldBeNull();
    }

    [Fact]
    public async Task Is_explained_by_its_script_without_building_anything()
    {
        var (exitCode, help) = await ChildProcess.RunAsync(new(Path.Combine(RunningSandbox.Root, "run"), ["--help"]));

        exitCode.ShouldBe(0);
        help.ShouldContain("--fresh");
        help.ShouldContain("STRIPE_SECRET_KEY=sk_test_");
    }

    [Fact]
    public async Task Is_refused_by_its_script_with_a_live_key_before_anything_is_built()
    {
        var (exitCode, complaint) = await ChildProcess.RunAsync(new(Path.Combine(RunningSandbox.Root, "run"), [])
        {
            Environment = new Dictionary<string, string?> { ["STRIPE_SECRET_KEY"] = "sk_live_4eC39HqLyjWDarjtT1zdp7dc" },
        });

        exitCode.ShouldBe(1);
        complaint.ShouldStartWith("STRIPE_SECRET_KEY is a live key.");
    }
}
