using System.Text.Json;
using System.Text.Json.Nodes;

namespace Payments.Sandbox.Tests.Judges;

/// <summary>Stripe's Node SDK reads the simulator: every scenario of tests/judges/sdk.mjs is a test here.</summary>
public sealed class StripeNodeSdkTests(StripeNodeSdkTests.Run run) : IClassFixture<StripeNodeSdkTests.Run>
{
    [Theory]
    [InlineData("customers")]
    [InlineData("lists")]
    [InlineData("sessions")]
    [InlineData("declined_and_expired_sessions")]
    [InlineData("discounts")]
    [InlineData("payment_intents")]
    [InlineData("saved_cards")]
    [InlineData("refunds")]
    [InlineData("disputes")]
    [InlineData("portal")]
    [InlineData("idempotency")]
    [InlineData("errors")]
    [InlineData("events")]
    [InlineData("subscriptions")]
    [InlineData("previews")]
    [InlineData("subscription_sessions")]
    [InlineData("retries_under_faults")]
    public void The_SDK_finds_what_it_finds_at_Stripe(string scenario)
    {
        run.Results.ContainsKey(scenario).ShouldBeTrue(run.Outcome.ToString());
        run.Results[scenario].ShouldBeNull();
    }

    [Fact]
    public void Whatever_the_simulator_answered_or_sent_is_as_Stripe_describes_it() => run.Faults.ShouldBeEmpty();

    [Fact]
    public void What_the_SDK_sends_is_as_Stripe_describes_it_or_was_refused() =>
        run.UnknownButAccepted.ShouldBeEmpty();

    [Fact]
    public void The_SDK_accepts_the_simulators_signatures_and_no_other()
    {
        run.Verdicts.Count.ShouldBeGreaterThan(50);
        run.Verdicts.ShouldAllBe(v => !v["good"]!.GetValue<string>().Contains(':', StringComparison.Ordinal));
        run.Verdicts.ShouldAllBe(v => v["changed"]!.GetValue<string>().StartsWith("StripeSignatureVerificationError", StringComparison.Ordinal));
        run.Verdicts.ShouldAllBe(v => v["otherSecret"]!.GetValue<string>().StartsWith("StripeSignatureVerificationError", StringComparison.Ordinal));
    }

    /// <summary>The SDK's scenarios, run once for all tests.</summary>
    public sealed class Run : IAsyncLifetime
    {
        /// <summary>By scenario: null, or what went wrong.</summary>
        public Dictionary<string, string?> Results { get; private set; } = new(StringComparer.Ordinal);

        public IReadOnlyList<string> Faults { get; private set; } = [];

        public IReadOnlyList<string> UnknownButAccepted { get; private set; } = [];

        public IReadOnlyList<JsonNode> Verdicts { get; private set; } = [];

        internal Programs.Outcome Outcome { get; private set; } = new(-1, string.Empty, string.Empty);

        public async Task InitializeAsync()
        {
            var folder = await JudgesPackages.FolderAsync();
            await using var stage = await Stage.OpenAsync();
            Outcome = await Programs.RunAsync(Programs.Node, ["sdk.mjs"], folder, new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["STRIPE_PORT"] = stage.Recorder.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["STRIPE_KEY"] = stage.Simulator.SecretKey,
                ["STRIPE_CONTROLS"] = stage.Simulator.Address.ToString(),
            });
            Results = Lines(Outcome.Output).ToDictionary(l => l["name"]!.GetValue<string>(), l => l["error"]?.GetValue<string>(), StringComparer.Ordinal);
            await stage.EventsAsync(stage.Recorder.Deliveries.Count);
            Faults = stage.Faults();
            UnknownButAccepted = [.. stage.UnknownButAccepted()];
            Verdicts = await JudgeAsync(stage, folder);
        }

        public Task DisposeAsync() => Task.CompletedTask;

        private static async Task<IReadOnlyList<JsonNode>> JudgeAsync(Stage stage, string folder)
        {
            var file = Path.GetTempFileName();
            try
            {
                await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
                {
                    secret = Stage.WebhookSecret,
                    deliveries = stage.Recorder.Deliveries.Select(d => new { signature = d.Signature, body = Convert.ToBase64String(d.Body) }),
                }));
                var outcome = await Programs.RunAsync(Programs.Node, ["webhooks.mjs", file], folder);
                outcome.ExitCode.ShouldBe(0, outcome.ToString());
                return Lines(outcome.Output);
            }
            finally
            {
                File.Delete(file);
            }
        }

        private static List<JsonNode> Lines(string output) =>
            [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];
    }
}
